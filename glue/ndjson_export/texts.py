"""Columns of text: JSON strings, and pieces put together row by row.

Every function takes and gives Arrow arrays of type string without a Python object per value. Null stays null.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, Union

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Piece = Union[str, pa.Array]

# A column of 32-bit offsets holds no more.
MOST_BYTES = 2**31 - 1

_BACKSLASH, _QUOTE, _FIRST_PRINTABLE = ord("\\"), ord('"'), 0x20
_SHORT = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r", '"': '"', "\\": "\\"}


def _escapes() -> tuple[Bytes, Bytes]:
    """For each byte that has an escape: how many bytes it has more than one, and all of them."""
    more = np.zeros(256, dtype=np.uint8)
    texts = np.zeros((256, 6), dtype=np.uint8)
    for code in (*range(_FIRST_PRINTABLE), _QUOTE, _BACKSLASH):
        short = _SHORT.get(chr(code))
        text = f"\\{short}" if short else f"\\u{code:04x}"
        more[code] = len(text) - 1
        texts[code, : len(text)] = np.frombuffer(text.encode(), dtype=np.uint8)
    return more, texts


_MORE, _ESCAPES = _escapes()


class Tokens(NamedTuple):
    """JSON values as text, null for null, and the marks that belong before and behind each: `"` for strings.

    The marks are put around the texts when those are joined with others anyway, and so is `rest`, what each text ends
    with.
    """

    texts: pa.Array
    left: str = ""
    right: str = ""
    rest: pa.Array | None = None

    @property
    def are_alone(self) -> bool:
        """Whether the texts are whole but for their marks, and none is null."""
        return self.rest is None and not self.texts.null_count

    @property
    def whole(self) -> pa.Array:
        """The texts with all that belongs to them."""
        is_whole = self.rest is None and not self.left and not self.right
        return self.texts if is_whole else join(self.with_marks("", ""))

    def between(self, before: str, behind: str) -> list[Piece]:
        """The pieces of which a row has the value between two other texts, which it has for a null too."""
        return [before, self.whole, behind] if self.texts.null_count else self.with_marks(before, behind)

    def with_marks(self, before: str, behind: str) -> list[Piece]:
        """The pieces of which a row has the value between two other texts; for null they mean nothing."""
        rest = [] if self.rest is None else [self.rest]
        return [before + self.left, self.texts, *rest, self.right + behind]


class Words:
    """The JSON values of a dictionary. Many batches have the same one, so what stands around the values is kept."""

    def __init__(self, dictionary: pa.Array, values: Tokens | Coded) -> None:
        self.dictionary = dictionary
        self.whole = values.whole
        self._between: dict[tuple[str, str], pa.Array] = {}

    def between(self, before: str, behind: str) -> pa.Array:
        """The values between two other texts, and at the end the same with the word null."""
        words = self._between.get((before, behind))
        if words is None:
            with_null = pa.concat_arrays([or_null(self.whole), pa.array(["null"], pa.string())])
            self._between[before, behind] = words = join([before, with_null, behind])
        return words


class Coded(NamedTuple):
    """JSON values of which few are different: each row has the place of its value, null for null."""

    words: Words
    places: pa.Array

    @property
    def whole(self) -> pa.Array:
        """The text of each row with its marks."""
        return self.words.whole.take(self.places)

    def between(self, before: str, behind: str) -> list[Piece]:
        """The piece that a row has: the other two texts are put around the few values, not around each row's."""
        words = self.words.between(before, behind)
        return [words.take(pc.fill_null(self.places, len(words) - 1))]


def in_quotes(texts: pa.Array) -> Tokens:
    """JSON strings of texts in which nothing needs an escape."""
    return Tokens(texts, '"', '"')


def quote(array: pa.Array) -> pa.Array:
    """JSON strings of texts."""
    return in_quotes(escape(array)).whole


def escape(array: pa.Array) -> pa.Array:
    """The texts for between quotation marks: what RFC 8259 demands is escaped, everything else is as it was."""
    offsets, raw = contents(array)
    # With the bit that tells them apart turned over, the quotation mark is where the blank was: behind all controls.
    places = np.flatnonzero(((raw ^ (_QUOTE ^ _FIRST_PRINTABLE)) <= _FIRST_PRINTABLE) | (raw == _BACKSLASH))
    if not len(places):
        return array
    codes = raw[places]
    if np.all(_MORE[codes] == 1):
        check_size(len(raw) + len(places))
        escaped = _with_backslashes(raw, places, _ESCAPES[codes, 1])
        return from_contents(offsets + np.searchsorted(places, offsets), escaped, array)
    more = _MORE[codes].astype(np.int64)
    ends = np.cumsum(more)
    check_size(len(raw) + int(ends[-1]))
    starts = places + ends - more
    escaped = insert(raw, starts, more)
    for byte in range(int(more.max()) + 1):
        has = more >= byte
        escaped[starts[has] + byte] = _ESCAPES[codes[has], byte]
    added = np.concatenate([[0], ends])
    return from_contents(offsets + added[np.searchsorted(places, offsets)], escaped, array)


def _with_backslashes(raw: Bytes, places: Offsets, letters: Bytes) -> Bytes:
    """A backslash before each of the places, and in it the letter.

    What lies between two places is copied as a whole, as an element of a list that backslashes join.
    """
    changed = raw.copy()
    changed[places] = letters
    cuts = np.concatenate([[0], places, [len(raw)]]).astype(np.int32)
    buffers = [None, pa.py_buffer(cuts), pa.py_buffer(changed)]
    pieces = pa.Array.from_buffers(pa.binary(), len(cuts) - 1, buffers)
    lists = pa.ListArray.from_arrays(pa.array([0, len(pieces)], pa.int32()), pieces)
    return contents(pc.binary_join(lists, b"\\"))[1]


def insert(raw: Bytes, starts: Offsets, sizes: Offsets) -> Bytes:
    """The bytes with gaps of `sizes` that begin at `starts` of the result; what is in a gap is to be written."""
    total = len(raw) + int(sizes.sum())
    is_old = np.ones(total, dtype=np.bool_)
    least = int(sizes.min(initial=0))
    for byte in range(int(sizes.max(initial=0))):
        is_old[(starts if byte < least else starts[sizes > byte]) + byte] = False
    result = np.empty(total, dtype=np.uint8)
    result[is_old] = raw
    return result


def join(pieces: Sequence[Piece]) -> pa.Array:
    """The pieces of each row one after the other; null where one is null."""
    return pc.binary_join_element_wise(*_datums(pieces), "", null_handling="emit_null")


def join_or_null(pieces: Sequence[Piece]) -> pa.Array:
    """The pieces of each row one after the other, the word null in the place of one that is."""
    return pc.binary_join_element_wise(*_datums(pieces), "", null_handling="replace", null_replacement="null")


def join_or_nothing(pieces: Sequence[Piece]) -> pa.Array:
    """The pieces of each row one after the other, nothing in the place of one that is null."""
    return pc.binary_join_element_wise(*_datums(pieces), "", null_handling="replace", null_replacement="")


def cut(array: pa.Array, left: int, right: int) -> pa.Array:
    """The texts without so many bytes at their ends; those that have fewer as they are."""
    offsets, raw = contents(array)
    is_cut = np.diff(offsets) >= left + right
    is_kept = np.ones(len(raw), dtype=np.bool_)
    for byte in range(left):
        is_kept[offsets[:-1][is_cut] + byte] = False
    for byte in range(right):
        is_kept[offsets[1:][is_cut] - 1 - byte] = False
    removed = np.concatenate([[0], np.cumsum(is_cut)]) * (left + right)
    return from_contents(offsets - removed, raw[is_kept], array)


def as_string(array: pa.Array) -> pa.Array:
    """The texts with 32-bit offsets."""
    return array if pa.types.is_string(array.type) else pc.cast(array, pa.string())


def or_null(array: pa.Array) -> pa.Array:
    """The word null in the place of null."""
    return pc.fill_null(array, "null") if array.null_count else array


def contents(array: pa.Array) -> tuple[Offsets, Bytes]:
    """Where each value begins and the last ends, from 0, and the bytes of all."""
    _, offsets_buffer, data = array.buffers()
    if not len(array):
        return np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.uint8)
    offsets = np.frombuffer(offsets_buffer, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    first, end = int(offsets[0]), int(offsets[-1])
    raw = np.frombuffer(data, dtype=np.uint8)[first:end] if data else np.empty(0, dtype=np.uint8)
    return offsets.astype(np.int64) - first, raw


def from_contents(offsets: Offsets, raw: Bytes, like: pa.Array) -> pa.Array:
    """An array of text with the nulls of `like`."""
    check_size(len(raw))
    buffers = [validity(like), pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(raw)]
    return pa.Array.from_buffers(pa.string(), len(like), buffers, like.null_count)


def with_nulls_of(array: pa.Array, like: pa.Array) -> pa.Array:
    """The texts, null also where `like` is."""
    if not like.null_count:
        return array
    return pc.if_else(like.is_valid(), array, pa.scalar(None, pa.string()))


def validity(array: pa.Array) -> Any:
    """The bitmap of the values that are not null, from bit 0; None when all are."""
    if not array.null_count:
        return None
    is_valid = array.is_valid().to_numpy(zero_copy_only=False)
    return pa.py_buffer(np.packbits(is_valid, bitorder="little"))


def check_size(size_bytes: int) -> None:
    """Raises ValueError for more bytes than a column of text holds."""
    if size_bytes > MOST_BYTES:
        raise ValueError(f"{size_bytes} bytes of text are more than a batch holds")


def _datums(pieces: Sequence[Piece]) -> list[Any]:
    """What Arrow joins, texts that stand side by side as one: each piece costs time in every row."""
    datums: list[Any] = []
    for is_text, neighbours in groupby(pieces, lambda piece: isinstance(piece, str)):
        if not is_text:
            datums += neighbours
        elif text := "".join(map(str, neighbours)):
            datums.append(_scalar(text))
    return datums


@lru_cache(maxsize=16 * 1024)
def _scalar(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.string())


def text_of(array: pa.Array) -> memoryview:
    """The texts one after the other; a view of the array's memory."""
    _, raw = contents(array)
    return raw.data
