"""Memory for the arrays of one row group after the other: memory that is new to a process costs more time than the
lines in it.
"""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

_BYTES = 96 * 1024 * 1024
_ALIGNMENT = 64


class Arena:
    """Gives out pieces of one block of memory, from its start again as soon as no piece of it is in use any more.

    Every piece refers to the block. So a piece that is kept for long costs memory, but is never overwritten: then the
    next one that does not fit behind it is in a new block. For one thread at a time.
    """

    def __init__(self, size: int = _BYTES) -> None:
        self._block = np.empty(size, dtype=np.uint8)
        self._used = 0
        self._own_references = sys.getrefcount(self._block)

    def take(self, count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array of so many elements, without their content."""
        wanted = np.dtype(dtype)
        size = count * wanted.itemsize
        if sys.getrefcount(self._block) == self._own_references:
            self._used = 0
        if self._used + size > self._block.size:
            self._block = np.empty(max(size, self._block.size), dtype=np.uint8)
            self._used = 0
        start = self._used
        self._used = -(-(start + size) // _ALIGNMENT) * _ALIGNMENT
        return self._block[start : start + size].view(wanted)
