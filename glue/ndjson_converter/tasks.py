"""What runs inside the tasks: parse a source, write a part, give the rejects of a source. Nothing here knows Spark.

A task object travels to its worker by pickle and keeps one source file in memory at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from ndjson_converter.columns import KeyCounts, Schema
from ndjson_converter.compressed import decompressed
from ndjson_converter.errors import NotFoundError, UnreadableError
from ndjson_converter.lines import parse
from ndjson_converter.manifest import SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import ParsedFile, Rules
from ndjson_converter.parts import Part
from ndjson_converter.rejects import describe, reject_lines
from ndjson_converter.report import peak_memory_bytes
from ndjson_converter.s3 import Store
from ndjson_converter.spill import Spill
from ndjson_converter.tables import to_tables
from ndjson_converter.upload import SentUpload, uploading

_REJECTS_SHOWN = 3


@dataclass(frozen=True)
class MissingSource:
    """A source of which no row can be had: it is not there as the manifest pins it, or `is_unreadable`."""

    source: SourceFile
    reason: str
    is_unreadable: bool = False


@dataclass(frozen=True)
class ParsedSource:
    """What the driver must know of a parsed file; the values wait in the spill. `first_rejects` are descriptions."""

    source: SourceFile
    bytes_in: int
    lines_in: int
    lines_blank: int
    lines_rejected: int
    first_rejects: tuple[str, ...]
    keys: KeyCounts
    peak_memory_bytes: int


@dataclass(frozen=True)
class WrittenPart:
    """A part whose bytes S3 has, but nobody can see yet."""

    part: Part
    uri: str
    rows: int
    sent: SentUpload
    peak_memory_bytes: int


@dataclass(frozen=True)
class Reader:
    """Gets at parsed files: from the spill of this machine, else from S3."""

    store: Store
    rules: Rules
    spill: Spill

    def read(self, source: SourceFile) -> ParsedFile:
        """Parse the source. Raises what `text` raises."""
        return parse(self.text(source), source.uri, self.rules)

    def text(self, source: SourceFile) -> bytes:
        """The NDJSON of the source.

        Raises NotFoundError when its pinned version is gone, UnreadableError when it cannot be decompressed.
        """
        return decompressed(self.store.read_source(source), source.uri)

    def values(self, source: SourceFile) -> ParsedFile:
        return self.spill.load(source.index) or self.read(source)

    def rejects(self, source: SourceFile) -> bytes:
        return self.spill.load_rejects(source.index) or reject_lines(source.uri, self.read(source).rejects)


@dataclass(frozen=True)
class ParseTask:
    """Source -> spill and summary."""

    reader: Reader
    max_columns: int

    def __call__(self, source: SourceFile) -> ParsedSource | MissingSource:
        try:
            data = self.reader.text(source)
        except NotFoundError as error:
            return MissingSource(source, str(error))
        except UnreadableError as error:
            return MissingSource(source, str(error), is_unreadable=True)
        parsed = parse(data, source.uri, self.reader.rules)
        self.reader.spill.save(source.index, parsed)
        return ParsedSource(
            source=source,
            bytes_in=len(data),
            lines_in=parsed.lines_in,
            lines_blank=parsed.lines_blank,
            lines_rejected=len(parsed.rejects),
            first_rejects=tuple(describe(source.uri, reject) for reject in parsed.rejects[:_REJECTS_SHOWN]),
            keys=KeyCounts.of(parsed, self.max_columns),
            peak_memory_bytes=peak_memory_bytes(),
        )


@dataclass(frozen=True)
class WriteTask:
    """Part -> Parquet in a multipart upload that is left open; a failure aborts it."""

    reader: Reader
    schema: Schema
    timestamp: str
    uri_prefix: str

    def __call__(self, part: Part) -> WrittenPart:
        uri = f"{self.uri_prefix}{part.index:05d}.parquet"
        with uploading(self.reader.store, uri) as sink:
            rows = write_parquet(sink, self.schema.arrow, self._tables(part))
            return WrittenPart(part, uri, rows, sink.finish(), peak_memory_bytes())

    def _tables(self, part: Part) -> Iterator[pa.Table]:
        for source in part.files:
            yield from to_tables(self.reader.values(source), self.schema, self.timestamp)


@dataclass(frozen=True)
class RejectsTask:
    """Source -> its reject lines."""

    reader: Reader

    def __call__(self, source: SourceFile) -> bytes:
        return self.reader.rejects(source)
