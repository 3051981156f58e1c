"""Two runs that add columns to the catalog table at once, on the embedded AWS's Glue."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_converter.catalog import Catalog

RUNS = 3
ROUNDS = 10


class Meeting:
    """A Glue client that holds its first update back until the others' first updates are on their way too."""

    def __init__(self, client: Any, barrier: Barrier) -> None:
        self._client = client
        self._barrier = barrier
        self._is_first = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_table(self, **request: Any) -> Any:
        if self._is_first:
            self._is_first = False
            self._barrier.wait(60)
        return self._client.update_table(**request)


@pytest.fixture
def database(emulator: EmbeddedAws) -> Iterator[str]:
    glue, name = emulator.client("glue"), f"db{uuid.uuid4().hex[:8]}"
    glue.create_database(DatabaseInput={"Name": name})
    storage: Any = {"Columns": [{"Name": "_source_file", "Type": "string"}], "Location": "s3://output/"}
    keys: Any = [{"Name": "date_prefix", "Type": "string"}]
    glue.create_table(
        DatabaseName=name, TableInput={"Name": "records", "PartitionKeys": keys, "StorageDescriptor": storage}
    )
    yield name
    glue.delete_database(Name=name)


def test_runs_that_add_columns_at_once_lose_none(emulator: EmbeddedAws, database: str) -> None:
    barrier, pauses = Barrier(RUNS), list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(seconds / 10)

    def add(run: int) -> None:
        catalog = Catalog(Meeting(emulator.client("glue"), barrier), database, "records", pause)  # type: ignore[arg-type]  # a wrapper
        for number in range(ROUNDS):
            catalog.add_columns([f"of_{run}_{number}", f"of_all_{number}"])

    with ThreadPoolExecutor(RUNS) as pool:
        list(pool.map(add, range(RUNS)))

    table = emulator.client("glue").get_table(DatabaseName=database, Name="records")["Table"]
    names = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    own = {f"of_{run}_{number}" for run in range(RUNS) for number in range(ROUNDS)}
    assert sorted(names) == sorted({"_source_file", *own, *(f"of_all_{number}" for number in range(ROUNDS))})
    assert len(pauses) >= RUNS - 1
    assert table["StorageDescriptor"]["Location"] == "s3://output/"


def test_an_update_of_a_version_that_is_not_the_latest_is_refused(emulator: EmbeddedAws, database: str) -> None:
    """As on AWS: what the catalog's rule stands on."""
    glue = emulator.client("glue")
    table = glue.get_table(DatabaseName=database, Name="records")["Table"]
    request: Any = {"DatabaseName": database, "TableInput": {"Name": "records"}, "VersionId": table["VersionId"]}

    glue.update_table(**request)

    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(**request)
