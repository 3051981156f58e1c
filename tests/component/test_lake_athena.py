"""What the quality function asks, asked of the embedded AWS's Athena: joins of partitioned tables too."""

from pathlib import Path
from typing import Any

import pytest

from lake_quality import queries
from local.embedded_aws import EmbeddedAws
from ndjson_parquet_lake.datasets import DATASETS
from ndjson_parquet_lake.tables import TABLES
from tests.component.emulator_tools import until
from tests.lake_catalog import LakeCatalog

DATE = "2026-10-03"
ENDED = frozenset({"SUCCEEDED", "FAILED", "CANCELLED"})


class Lake(LakeCatalog):
    """Each declared table with one row, which has nothing but a product."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        super().__init__(aws, folder)
        self.athena = aws.client("athena")
        for table in TABLES:
            self.put_row(table, DATE, {"product_id": "'P-1'"}, "reviews" if table.by_dataset else None)

    def ask(self, sql: str) -> list[list[str | None]]:
        """The rows, the line of names left out."""
        given = {"OutputLocation": f"s3://{self.bucket}/answers/"}
        query = self.athena.start_query_execution(QueryString=sql, ResultConfiguration=given)["QueryExecutionId"]

        def status() -> Any:
            return self.athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]

        ended = until(status, lambda found: found["State"] in ENDED, "the answer")
        assert ended["State"] == "SUCCEEDED", ended.get("StateChangeReason")
        rows = self.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows[1:]]


@pytest.fixture(scope="module")
def lake(emulator: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(emulator, tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_day_of_each_dataset_is_counted(lake: Lake, dataset: str) -> None:
    [row] = lake.ask(queries.day_query(DATASETS[dataset], lake.databases, DATE))
    assert row[0] == "1"


def test_rejects_history_and_references_are_counted(lake: Lake) -> None:
    assert [row[0] for row in lake.ask(queries.rejects_query(lake.databases, DATE))] == ["reviews"]
    history = lake.ask(queries.history_query(lake.databases, DATE))
    assert sorted(history) == [[name, DATE, "1"] for name in sorted(DATASETS)]
    references = {(row[0], row[1]): row[2] for row in lake.ask(queries.references_query(lake.databases, DATE))}
    assert references["transactions", "product_id"] == "0"
    assert len(references) == len(set(references)) > 1
