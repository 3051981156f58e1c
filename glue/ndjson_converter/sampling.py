"""Which of many files are looked at before all of them are read."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_FIRST, _OTHERS = 16, 48


def sample(items: Sequence[T]) -> list[T]:
    """The first items, by which the order of columns is mostly decided, and others from everywhere, in their order;
    always the same ones.

    At random and not at equal distances, because files of one kind may stand at equal distances too.
    """
    others = range(_FIRST, len(items))
    chosen = sorted(Random(len(items)).sample(others, min(_OTHERS, len(others))))  # noqa: S311  # no secret
    return [*items[:_FIRST], *(items[index] for index in chosen)]
