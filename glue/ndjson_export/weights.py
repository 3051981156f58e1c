"""How many rows are worked on at once: as many as fit into a few megabytes, whatever a row holds."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from ndjson_export.errors import BadParquetError

Batches = Iterator[pa.RecordBatch]

# A batch of this size takes about five times as much while it becomes text.
BATCH_BYTES = 2 * 1024 * 1024
MOST_ROWS = 32 * 1024
# The text of one row must fit into a column of text, where every byte may need six.
MOST_ROW_BYTES = 256 * 1024 * 1024
# Of a place in a dictionary, and of where a list begins.
_PLACE = 4


def rows_at_once(batch_bytes: int, size_bytes: int, rows: int) -> int:
    """How many rows of a row group to read, which has `size_bytes` without compression.

    In equal parts: a rest of a few rows costs each column as much as a part of thousands.
    """
    most = max(1, min(MOST_ROWS, batch_bytes * rows // max(1, size_bytes)))
    parts = math.ceil(rows / most)
    return math.ceil(rows / parts)


def weigh(batch: pa.RecordBatch, batch_bytes: int) -> Batches:
    """The batch, in as many pieces as its real size asks for: dictionaries and runs are small in the file only.

    Raises BadParquetError for a row that is too large.
    """
    size = sum(bytes_of(column) for column in batch.columns)
    if size <= 2 * batch_bytes or (batch.num_rows == 1 and size <= MOST_ROW_BYTES):
        yield batch
    elif batch.num_rows == 1:
        raise BadParquetError(
            f"The file has a row of {size / 1e6:,.0f} MB, and at most {MOST_ROW_BYTES / 1e6:,.0f} MB can be exported."
        )
    else:
        half = batch.num_rows // 2
        yield from weigh(batch.slice(0, half), batch_bytes)
        yield from weigh(batch.slice(half), batch_bytes)


def bytes_of(array: pa.Array) -> int:
    """The bytes of the values that the array spans, those of a dictionary once per use."""
    kind = array.type
    if types.is_dictionary(kind):
        return _bytes_of_coded(array)
    if types.is_struct(kind):
        return sum(bytes_of(array.field(place)) for place in range(kind.num_fields))
    if types.is_map(kind):
        first, size = int(array.offsets[0].as_py()), int(array.offsets[-1].as_py() - array.offsets[0].as_py())
        return sum(bytes_of(values.slice(first, size)) for values in (array.keys, array.items)) + len(array) * _PLACE
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return bytes_of(array.flatten()) + len(array) * _PLACE
    return int(array.nbytes)


def _bytes_of_coded(array: pa.DictionaryArray) -> int:
    values = array.dictionary
    if not (types.is_string(values.type) or types.is_binary(values.type)):
        return int(array.nbytes)
    sizes = pc.binary_length(values).take(array.indices)
    return int(pc.sum(sizes).as_py() or 0) + len(array) * _PLACE
