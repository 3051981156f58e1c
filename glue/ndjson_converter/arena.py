"""Memory for the arrays of one row group after the other: memory that is new to a process costs more time than the
lines in it.
"""

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

_BLOCK_BYTES = 32 * 1024 * 1024
_ALIGNMENT = 64
# Those of the list of blocks and of the call that counts.
_OWN_REFERENCES = 2


class Arena:
    """Gives out pieces of a few blocks of memory; a block is used again as soon as no piece of it is in use any more.

    Every piece refers to its block. So a piece that is kept for long costs memory, but is never overwritten. For one
    thread at a time; pieces may go to others.
    """

    def __init__(self, block_bytes: int = _BLOCK_BYTES) -> None:
        self._block_bytes = block_bytes
        self._blocks: list[npt.NDArray[np.uint8]] = []
        self._current = 0
        self._used = 0

    def take(self, count: int, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """An array of so many elements, without their content."""
        wanted = np.dtype(dtype)
        size = count * wanted.itemsize
        if not self._blocks or self._used + size > self._blocks[self._current].size or self._is_free(self._current):
            self._current = self._block_for(size)
            self._used = 0
        start = self._used
        self._used = -(-(start + size) // _ALIGNMENT) * _ALIGNMENT
        return self._blocks[self._current][start : start + size].view(wanted)

    def _block_for(self, size: int) -> int:
        """The number of a block that is free and large enough."""
        for number in range(len(self._blocks)):
            if self._is_free(number):
                if self._blocks[number].size < size:
                    self._blocks[number] = np.empty(size, dtype=np.uint8)
                return number
        self._blocks.append(np.empty(max(size, self._block_bytes), dtype=np.uint8))
        return len(self._blocks) - 1

    def _is_free(self, number: int) -> bool:
        return sys.getrefcount(self._blocks[number]) == _OWN_REFERENCES
