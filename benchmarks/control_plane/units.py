"""What DynamoDB charges, computed from the items by its published rules.

The emulator answers with units too, but counts a read as one item whatever it read, a PartiQL statement as one unit and
a transaction without its index writes. The rules, from the DynamoDB developer guide:

- size: names and values in UTF-8; a number 1 byte per two digits and 1; a list or map 3 bytes and 1 per element
- write: 1 unit per KB begun of the larger of the item before and after; twice that in a transaction
- index write: 1 unit per KB begun to add or remove an entry, both when its key changes, none when nothing changes
- read: 1 unit per 4 KB begun, of all items of one call together; half of that unless it is consistent
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

Item = Mapping[str, Any]
"""An item in DynamoDB's form: attribute name -> {type: value}."""

INDEX_KEY = ("status", "date_prefix")
"""Key of `status-index`, which holds every attribute of the items that have one."""


def item_bytes(item: Item) -> int:
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def read_units(items: Iterable[Item], *, consistent: bool) -> float:
    """Units of one GetItem, or of one page of a query, that read these items; a read of nothing costs the minimum."""
    blocks = max(1, ceil(sum(map(item_bytes, items)) / 4096))
    return blocks if consistent else blocks / 2


def write_units(before: Item | None, after: Item | None, *, transactional: bool) -> int:
    """Units of one write, of the index's as well; the images are equal when a condition refused the write.

    The index follows a transaction once it is committed, so its write counts once.
    """
    larger = max(_kilobytes(before), _kilobytes(after), 1)
    return larger * (2 if transactional else 1) + _index_units(before, after)


def _index_units(before: Item | None, after: Item | None) -> int:
    old, new = _entry(before), _entry(after)
    if old == new:
        return 0
    if old and new and all(old[name] == new[name] for name in INDEX_KEY):
        return max(_kilobytes(old), _kilobytes(new))
    return _kilobytes(old) + _kilobytes(new)


def _entry(item: Item | None) -> Item | None:
    """What the index holds of an item; nothing when it lacks a part of the index's key."""
    return item if item and all(name in item for name in INDEX_KEY) else None


def _kilobytes(item: Item | None) -> int:
    return ceil(item_bytes(item) / 1024) if item else 0


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_bytes(content)
        case "NULL" | "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + _value_bytes(element) for element in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(element) for name, element in content.items())
    raise ValueError(f"no size is known for DynamoDB type {kind!r}; the tracking table uses S, N, NULL, BOOL, L, M")


def _number_bytes(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return 1 + ceil(len(digits) / 2) + text.startswith("-")
