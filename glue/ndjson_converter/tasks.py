"""What runs inside the tasks: look at the start of a source, write a part. Nothing here knows Spark.

A task object travels to its worker by pickle, and keeps a few source files in memory at a time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from ndjson_converter.columns import KeyCounts, Schema
from ndjson_converter.compressed import decompressed, is_compressed
from ndjson_converter.errors import NotFoundError, UnreadableError
from ndjson_converter.lines import parse, survey
from ndjson_converter.manifest import SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import ParsedFile, Rules
from ndjson_converter.parts import Part
from ndjson_converter.read_ahead import read_ahead
from ndjson_converter.rejects import describe, reject_line
from ndjson_converter.report import peak_memory_bytes
from ndjson_converter.s3 import Store
from ndjson_converter.tables import to_tables
from ndjson_converter.upload import SentUpload, uploading

_REJECTS_SHOWN = 3
_SAMPLE_BYTES = 128 * 1024


@dataclass(frozen=True)
class MissingSource:
    """A source of which no row can be had: it is not there as the manifest pins it, or `is_unreadable`."""

    source: SourceFile
    reason: str
    is_unreadable: bool = False


@dataclass(frozen=True)
class ReadSource:
    """What the driver must know of a file that was read. `first_rejects` are descriptions."""

    source: SourceFile
    bytes_in: int
    lines_in: int
    lines_blank: int
    lines_rejected: int
    first_rejects: tuple[str, ...]
    keys: KeyCounts


@dataclass(frozen=True)
class WrittenPart:
    """A part whose bytes S3 has, but nobody can see yet; and what became of its sources.

    `sent` is None when there is nothing to be seen: no row, or one with a key for which there was no column.
    """

    uri: str
    sources: tuple[ReadSource | MissingSource, ...]
    rows: int
    sent: SentUpload | None
    peak_memory_bytes: int


@dataclass(frozen=True)
class Reader:
    """Gets at the sources. So many of them are read before they are asked for, because S3 lets one wait."""

    store: Store
    rules: Rules
    max_columns: int
    ahead: int

    def text(self, source: SourceFile) -> bytes:
        """The NDJSON of the source.

        Raises NotFoundError when its pinned version is gone, UnreadableError when it cannot be decompressed.
        """
        return decompressed(self.store.read_source(source), source.uri)

    def start_of(self, source: SourceFile) -> bytes:
        """Whole lines from the start of the source. Raises what `text` raises."""
        if source.size_bytes <= _SAMPLE_BYTES or is_compressed(source.uri):
            return self.text(source)
        start = self.store.read_source(source, _SAMPLE_BYTES)
        return start[: start.rfind(b"\n") + 1]

    def reject_lines(self, source: SourceFile) -> Iterator[bytes]:
        """The rejected lines of the source, as they are published. Raises what `text` raises."""
        for reject in survey(self.text(source), self.rules, self.max_columns).rejects:
            yield reject_line(source.uri, reject)

    def parse_or_miss(self, source: SourceFile) -> ParsedFile | MissingSource:
        try:
            return parse(self.text(source), source.uri, self.rules)
        except NotFoundError as error:
            return MissingSource(source, str(error))
        except UnreadableError as error:
            return MissingSource(source, str(error), is_unreadable=True)


@dataclass(frozen=True)
class SampleTask:
    """Source -> the keys of its first lines; None when it cannot be read."""

    reader: Reader

    def __call__(self, source: SourceFile) -> KeyCounts | None:
        try:
            return survey(self.reader.start_of(source), self.reader.rules, self.reader.max_columns).keys
        except (NotFoundError, UnreadableError):
            return None


@dataclass(frozen=True)
class WriteTask:
    """Part -> Parquet in a multipart upload that is left open; a failure aborts it."""

    reader: Reader
    schema: Schema
    timestamp: str
    uri_prefix: str

    def __call__(self, part: Part) -> WrittenPart:
        uri = f"{self.uri_prefix}{part.index:05d}.parquet"
        sources = _Sources(self.reader, self.schema, self.timestamp, part)
        with uploading(self.reader.store, uri) as sink:
            rows = write_parquet(sink, self.schema.arrow, sources.tables())
            sent = None
            if rows and not sources.has_other_keys:
                sent = sink.finish()
            else:
                sink.abort()
        return WrittenPart(uri, tuple(sources.seen), rows, sent, peak_memory_bytes())


@dataclass
class _Sources:
    """The sources of a part while it is written. `has_other_keys` says that one has a key without a column: from then
    on they are only read, for their keys.
    """

    reader: Reader
    schema: Schema
    timestamp: str
    part: Part
    seen: list[ReadSource | MissingSource] = field(default_factory=list)
    has_other_keys: bool = False

    @cached_property
    def _known(self) -> Callable[[ParsedFile], bool]:
        columns = frozenset(self.schema.keys)
        return lambda parsed: bool(self.schema.overflow_keys) or columns.issuperset(parsed.keys)

    def tables(self) -> Iterator[pa.Table]:
        for source, parsed in read_ahead(self.reader.parse_or_miss, self.part.files, self.reader.ahead):
            if isinstance(parsed, MissingSource):
                self.seen.append(parsed)
                continue
            self.seen.append(self._describe(source, parsed))
            self.has_other_keys = self.has_other_keys or not self._known(parsed)
            if not self.has_other_keys:
                yield from to_tables(parsed, self.schema, self.timestamp)
            del parsed  # before the next one is taken, so that its memory can be used again

    def _describe(self, source: SourceFile, parsed: ParsedFile) -> ReadSource:
        return ReadSource(
            source=source,
            bytes_in=parsed.bytes_in,
            lines_in=parsed.lines_in,
            lines_blank=parsed.lines_blank,
            lines_rejected=len(parsed.rejects),
            first_rejects=tuple(describe(source.uri, reject) for reject in parsed.rejects[:_REJECTS_SHOWN]),
            keys=KeyCounts.of(parsed, self.reader.max_columns),
        )
