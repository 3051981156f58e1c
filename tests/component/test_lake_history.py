"""The days before those of the demo's workflow, filled into a lake on the embedded AWS."""

import uuid
from datetime import date
from pathlib import Path

import pytest

from local.embedded_aws import EmbeddedAws
from local.lake.generate import Month
from local.lake.history import fill
from local.lake.runs import DeployedLake
from local.lake.world import World
from ndjson_parquet_lake.tables import CUSTOMER_VALUE, REJECTS, TABLES
from tests.deep import DEEP
from tests.lake_oracle import Oracle
from tests.lake_support import UNCLOSED

pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")

MONTH = Month(date(2026, 10, 3), 3, World(scale=0.1), defects=())


@pytest.fixture
def lake(emulator: EmbeddedAws) -> DeployedLake:
    name = f"lake-{uuid.uuid4().hex[:12]}"
    emulator.client("s3").create_bucket(Bucket=name)
    secret = emulator.client("secretsmanager").create_secret(Name=name)
    return DeployedLake(emulator, {"bucket": name, "tokens_secret_arn": secret["ARN"]})


@pytest.mark.skipif(not DEEP, reason="its jobs are tested in every run; this is how the demo starts them")
def test_days_are_filled_as_an_independent_computation_says(
    emulator: EmbeddedAws, lake: DeployedLake, tmp_path: Path
) -> None:
    heard: list[tuple[int, date]] = []
    fill(emulator, lake, MONTH, lambda done, day: heard.append((done, day)))
    assert heard == list(enumerate(MONTH.dates, start=1))
    assert lake.keys("staging/") == []
    for key in lake.keys(""):
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lake.read(key))
    secret = emulator.client("secretsmanager").get_secret_value(SecretId=str(lake.names["tokens_secret_arn"]))
    oracle = Oracle(tmp_path, secret["SecretString"].encode())
    # Late orders of dates before the month are in no table that a merge reads: the customers' value lacks them.
    for table in set(TABLES) - {REJECTS, CUSTOMER_VALUE}:
        assert oracle.rows(table) > 0
        assert oracle.differences(table, since=f"{MONTH.first}") == [], table.name
    assert oracle.stored_rejects() == oracle.rejects()
    assert lake.keys(f"{CUSTOMER_VALUE.location}/date={MONTH.dates[-1]}/")
