"""A deployed lake as the demo and the tests use it: files uploaded, days run, reports and answers read."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.access import Access
from local.embedded_aws import EmbeddedAws

QUALITY_FAILED = "QualityFailed"
"""The error of a run that its quality checks have stopped."""
_POLL_SECONDS = 0.5
_ENDED = frozenset({"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})


@dataclass(frozen=True, slots=True)
class DayRun:
    """How the run of a date ended. `error` and `cause`: what the state machine says, empty when it succeeded."""

    date: str
    arn: str
    status: str
    error: str
    seconds: float
    cause: str = ""

    @property
    def broke(self) -> bool:
        """Whether it ended by anything else than its own quality checks."""
        return self.error not in {"", QUALITY_FAILED}


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as text, null as None."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


class DeployedLake:
    """`names` is the root module's output `lake`."""

    def __init__(self, aws: EmbeddedAws | Access, names: Mapping[str, Any]) -> None:
        self.names = names
        self.bucket = str(names["bucket"])
        self.s3 = aws.client("s3")
        self.states = aws.client("stepfunctions")
        self.athena = aws.client("athena")

    def upload(self, files: Mapping[str, bytes]) -> None:
        for key, content in files.items():
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def start(self, date: str, **more: Any) -> str:
        """The execution's ARN."""
        request = json.dumps({"date": date, **more})
        return str(
            self.states.start_execution(stateMachineArn=self.names["state_machine_arn"], input=request)["executionArn"]
        )

    def wait(self, arn: str, date: str) -> DayRun:
        """Until an execution has ended."""
        while (found := self.states.describe_execution(executionArn=arn))["status"] not in _ENDED:
            time.sleep(_POLL_SECONDS)
        seconds = (found["stopDate"] - found["startDate"]).total_seconds()
        status, error = found["status"], str(found.get("error", ""))
        return DayRun(
            date, arn, status, error or ("" if status == "SUCCEEDED" else status), seconds, found.get("cause", "")
        )

    def run(self, date: str, **more: Any) -> DayRun:
        """Run a date and wait for it."""
        return self.wait(self.start(date, **more), date)

    def keys(self, prefix: str) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def results(self, date: str) -> list[dict[str, Any]]:
        """The quality rules of a day, as the newest run judged them; none when no run came that far."""
        key = f"reports/quality_results/date={date}/results.json"
        return [json.loads(line) for line in self.read(key).splitlines()] if self.keys(key) else []

    def named_queries(self) -> Iterator[Answer]:
        """The answers of all named queries, by name."""
        for _, query_id in sorted(self.names["named_queries"].items()):
            query = self.athena.get_named_query(NamedQueryId=query_id)["NamedQuery"]
            columns, rows = self.query(query["QueryString"], query["Database"])
            yield Answer(query["Description"], columns, rows)

    def query(self, sql: str, database: str) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
        """Columns and rows. Raises RuntimeError with Athena's reason."""
        query_id = self.athena.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            WorkGroup=self.names["workgroup"],
            ResultReuseConfiguration={"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}},
        )["QueryExecutionId"]
        while True:
            status = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
            if status["State"] in _ENDED | {"CANCELLED"}:
                break
            time.sleep(_POLL_SECONDS)
        if status["State"] != "SUCCEEDED":
            raise RuntimeError(f"Athena: {status.get('StateChangeReason')}; the query was: {sql}")
        pages = self.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        rows = [
            tuple(cell.get("VarCharValue") for cell in row["Data"]) for p in pages for row in p["ResultSet"]["Rows"]
        ]
        return tuple(str(name) for name in rows[0]), tuple(rows[1:])
