"""Local NDJSON files, plain or gzip, as blocks of whole lines that fit in memory."""

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path
from typing import IO, cast

import numpy as np

from ndjson_converter import kernel
from ndjson_converter.compressed import TEXT_BYTES_PER_BYTE, is_compressed
from ndjson_converter.errors import StorageError

SUFFIXES = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")

# The rest of the last line of a block has so much room; a longer one costs a copy of the block.
_REST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Stretch:
    """The lines of a file that start from byte `start` to before byte `end`, and how many bytes of the disk that is.

    A gzip file is one stretch: it can only be read from its start.
    """

    path: Path
    start: int
    end: int | None
    size_bytes: int


@dataclass(frozen=True)
class Block:
    """Whole lines of a file. `offset` is where they start in the file, after decompression."""

    offset: int
    data: kernel.Lines


def find_files(inputs: Sequence[Path]) -> list[Path]:
    """The files that are meant: a folder stands for all NDJSON files below it, in the order of their names.

    Raises StorageError when an input is not there or no file, when a folder holds none or cannot be read, and when a
    file is meant twice.
    """
    files = [file for path in inputs for file in _files_of(path)]
    seen: set[Path] = set()
    for file in files:
        real = file.resolve()
        if real in seen:
            raise StorageError(f"{file} is named twice; its rows would be written twice")
        seen.add(real)
    return files


def _files_of(path: Path) -> list[Path]:
    if path == Path("-"):
        raise StorageError(
            "standard input cannot be converted: lines may have to be read twice; save it to a file first"
        )
    try:
        if path.is_dir():
            return _files_below(path)
        is_there, is_file = path.exists(), path.is_file()
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error}") from error
    if not is_there:
        raise StorageError(f"{path} does not exist")
    if not is_file:
        raise StorageError(f"{path} is a device or a pipe; lines may have to be read twice, so save it to a file first")
    return [path]


def _files_below(folder: Path) -> list[Path]:
    def fail(error: OSError) -> None:
        raise error

    # A walk of pathlib's own would leave out what it may not read, and say nothing.
    found = [Path(root, name) for root, _, names in os.walk(folder, onerror=fail) for name in names]
    files = sorted(file for file in found if file.name.lower().endswith(SUFFIXES) and file.is_file())
    if not files:
        raise StorageError(f"{folder} holds no file that ends with {', '.join(SUFFIXES)}")
    return files


def cut(path: Path, stretch_bytes: int) -> list[Stretch]:
    """The file in stretches of about `stretch_bytes`."""
    size = path.stat().st_size
    if is_compressed(path.name):
        return [Stretch(path, 0, None, size)]
    starts = range(0, max(size, 1), stretch_bytes)
    return [
        Stretch(path, start, min(start + stretch_bytes, size), min(start + stretch_bytes, size) - start)
        for start in starts
    ]


def read_blocks(stretch: Stretch, block_bytes: int) -> Iterator[Block]:
    """The lines of the stretch in blocks of about `block_bytes`; a longer line is a block of its own.

    Raises StorageError when the file cannot be read or decompressed.
    """
    with _opened(stretch.path) as file:
        offset = _first_line(file, stretch.start)
        likely_bytes = stretch.size_bytes * TEXT_BYTES_PER_BYTE + _REST_BYTES
        while stretch.end is None or offset < stretch.end:
            left = likely_bytes if stretch.end is None else stretch.end - offset
            block = Block(offset, _read_lines(file, min(block_bytes, left)))
            if not block.data.size:
                return
            offset += block.data.size
            yield block
            del block  # before the next one is read, so that its memory can be used again


def _read_lines(file: IO[bytes], size: int) -> kernel.Lines:
    """The next `size` bytes, unless the file ends, and the rest of the last line."""
    take = kernel.room_for(0).arena.take
    memory: kernel.Bytes = take(size + _REST_BYTES + kernel.PADDING, np.uint8)
    filled = cast(BufferedIOBase, file).readinto(memory[:size].data)
    rest = file.readline() if filled and memory[filled - 1] != ord("\n") else b""
    if len(rest) > _REST_BYTES:
        memory, start = take(filled + len(rest) + kernel.PADDING, np.uint8), memory
        memory[:filled] = start[:filled]
    memory[filled : filled + len(rest)] = np.frombuffer(rest, dtype=np.uint8)
    return kernel.Lines(memory, filled + len(rest))


def _first_line(file: IO[bytes], start: int) -> int:
    """Go to the first line that starts at or after byte `start`; returns where that is."""
    if start == 0:
        return 0
    file.seek(start - 1)
    return start - 1 + len(file.readline())


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    try:
        with cast(IO[bytes], gzip.open(path)) if is_compressed(path.name) else path.open("rb") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise StorageError(f"cannot read {path}: {error}") from error
