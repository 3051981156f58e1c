"""A Parquet file as a stream of batches of bounded size, and what is wrong with one in words that need no engineer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Union

import pyarrow as pa
import pyarrow.parquet as pq

from ndjson_export.errors import BadParquetError
from ndjson_export.extensions import forbid_foreign_code
from ndjson_export.pipeline import pipeline_rows
from ndjson_export.rows import Rows, rows_of
from ndjson_export.weights import BATCH_BYTES, Batches, rows_at_once, weigh

# Every open column holds a page or two while a row group is read; with more columns memory would grow with them.
MOST_COLUMNS = 5_000
MOST_FOOTER_BYTES = 128 * 1024 * 1024
# For the bytes as they are in the file, of all columns together, and for each.
_READ_BYTES = 64 * 1024 * 1024
_LEAST_READ_BYTES, _MOST_READ_BYTES = 64 * 1024, 4 * 1024 * 1024

File = Union[BinaryIO, io.RawIOBase]

# Bytes per value in the file of a column that is all places in a dictionary: texts of their own have more.
_MOST_CODED_BYTES = 2.5

_MAGIC, _ENCRYPTED_MAGIC = b"PAR1", b"PARE"
_FOOTER_BYTES = 8
_SMALLEST_FILE = len(_MAGIC) + _FOOTER_BYTES
_OTHER_FORMATS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"ARROW1", "an Arrow or Feather file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"{", "JSON text"),
    (b"[", "JSON text"),
)
# What pyarrow says of a file that is well, but not for it.
_KNOWN_LIMITS = (
    (("crypt",), "The file is encrypted, or some of its columns are: write it without encryption and upload it again"),
    (("lists to be of size",), "The file has a list of a fixed size that is null, which cannot be read here"),
    (
        ("not implemented", "codec", "unsupported", "not yet"),
        "The file uses a part of Parquet that cannot be read here",
    ),
)


@dataclass(frozen=True)
class Ends:
    """The first and the last bytes of a file, up to 16 of each, and its size."""

    size_bytes: int
    first: bytes
    last: bytes

    @classmethod
    def of(cls, file: File) -> Ends:
        size = file.seek(0, 2)
        file.seek(0)
        first = file.read(16)
        file.seek(max(0, size - 16))
        return cls(size, first, file.read(16))


def check_ends(ends: Ends) -> None:
    """Raises BadParquetError when the bytes alone say that the file is no Parquet that can be read."""
    if not ends.size_bytes:
        raise BadParquetError("The file is empty: it has no bytes.")
    if ends.first.startswith(_ENCRYPTED_MAGIC) or ends.last.endswith(_ENCRYPTED_MAGIC):
        raise BadParquetError("The file is encrypted. Write it without encryption and upload it again.")
    if not ends.first.startswith(_MAGIC):
        looks = next((name for start, name in _OTHER_FORMATS if ends.first.startswith(start)), None)
        raise BadParquetError(f"The file is not Parquet{f': it looks like {looks}' if looks else ''}.")
    if ends.size_bytes < _SMALLEST_FILE or not ends.last.endswith(_MAGIC):
        raise BadParquetError(
            f"The file is cut off: it begins as Parquet, but its end is missing after {ends.size_bytes:,} bytes. "
            "Upload it again, whole."
        )
    footer = int.from_bytes(ends.last[-_FOOTER_BYTES:-4], "little")
    if footer + _SMALLEST_FILE > ends.size_bytes:
        raise BadParquetError("The file is damaged: its table of contents is longer than the file. Upload it again.")
    if footer > MOST_FOOTER_BYTES:
        raise BadParquetError(
            f"The file's table of contents has {footer / 1e6:,.0f} MB, and at most {MOST_FOOTER_BYTES / 1e6:,.0f} MB "
            "can be read. Write it with fewer columns or larger row groups."
        )


def check_contents(rows: int, columns: int) -> None:
    """Raises BadParquetError when there is nothing to export, or more columns than memory has room for."""
    if not columns:
        raise BadParquetError("The file has no columns, so there is nothing to export.")
    if columns > MOST_COLUMNS:
        raise BadParquetError(
            f"The file has {columns:,} columns, and at most {MOST_COLUMNS:,} can be exported. "
            "Write it as several files with fewer columns."
        )
    if not rows:
        raise BadParquetError("The file has columns but no rows, so there is nothing to export.")


def _prove_readable(file: File, metadata: pq.FileMetaData) -> None:
    """Read the first value of each column that `coded_columns` asks about. pyarrow ends the process when it is asked
    about a column that is encrypted or damaged in the table of contents; reading one is an error that can be caught.
    """
    columns = [metadata.schema.column(place).path for place in places_of_texts(metadata.schema)]
    if columns:
        with _in_words("its first row cannot be read"):
            first = pq.ParquetFile(file, metadata=metadata, buffer_size=_LEAST_READ_BYTES)
            next(first.iter_batches(1, columns=columns, use_threads=False), None)


def places_of_texts(schema: pq.ParquetSchema) -> list[int]:
    """The columns, nested ones too, whose values may be places in a dictionary of texts or bytes."""
    return [place for place in range(len(schema)) if schema.column(place).physical_type == "BYTE_ARRAY"]


def coded_columns(metadata: pq.FileMetaData) -> list[str]:
    """The paths of those whose values repeat so much that they are read as places in a dictionary."""
    group = metadata.row_group(0)
    columns = (group.column(place) for place in places_of_texts(metadata.schema))
    return [
        column.path_in_schema
        for column in columns
        if column.has_dictionary_page and column.total_uncompressed_size <= _MOST_CODED_BYTES * column.num_values
    ]


class Source:
    """An open Parquet file."""

    def __init__(self, file: File, batch_bytes: int = BATCH_BYTES) -> None:
        """Batches aim at `batch_bytes` of memory. Raises BadParquetError when the file cannot be exported."""
        self._batch_bytes = batch_bytes
        forbid_foreign_code()
        check_ends(Ends.of(file))
        with _in_words("its table of contents cannot be read"):
            file.seek(0)
            metadata = pq.read_metadata(file)
            check_contents(metadata.num_rows, metadata.num_columns)
            per_column = _READ_BYTES // metadata.num_columns
            coded: list[str] = []
            if pipeline_rows(metadata.schema.to_arrow_schema()) is None:
                _prove_readable(file, metadata)
                coded = coded_columns(metadata)
            self._file = pq.ParquetFile(
                file,
                metadata=metadata,
                buffer_size=min(max(per_column, _LEAST_READ_BYTES), _MOST_READ_BYTES),
                read_dictionary=coded,
                coerce_int96_timestamp_unit="us",
            )
            self._metadata = metadata
            self.schema: pa.Schema = self._file.schema_arrow
        self.total_rows: int = metadata.num_rows
        self.rows: Rows = rows_of(self.schema, self._file.schema)

    def batches(self) -> Batches:
        """The rows in the file's order, in batches that are small enough to work on several at once.

        Raises BadParquetError where the file cannot be read on.
        """
        groups = self._metadata.num_row_groups
        seen = 0
        for group in range(groups):
            part = self._metadata.row_group(group)
            if not part.num_rows:
                continue
            with _in_words(f"part {group + 1} of {groups}, from row {seen + 1:,} on, cannot be read"):
                at_once = rows_at_once(self._batch_bytes, part.total_byte_size, part.num_rows)
                for batch in self._file.iter_batches(at_once, row_groups=[group], use_threads=False):
                    yield from weigh(batch, self._batch_bytes)
            seen += part.num_rows


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """What pyarrow says about a file is for engineers: it becomes the cause of an error for everybody."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, KeyError, UnicodeDecodeError) as error:
        raise BadParquetError(_sentence(str(error), what)) from error


def _sentence(detail: str, what: str) -> str:
    said = detail.lower()
    for words, sentence in _KNOWN_LIMITS:
        if any(word in said for word in words):
            return f"{sentence} ({_first_line(detail)})."
    return f"The file is damaged: {what}. Write it once more and upload it again."


def _first_line(detail: str) -> str:
    return detail.strip().splitlines()[0][:200] if detail.strip() else "no detail is known"
