"""The export itself: batches are read in order, become text in several threads, and are written in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable, NamedTuple

import pyarrow as pa

from ndjson_export.framing import GZIP, Chunk, Framing, GzipTrailer, deflate
from ndjson_export.sinks import Sink
from ndjson_export.source import Source
from ndjson_export.texts import text_of


@dataclass(frozen=True)
class Progress:
    """How far an export is. `output_bytes` is what was written so far."""

    rows: int
    total_rows: int
    output_bytes: int

    @property
    def percent(self) -> int:
        """0..100; 100 only when all rows are written."""
        return self.rows * 100 // self.total_rows


Report = Callable[[Progress], None]


class _Piece(NamedTuple):
    rows: int
    text: Chunk
    written: Chunk


def export(source: Source, sink: Sink, framing: Framing, report: Report, threads: int = 0) -> Progress:
    """Write the rows of the source to the sink; returns what was written.

    `report` is called after each piece, in this thread; what it raises ends the export. Raises BadParquetError,
    StorageError. `threads` 0 is one per processor.
    """
    progress = Progress(0, source.total_rows, 0)
    trailer = GzipTrailer()
    is_gzip = framing.compression == GZIP
    written = sink.write(GzipTrailer.header) if is_gzip else 0
    for piece in _in_threads(source, framing, threads or os.cpu_count() or 1):
        if is_gzip:
            trailer.count(piece.text)
        written += sink.write(piece.written)
        progress = Progress(progress.rows + piece.rows, source.total_rows, written)
        report(progress)
    if is_gzip:
        trailer.count(framing.end)
        written += sink.write((deflate(framing.end) if framing.end else b"") + trailer.trailer)
    else:
        written += sink.write(framing.end)
    return Progress(progress.rows, source.total_rows, written)


def _in_threads(source: Source, framing: Framing, threads: int) -> Iterator[_Piece]:
    """The pieces in order. As many batches are in memory as there are threads, and one to be taken next."""
    pending: deque[Future[_Piece]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="export") as pool:
        try:
            is_first = True
            for batch in source.batches():
                pending.append(pool.submit(_piece, source, batch, framing, is_first))
                is_first = False
                del batch
                if len(pending) > threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _piece(source: Source, batch: pa.RecordBatch, framing: Framing, is_first: bool) -> _Piece:
    text: Chunk = text_of(source.rows(batch, framing.before_row, framing.behind_row))
    if is_first and framing.begin:
        text = framing.begin + bytes(text[1:])
    return _Piece(batch.num_rows, text, deflate(text) if framing.compression == GZIP else text)
