"""Queries through Athena, several at once. The workgroup says where results go and how much a query may read."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from ndjson_parquet.errors import PipelineError

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

_ENDED: Final = ("SUCCEEDED", "FAILED", "CANCELLED")
_POLL_SECONDS: Final = 0.5
Name = TypeVar("Name")


class QueryError(PipelineError):
    """Athena could not run a query; the text has its reason and the SQL."""


@dataclass
class Athena:
    """One workgroup. `scanned_bytes`: what all queries so far have read, as Athena bills it."""

    client: "AthenaClient"
    workgroup: str
    sleep: Callable[[float], None] = time.sleep
    scanned_bytes: int = field(default=0, init=False)

    def rows(self, queries: Mapping[Name, str]) -> dict[Name, list[list[str | None]]]:
        """The rows of each query as text, null as None. All are started before the first is waited for.

        Raises:
            QueryError: one could not be run; the others are left to end by themselves.
        """
        started = {
            name: self.client.start_query_execution(QueryString=sql, WorkGroup=self.workgroup)["QueryExecutionId"]
            for name, sql in queries.items()
        }
        return {name: self._answer(query_id, queries[name]) for name, query_id in started.items()}

    def _answer(self, query_id: str, sql: str) -> list[list[str | None]]:
        execution = self._ended(query_id)
        status = execution.get("Status", {})
        if status.get("State") != "SUCCEEDED":
            reason = status.get("StateChangeReason") or status.get("State")
            raise QueryError(f"Athena, workgroup {self.workgroup}: {reason}; the query was: {sql}")
        self.scanned_bytes += execution.get("Statistics", {}).get("DataScannedInBytes", 0)
        pages = self.client.get_paginator("get_query_results").paginate(QueryExecutionId=query_id)
        rows = [
            [cell.get("VarCharValue") for cell in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]
        ]
        # The first row of a SELECT is its column names.
        return rows[1:]

    def _ended(self, query_id: str) -> "QueryExecutionTypeDef":
        while True:
            execution = self.client.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution.get("Status", {}).get("State") in _ENDED:
                return execution
            self.sleep(_POLL_SECONDS)
