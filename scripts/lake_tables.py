"""The lake's tables as Terraform's catalog module takes them: modules/lake/tables.json, written by `make docs`."""

import json
from collections.abc import Iterator
from typing import Any

from lake_quality.report import RESULTS_COLUMNS, RESULTS_FOLDER
from ndjson_parquet_lake.datasets import DATASETS, Dataset
from ndjson_parquet_lake.tables import PARTITION, TABLES, Table

DATE = {"name": PARTITION.name, "type": PARTITION.type}
PARTED_BY = {
    "arrival": "the day on which the raw files arrived",
    "business": "the day on which it happened",
    "snapshot": "the day for whose end the figures hold",
}


def tables_json() -> str:
    """The whole file."""
    return json.dumps({"datasets": list(DATASETS), "tables": list(_tables())}, indent=2) + "\n"


def _tables() -> Iterator[dict[str, Any]]:
    yield from (_raw(dataset) for dataset in DATASETS.values())
    yield from (_declared(table) for table in TABLES)
    yield {
        "zone": "curated",
        "name": "quality_results",
        "description": "Each quality rule of each day, as the newest run found it.",
        "format": "json",
        "prefix": f"{RESULTS_FOLDER}/",
        "datasets": [],
        "partition": DATE,
        "columns": [{"name": name, "type": kind, "comment": comment} for name, kind, comment in RESULTS_COLUMNS],
    }


def _raw(dataset: Dataset) -> dict[str, Any]:
    """Every value is a text: what a producer wrote, whether or not it is of the column's type."""
    return {
        "zone": "raw",
        "name": dataset.name,
        "description": f"Files of {dataset.name} as they landed, refused ones too; date is their day of arrival.",
        "format": dataset.format,
        "prefix": f"raw/{dataset.name}/",
        "datasets": [],
        "partition": DATE,
        "columns": [{"name": column.name, "type": "string", "comment": column.type} for column in dataset.columns],
    }


def _declared(table: Table) -> dict[str, Any]:
    return {
        "zone": table.zone,
        "name": table.name,
        "description": f"Unique by {', '.join(table.key)}; date is {PARTED_BY[table.parted_by]}.",
        "format": "parquet",
        "prefix": f"{table.location}/",
        "datasets": list(DATASETS) if table.by_dataset else [],
        "partition": DATE,
        "columns": [{"name": c.name, "type": c.type, "comment": c.comment} for c in table.columns],
    }
