"""A row against its dataset's declaration: its typed values, and the first reason to keep it apart, if there is one."""

from collections.abc import Callable, Iterator

from pyspark.sql import Column
from pyspark.sql import functions as F

from ndjson_lake.reading import FIELDS, GIVEN, MALFORMED, VALUE
from ndjson_parquet_lake.column_types import is_number
from ndjson_parquet_lake.datasets import Column as Declared
from ndjson_parquet_lake.datasets import Dataset
from ndjson_parquet_lake.rules import Reason

_ZONE = r"(Z|[+-]\d{2}:\d{2})?"
_TIMESTAMP = rf"^\d{{4}}-\d{{2}}-\d{{2}}[T ]\d{{2}}:\d{{2}}:\d{{2}}(\.\d{{1,6}})?{_ZONE}$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_BOOLEAN = r"^(true|false)$"
_BETWEEN = "|"


def typed(column: Declared) -> Column:
    """The column's value; null when none was given, and when what was given is none of its type.

    A timestamp without a zone is UTC.
    """
    raw = F.col(f"{FIELDS}.{column.name}")
    if is_number(column.type):
        # A value that the type cannot hold digit for digit is none of the type: nothing is rounded on the way in.
        exact = raw[VALUE].cast(column.type)
        return F.when(exact == raw[VALUE], exact)
    if column.type == "timestamp":
        return F.when(raw.rlike(_TIMESTAMP), raw.cast("timestamp"))
    if column.type == "date":
        return F.when(raw.rlike(_DATE), raw.cast("date"))
    if column.type == "boolean":
        return F.when(raw.rlike(_BOOLEAN), raw.cast("boolean"))
    return F.when(raw != "", raw)


def given(column: Declared) -> Column:
    """Whether the row has a value; an empty text is none."""
    raw = F.col(f"{FIELDS}.{column.name}")
    return raw[GIVEN] if is_number(column.type) else raw.isNotNull() & (raw != "")


def verdict(dataset: Dataset, day: str) -> Column:
    """`reason|column` for the first reason in the order of REASONS, else null.

    The typed values are columns of the row under their names. `duplicate` is not told by one row alone.
    """
    tests: list[Column] = [_said("malformed", "", F.col(MALFORMED))]
    for reason, applies in _BY_COLUMN:
        tests.extend(_said(reason, column.name, test) for column in dataset.columns for test in applies(column))
    if dataset.business_time:
        late = days_late(dataset.business_time, day)
        tests += [_said("future", dataset.business_time, late < 0)]
        tests += [_said("late", dataset.business_time, late > dataset.late_days)]
    return F.coalesce(*tests)


def reason_of(verdict_column: str) -> Column:
    return F.split_part(F.col(verdict_column), F.lit(_BETWEEN), F.lit(1))


def column_of(verdict_column: str) -> Column:
    name = F.split_part(F.col(verdict_column), F.lit(_BETWEEN), F.lit(2))
    return F.when(name != "", name)


def days_late(business_time: str, day: str) -> Column:
    """Days from the business date to the arrival date; below 0 for a row from the future."""
    return F.datediff(F.lit(day).cast("date"), F.to_date(business_time))


def _said(reason: Reason, column: str, test: Column) -> Column:
    return F.when(test, F.lit(f"{reason}{_BETWEEN}{column}"))


def _missing(column: Declared) -> Iterator[Column]:
    if not column.nullable:
        yield ~given(column)


def _of_other_type(column: Declared) -> Iterator[Column]:
    if column.type != "string":
        yield given(column) & F.col(column.name).isNull()


def _out_of_range(column: Declared) -> Iterator[Column]:
    if column.minimum is not None:
        yield F.col(column.name) < F.lit(column.minimum)
    if column.maximum is not None:
        yield F.col(column.name) > F.lit(column.maximum)


def _not_allowed(column: Declared) -> Iterator[Column]:
    if column.allowed:
        yield ~F.col(column.name).isin(*column.allowed)


_BY_COLUMN: tuple[tuple[Reason, Callable[[Declared], Iterator[Column]]], ...] = (
    ("missing", _missing),
    ("type", _of_other_type),
    ("range", _out_of_range),
    ("not_allowed", _not_allowed),
)
