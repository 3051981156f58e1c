"""The catalog beside the declaration: every table there, with the declared columns. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ndjson_parquet.errors import TerminalError
from ndjson_parquet_lake.tables import Table

Columns = Sequence[tuple[str, str]]


class CatalogError(TerminalError):
    """A table of the catalog is not as declared; the text names each difference and what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A table as the catalog has it: names and types of columns and of partition keys, in order."""

    columns: Columns
    partitions: Columns
    location: str


def found_table(table: Mapping[str, Any]) -> Found:
    """From Glue's answer."""
    storage = table.get("StorageDescriptor", {})
    return Found(
        _named(storage.get("Columns", [])), _named(table.get("PartitionKeys", [])), storage.get("Location", "")
    )


def _named(columns: Sequence[Mapping[str, str]]) -> Columns:
    return [(column["Name"], column.get("Type", "")) for column in columns]


def differences(table: Table, found: Found | None, bucket: str) -> list[str]:
    """What is not as declared, one text each."""
    if found is None:
        return [f"{table.zone}.{table.name} is absent"]
    name = f"{table.zone}.{table.name}"
    said = []
    for what, declared, there in (
        ("column", table.columns, found.columns),
        ("partition key", table.partition_columns, found.partitions),
    ):
        wanted = [(column.name, column.type) for column in declared]
        said += [f"{name} lacks {what} {column} {kind}" for column, kind in wanted if (column, kind) not in there]
        said += [f"{name} has {what} {column} {kind}" for column, kind in there if (column, kind) not in wanted]
    location = f"s3://{bucket}/{table.location}"
    if found.location.rstrip("/") != location:
        said.append(f"{name} lies in {found.location}, declared is {location}/")
    return said
