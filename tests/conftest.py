"""How `make test` spreads the tests over processes: what shares a deployment stays together, and the longest begin."""

from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.runbooks.everything import EVERY_RUNBOOK

# Each has an `apply` or a server of its own, which its tests share. In the order in which they are handed out.
_TOGETHER = ("integration", "runbooks", "localstack", "terraform")
# All runbooks take most of an hour of waiting for alarms: then a deployment in every process is the lesser evil.
_ONE_DEPLOYMENT = tuple(tier for tier in _TOGETHER if not (EVERY_RUNBOOK and tier == "runbooks"))
# Five minutes of waiting for a deployment that changes, which a second deployment is worth.
_APART = "tests/integration/test_flag_flips.py"
# One JVM, which has to warm up once.
_LAKE = tuple(f"tests/component/test_lake_{name}.py" for name in ("jobs", "properties", "defects"))
_HERE = Path(__file__).parent


class _ByDeployment(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """A process takes all tests of a deployment, and of any other tier a file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in _LAKE:
            return "lake"
        tier = file.split("/")[1]
        return tier if tier in _ONE_DEPLOYMENT and file != _APART else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByDeployment:
    return _ByDeployment(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    tier = item.path.relative_to(_HERE).parts[0]
    return _TOGETHER.index(tier) if tier in _TOGETHER else len(_TOGETHER)
