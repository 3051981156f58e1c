"""The catalog table learns columns, whatever another run does to it at the same time."""

from functools import partial
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ndjson_converter.catalog import Catalog
from ndjson_converter.errors import CatalogError
from tests.converter_runs import CountedTable
from tests.faults import Calls
from tests.glue_table import GlueTable as TableInMemory


class GlueTable:
    """A stubbed Glue client and the catalog on it; `pauses` are the waits that the catalog asked for."""

    def __init__(self) -> None:
        client = boto3.client("glue", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.stub = Stubber(client)
        self.pauses: list[float] = []
        self.catalog = Catalog(client, "db", "records", self.pauses.append)

    def answers(self, version: str, *columns: str) -> None:
        self.stub.add_response(
            "get_table", {"Table": table(version, *columns)}, {"DatabaseName": "db", "Name": "records"}
        )

    def expects(self, version: str, *columns: str) -> None:
        definition = {
            key: value for key, value in table(version, *columns).items() if key not in ("VersionId", "DatabaseName")
        }
        request = {"DatabaseName": "db", "TableInput": definition, "VersionId": version}
        self.stub.add_response("update_table", {}, request)


def table(version: str, *columns: str) -> dict[str, Any]:
    return {
        "Name": "records",
        "DatabaseName": "db",
        "StorageDescriptor": {"Location": "s3://o/", "Columns": [{"Name": name, "Type": "string"} for name in columns]},
        "PartitionKeys": [{"Name": "date_prefix", "Type": "string"}],
        "Parameters": {"projection.enabled": "true"},
        "VersionId": version,
    }


@pytest.fixture
def glue() -> GlueTable:
    table = GlueTable()
    table.stub.activate()
    return table


def test_new_columns_are_added_in_lower_case(glue: GlueTable) -> None:
    glue.answers("7", "_source_file", "id")
    glue.expects("7", "_source_file", "id", "amount", "größe")

    assert glue.catalog.add_columns(["ID", "Amount", "amount", "Größe", "_source_file"]) == ["amount", "größe"]
    glue.stub.assert_no_pending_responses()


def test_a_table_that_knows_all_columns_is_not_touched(glue: GlueTable) -> None:
    glue.answers("7", "id")

    assert glue.catalog.add_columns(["id"]) == []
    glue.stub.assert_no_pending_responses()


def test_names_that_the_catalog_cannot_hold_are_left_out(glue: GlueTable) -> None:
    glue.answers("7", "id")

    assert glue.catalog.add_columns(["id", "a\nb", "x" * 256]) == []


def test_a_column_added_by_another_run_in_between_is_kept(glue: GlueTable) -> None:
    glue.answers("7", "id")
    glue.stub.add_client_error("update_table", "ConcurrentModificationException")
    glue.answers("8", "id", "theirs")
    glue.expects("8", "id", "theirs", "ours")

    assert glue.catalog.add_columns(["ours"]) == ["ours"]
    assert len(glue.pauses) == 1
    glue.stub.assert_no_pending_responses()


def test_a_table_that_never_stands_still_is_an_error(glue: GlueTable) -> None:
    for _ in range(8):
        glue.answers("7", "id")
        glue.stub.add_client_error("update_table", "ConcurrentModificationException")

    with pytest.raises(CatalogError, match=r"Glue table db\.records was changed by others 8 times"):
        glue.catalog.add_columns(["ours"])


@pytest.mark.parametrize(
    ("code", "message"),
    [("EntityNotFoundException", "does not exist; create it"), ("AccessDeniedException", "cannot read Glue table")],
)
def test_a_table_that_cannot_be_read_is_said_before_any_work(glue: GlueTable, code: str, message: str) -> None:
    glue.stub.add_client_error("get_table", code)

    with pytest.raises(CatalogError, match=message):
        glue.catalog.check()


def catalog_on(table: TableInMemory, calls: Calls) -> Catalog:
    return Catalog(CountedTable(table, calls), "db", "records", pause=lambda _: None)  # type: ignore[arg-type]  # a fake


@pytest.mark.parametrize("before", [[2], [1, 2], [2, 3], [2, 4], [2, 4, 6], [1, 2, 3, 4]], ids=str)
def test_other_runs_before_any_calls_lose_no_column(before: list[int]) -> None:
    """An update that another run comes before is refused, and the table is read again."""
    table = TableInMemory("id")

    def other(number: int) -> None:
        catalog_on(table, Calls()).add_columns([f"other {number}", "shared"])

    calls = Calls({number: partial(other, number) for number in before})
    assert catalog_on(table, calls).add_columns(["ours", "shared"]) == ["ours"]

    assert calls.happened == len(before)
    assert sorted(table.columns) == sorted(["id", "ours", "shared", *(f"other {number}" for number in before)])


def test_keys_of_two_manifests_that_differ_in_case_are_one_column_of_the_table() -> None:
    """Athena finds it in the parts of both: it takes the names of Parquet columns in any case."""
    table = TableInMemory()

    def other() -> None:
        catalog_on(table, Calls()).add_columns(["id", "id__2"])

    catalog_on(table, Calls({2: other})).add_columns(["Id", "ID__2"])

    assert table.columns == ["id", "id__2"]
