"""What runs inside the tasks: read sources, write a part. Nothing here knows Spark.

A task object travels to its worker by pickle, and keeps a few source files in memory at a time.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ndjson_converter.columns import KeyCounts, Schema
from ndjson_converter.compressed import decompressed, is_compressed
from ndjson_converter.errors import NotFoundError, UnreadableError
from ndjson_converter.lines import parse, survey
from ndjson_converter.manifest import SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import ParsedFile, Reject, Rules
from ndjson_converter.parts import Part, text_bytes
from ndjson_converter.read_ahead import read_ahead
from ndjson_converter.rejects import describe
from ndjson_converter.report import peak_memory_bytes
from ndjson_converter.s3 import Store
from ndjson_converter.tables import to_tables
from ndjson_converter.upload import SentUpload, uploading

_REJECTS_SHOWN = 3
_SAMPLE_BYTES = 128 * 1024
# Text is parsed in pieces of about so many bytes, which nearly every source is below.
_PIECE_BYTES = 24 * 1024 * 1024
# So much text waits, parsed, for the one that is being written.
_AHEAD_BYTES = 16 * 1024 * 1024

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MissingSource:
    """A source of which no row can be had: it is not there as the manifest pins it, or `is_unreadable`."""

    source: SourceFile
    reason: str
    is_unreadable: bool = False


@dataclass
class ReadSource:
    """What the driver must know of a file that was read. `first_rejects` are descriptions, `keys` are those of each
    piece.
    """

    source: SourceFile
    bytes_in: int = 0
    lines_in: int = 0
    lines_blank: int = 0
    lines_rejected: int = 0
    rejected_by_reason: Counter[str] = field(default_factory=Counter)
    first_rejects: list[str] = field(default_factory=list)
    keys: list[KeyCounts] = field(default_factory=list)

    def add(self, piece: "Piece", parsed: ParsedFile, max_columns: int) -> None:
        """Take in the next piece."""
        for reject in parsed.rejects[: _REJECTS_SHOWN - len(self.first_rejects)]:
            moved = reject.moved(self.lines_in + self.lines_blank, piece.offset)
            self.first_rejects.append(describe(self.source.uri, moved))
        self.bytes_in += parsed.bytes_in
        self.lines_in += parsed.lines_in
        self.lines_blank += parsed.lines_blank
        self.lines_rejected += len(parsed.rejects)
        self.rejected_by_reason.update(reject.reason for reject in parsed.rejects)
        self.keys.append(KeyCounts.of(parsed, max_columns))


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
class Piece:
    """Whole lines of a source, and where they start."""

    offset: int
    text: memoryview


@dataclass(frozen=True)
class Reader:
    """Gets at the sources. While one is written, as many threads as `ahead` read the next, because S3 lets one wait."""

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
            return self.text(source)[:_SAMPLE_BYTES]
        start = self.store.read_source(source, _SAMPLE_BYTES)
        return start[: start.rfind(b"\n") + 1]

    def sample(self, source: SourceFile) -> KeyCounts | None:
        """The keys of the first lines of the source; None when it cannot be read."""
        try:
            return survey(self.start_of(source), self.rules, self.max_columns).keys
        except (NotFoundError, UnreadableError):
            return None

    def rejects(self, source: SourceFile) -> Iterator[Reject]:
        """The rejected lines of the source. Raises what `text` raises."""
        lines = 0
        for piece in pieces(self.text(source)):
            found = survey(piece.text, self.rules, self.max_columns, at_start=piece.offset == 0)
            yield from (reject.moved(lines, piece.offset) for reject in found.rejects)
            lines += found.lines

    def parse_all(self, sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, "Parsing | MissingSource"]]:
        """Each source, being parsed piece by piece, or as missing."""
        return read_ahead(self._parse_or_miss, sources, self.ahead, _is_enough)

    def _parse_or_miss(self, source: SourceFile) -> "Parsing | MissingSource":
        try:
            text = self.text(source)
        except NotFoundError as error:
            return MissingSource(source, str(error))
        except UnreadableError as error:
            return MissingSource(source, str(error), is_unreadable=True)
        if len(text) > _PIECE_BYTES:
            return ((piece, self._parse(source, piece)) for piece in pieces(text))
        piece = Piece(0, memoryview(text))
        return iter([(piece, self._parse(source, piece))])

    def _parse(self, source: SourceFile, piece: Piece) -> ParsedFile:
        return parse(piece.text, source.uri, self.rules, at_start=piece.offset == 0)


Parsing = Iterator[tuple[Piece, ParsedFile]]


def pieces(text: bytes, size: int = _PIECE_BYTES) -> Iterator[Piece]:
    """The text in pieces of about `size` bytes; a longer line is a piece of its own."""
    start = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + size) + 1 or text.find(b"\n", start) + 1 or len(text)
        if start + size >= len(text):
            end = len(text)
        yield Piece(start, memoryview(text)[start:end])
        start = end


def _is_enough(waiting: Sequence[SourceFile]) -> bool:
    return sum(map(text_bytes, waiting)) >= _AHEAD_BYTES


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
        _logger.info(
            "part %s",
            "written" if sent else "read, with nothing to be seen",
            extra={"uri": uri, "rows": rows, "sources": [file.uri for file in part.files]},
        )
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

    def tables(self) -> Iterator[pa.Table]:
        for source, parsing in self.reader.parse_all(self.part.files):
            if isinstance(parsing, MissingSource):
                self.seen.append(parsing)
                continue
            facts = ReadSource(source)
            for piece, parsed in parsing:
                facts.add(piece, parsed, self.reader.max_columns)
                self.has_other_keys = self.has_other_keys or not self.schema.has_room_for(facts.keys[-1])
                if not self.has_other_keys:
                    yield from to_tables(parsed, self.schema, self.timestamp)
                del parsed  # before the next one is taken, so that its memory can be used again
            self.seen.append(facts)
            del parsing
