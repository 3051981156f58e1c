"""How `make test` spreads the tests over processes: what shares a deployment stays together, and the longest begin."""

from pathlib import Path

import pytest

# Each has an `apply` or a server of its own, which its tests share. In the order in which they are handed out.
_TOGETHER = ("integration", "localstack", "terraform")
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_turn)


def _group(item: pytest.Item) -> str:
    tier = _tier(item)
    return tier if tier in _TOGETHER else str(item.path)


def _turn(item: pytest.Item) -> int:
    tier = _tier(item)
    return _TOGETHER.index(tier) if tier in _TOGETHER else len(_TOGETHER)


def _tier(item: pytest.Item) -> str:
    return item.path.relative_to(_HERE).parts[0]
