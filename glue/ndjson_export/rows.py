"""From the schema of a file to the function that writes its rows: the forms of its columns, in the file's order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

import pyarrow as pa
import pyarrow.parquet as pq

from ndjson_export.errors import BadParquetError
from ndjson_export.forms import OTHER, TEXT, UUID, Form, check_names, form_of, name_text, objects
from ndjson_export.pipeline import pipeline_rows
from ndjson_export.texts import Coded, Tokens

# A batch and what stands before and behind each object -> the text of each row.
Rows = Callable[[pa.RecordBatch, str, str], pa.Array]

_KIND_OF_LOGICAL_TYPE = {"UUID": UUID, "STRING": TEXT, "JSON": TEXT, "ENUM": TEXT}


def rows_of(schema: pa.Schema, parquet: pq.ParquetSchema) -> Rows:
    """How the rows of a file are written.

    Raises BadParquetError when two columns have one name, or a type has no JSON form.
    """
    try:
        check_names(schema.names)
    except BadParquetError as error:
        raise BadParquetError(f"The file {error}.") from error
    return pipeline_rows(schema) or _any_rows(schema, leaf_kinds(parquet))


def leaf_kinds(parquet: pq.ParquetSchema) -> Iterator[str]:
    """What the file says of its leaves, in order, beyond their Arrow types: pyarrow may give texts as bytes."""
    for place in range(len(parquet)):
        yield _KIND_OF_LOGICAL_TYPE.get(parquet.column(place).logical_type.type, OTHER)


def _any_rows(schema: pa.Schema, leaves: Iterator[str]) -> Rows:
    forms = [_named(field.name, form_of_column(field, leaves)) for field in schema]
    names = [name_text(field.name) for field in schema]

    def rows(batch: pa.RecordBatch, before: str, behind: str) -> pa.Array:
        return objects(names, [form(batch.column(place)) for place, form in enumerate(forms)], before, behind)

    return rows


def form_of_column(field: pa.Field, leaves: Iterator[str]) -> Form:
    try:
        return form_of(field.type, leaves)
    except BadParquetError as error:
        raise BadParquetError(f'The column "{field.name}" {error}.') from error


def _named(name: str, form: Form) -> Form:
    """The form, whose errors say which column they are about."""

    def named(array: pa.Array) -> Tokens | Coded:
        try:
            return form(array)
        except BadParquetError as error:
            raise BadParquetError(f'The column "{name}" {error}.') from error

    return named
