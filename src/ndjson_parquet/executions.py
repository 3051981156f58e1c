"""What Step Functions says about executions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

ExecutionStatus = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE", "ABSENT"]
UNSUCCESSFUL: tuple[Literal["FAILED"], Literal["TIMED_OUT"], Literal["ABORTED"]] = ("FAILED", "TIMED_OUT", "ABORTED")
LONGEST_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution and, where it has ended, why it did."""

    arn: str
    status: ExecutionStatus
    cause: str = ""
    input: str = "{}"


class Executions:
    """The executions of the state machine."""

    def __init__(self, client: "SFNClient", state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def named(self, name: str) -> Execution:
        """The execution of a name, which only direct starts choose themselves."""
        return self.describe(f"{self._state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}")

    def describe(self, arn: str) -> Execution:
        """An execution; `ABSENT` when Step Functions does not know it, or no longer does."""
        try:
            answer = self._client.describe_execution(executionArn=arn)
        except self._client.exceptions.ExecutionDoesNotExist:
            return Execution(arn, "ABSENT", "Step Functions does not know the execution")
        cause = ": ".join(filter(None, (answer.get("error"), answer.get("cause"))))
        return Execution(arn, answer["status"], cause, answer.get("input", "{}"))

    def running(self, limit: int) -> frozenset[str]:
        """ARNs of executions that run, at most `limit`, the latest ones: a call per 1,000, not one for each."""
        pages = self._client.get_paginator("list_executions").paginate(
            stateMachineArn=self._state_machine_arn,
            statusFilter="RUNNING",
            PaginationConfig={"MaxItems": limit, "PageSize": min(limit, LONGEST_PAGE)},
        )
        return frozenset(execution["executionArn"] for page in pages for execution in page["executions"])

    def unsuccessful(self, since: datetime, limit: int) -> Iterator[str]:
        """ARNs of executions that ended without success since then, latest first, at most `limit` of each kind."""
        for status in UNSUCCESSFUL:
            pages = self._client.get_paginator("list_executions").paginate(
                stateMachineArn=self._state_machine_arn, statusFilter=status, PaginationConfig={"MaxItems": limit}
            )
            listed = (execution for page in pages for execution in page["executions"])
            yield from (e["executionArn"] for e in islice(listed, limit) if e["stopDate"] >= since)
