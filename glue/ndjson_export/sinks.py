"""Where an export is written to. Nothing is visible there until all of it is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from ndjson_export.errors import StorageError
from ndjson_export.framing import Chunk


class Sink(Protocol):
    """Writable once, from start to end."""

    def write(self, chunk: Chunk) -> int:
        """Take the chunk whole; returns its bytes. Raises StorageError."""


class FileSink:
    """A file of this machine."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, chunk: Chunk) -> int:
        try:
            return self._file.write(chunk)
        except OSError as error:
            raise StorageError(f"cannot write {self._path}: {error}") from error


@contextmanager
def replacing(path: Path) -> Iterator[FileSink]:
    """A sink whose file appears, or replaces the one that is there, when the block ends well."""
    try:
        with tempfile.TemporaryDirectory(prefix=".exporting-", dir=path.parent) as folder:
            whole = Path(folder) / path.name
            with whole.open("wb") as file:
                yield FileSink(file, path)
            whole.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error}") from error
