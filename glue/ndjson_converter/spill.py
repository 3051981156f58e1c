"""Parsed files on local disk, between the pass that decides the schema and the one that writes the parts.

A spill is found by the run and the file's index alone, so any task of the same machine may use it, and a task that
does not find it parses the source again. The values are an Arrow IPC file, read by memory map; the rejects are lines
as they will be published.
"""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ndjson_converter.parsed import ParsedFile
from ndjson_converter.rejects import reject_lines


@dataclass(frozen=True)
class Spill:
    """The spilled files of one run, in `directory`."""

    directory: Path

    def save(self, index: int, parsed: ParsedFile) -> None:
        """Keep the file; a second writer of the same index replaces it with the same content, whole."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if parsed.rejects:
            with self._replacing(self._rejects(index)) as file:
                file.write(reject_lines(parsed.source, parsed.rejects))
        with self._replacing(self._values(index)) as file:
            _write_ipc(parsed, file)

    def load(self, index: int) -> ParsedFile | None:
        """The file without its rejects, or None when this machine has not parsed it."""
        path = self._values(index)
        return _from_ipc(path) if path.exists() else None

    def load_rejects(self, index: int) -> bytes | None:
        """The file's reject lines, or None when this machine has not found any."""
        path = self._rejects(index)
        return path.read_bytes() if path.exists() else None

    def _values(self, index: int) -> Path:
        return self.directory / f"{index:06d}.arrow"

    def _rejects(self, index: int) -> Path:
        return self.directory / f"{index:06d}.rejects.ndjson"

    @contextmanager
    def _replacing(self, path: Path) -> Iterator[pa.NativeFile]:
        """A file that takes the place of `path` when it is whole."""
        handle, temporary = tempfile.mkstemp(dir=self.directory)
        os.close(handle)
        with pa.OSFile(temporary, "wb") as file:
            yield file
        Path(temporary).replace(path)


def _write_ipc(parsed: ParsedFile, file: pa.NativeFile) -> None:
    about = {
        "source": parsed.source,
        "row_count": parsed.row_count,
        "lines_in": parsed.lines_in,
        "lines_blank": parsed.lines_blank,
        "keys": parsed.keys,
        "counts": parsed.counts.tolist(),
    }
    batch = pa.record_batch({"row": parsed.rows, "type": parsed.types, "text": parsed.texts})
    with pa.ipc.new_file(file, batch.schema.with_metadata({"about": json.dumps(about)})) as writer:
        writer.write_batch(batch)


def _from_ipc(path: Path) -> ParsedFile:
    reader = pa.ipc.open_file(pa.memory_map(str(path)))
    about = json.loads(reader.schema.metadata[b"about"])
    batch = reader.get_batch(0)
    return ParsedFile(
        source=about["source"],
        row_count=about["row_count"],
        lines_in=about["lines_in"],
        lines_blank=about["lines_blank"],
        keys=tuple(about["keys"]),
        counts=np.array(about["counts"], dtype=np.int64),
        rows=batch.column("row").to_numpy(),
        types=batch.column("type").to_numpy(),
        texts=batch.column("text"),
    )
