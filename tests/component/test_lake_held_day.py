"""A day whose quality fails leaves the curated tables as they were, to the byte.

The workflow, the quality function as it is deployed, and its queries are real; a job is a few lines, and the merge
writes something else whenever it runs.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.embedded_aws import EmbeddedAws
from ndjson_parquet_lake.tables import REJECTS, TABLES, Table
from tests.component.emulator_tools import ROLE
from tests.component.test_lake_day import DATE, Day
from tests.lake_catalog import LakeCatalog

ZIP = Path(__file__).resolve().parents[2] / "build" / "lambda" / "lake_quality.zip"
CURATED = f"curated/daily_sales/date={DATE}/part-00000.parquet"
MERGE = f"""
import json, os, sys, urllib.request
run = sys.argv[sys.argv.index("--JOB_RUN_ID") + 1]
def put(key, text):
    url = f"{{os.environ['AWS_ENDPOINT_URL']}}/BUCKET/{{key}}"
    urllib.request.urlopen(urllib.request.Request(url, text.encode(), method="PUT"))
put("{CURATED}", run)
put(f"reports/master_data_merge/date={DATE}/{{run}}.json", json.dumps({{"tables": {{}}}}))
"""
TWICE = {"reason": "'duplicate'", "source_file": "'orders.csv'", "line": "'T-1'"}
VALUES = {
    "string": "'x'",
    "int": "1",
    "bigint": "1",
    "boolean": "true",
    "date": f"date '{DATE}'",
    "timestamp": f"timestamp '{DATE} 23:00:00'",
}


def good_row(table: Table) -> Mapping[str, str]:
    """Values that no rule minds."""
    values = {column.name: VALUES.get(column.type, "1") for column in table.columns}
    return values | {"category_id": "'C-AUDIO'"}


class Lake:
    """A catalog whose processed tables have a good day, and the workflow that judges it."""

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.catalog = LakeCatalog(aws, folder)
        bucket = self.catalog.bucket
        for table in TABLES:
            if table.zone == "processed":
                self.catalog.put_row(table, DATE, good_row(table))
        answers = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/athena-results/"}}
        aws.client("athena").create_work_group(Name=bucket, Configuration=answers)
        arn = aws.client("lambda").create_function(
            FunctionName=bucket,
            Runtime="python3.13",
            Handler="lake_quality.handler.handler",
            Code={"ZipFile": ZIP.read_bytes()},
            Role=ROLE,
            Timeout=60,
            Environment={"Variables": self._settings(bucket)},
        )["FunctionArn"]
        self.day = Day(aws, {"master_data_merge": MERGE.replace("BUCKET", bucket)}, quality_arn=arn, table=bucket)

    def _settings(self, name: str) -> dict[str, str]:
        """Bucket, table, workgroup and function have one name."""
        return {
            "ENVIRONMENT": self.catalog.environment,
            "RELEASE": "test",
            "POWERTOOLS_METRICS_NAMESPACE": "NdjsonParquet",
            "POWERTOOLS_SERVICE_NAME": "lake_quality",
            "GLUE_DPU_HOUR_USD": "0.44",
            "LAKE_BUCKET": name,
            "LAKE_FILES_TABLE": name,
            "LAKE_WORKGROUP": name,
        }

    def send_orders_twice(self) -> None:
        self.catalog.put_row(REJECTS, DATE, TWICE, "transactions")

    def curated(self) -> dict[str, bytes]:
        """Key and bytes of each object."""
        s3, bucket = self.catalog.s3, self.catalog.bucket
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="curated/").get("Contents", [])
        return {entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() for entry in listed}


@pytest.fixture
def lake(emulator: EmbeddedAws, tmp_path: Path) -> Lake:
    return Lake(emulator, tmp_path)


def test_curated_is_unchanged_until_quality_passes_or_the_failure_is_accepted(lake: Lake) -> None:
    assert lake.day.path(lake.day.start())[-1] == "DayReady"
    before = lake.curated()
    assert before.keys() == {CURATED}

    lake.send_orders_twice()
    assert lake.day.path(lake.day.start())[-1] == "RunFailed"
    assert (lake.day.run_item()["status"], lake.curated()) == ("quality_failed", before)
    assert "transactions.unique" in lake.day.run_item()["error_message"]

    assert lake.day.path(lake.day.start(accepted_rules=["transactions.unique"]))[-1] == "DayReady"
    assert lake.curated() != before
