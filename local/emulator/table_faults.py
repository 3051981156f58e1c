"""Tables whose items can be neither read nor written while they have the tag for it, and the metrics that tell of it.

Nothing else throttles a table here, so AWS/DynamoDB has no other metrics.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ministack.core import responses
from ministack.services import dynamodb, stepfunctions

from local.emulator import metrics
from local.emulator.switches import FAIL, THROTTLE

NAMESPACE = "AWS/DynamoDB"
READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


class Fault(NamedTuple):
    """What a request is answered instead of its result."""

    code: str
    message: str
    status: int


THROTTLED = Fault(
    "ProvisionedThroughputExceededException", "The level of configured provisioned throughput was exceeded.", 400
)
FAILED = Fault("InternalServerError", "Internal server error", 500)


def install() -> None:
    """Put this around MiniStack's requests to tables, and around the tasks of state machines that read or write one."""
    handle, invoke = dynamodb.handle_request, stepfunctions._invoke_dynamodb

    async def handle_unless_faulty(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        fault = fault_of(operation, json.loads(body)) if operation in READS | WRITES and _switches() else None
        if fault:
            return responses.error_response_json(fault.code, fault.message, fault.status)
        return await handle(method, path, headers, body, query)

    def invoke_unless_faulty(operation: str, request: dict[str, Any]) -> Any:
        fault = fault_of(operation[0].upper() + operation[1:], request) if _switches() else None
        if fault:
            raise stepfunctions._ExecutionError(f"DynamoDB.{fault.code}", fault.message)
        return invoke(operation, request)

    dynamodb.handle_request = handle_unless_faulty
    stepfunctions._invoke_dynamodb = invoke_unless_faulty


def fault_of(operation: str, request: Mapping[str, Any]) -> Fault | None:
    """The fault that a tag of one of the request's tables switches on. It is counted."""
    switches = _switches()
    for table in sorted(set(tables_of(request))):
        if THROTTLE in switches.get(table, ()):
            _count_throttle(operation, table, request.get("IndexName"))
            return THROTTLED
        if FAIL in switches.get(table, ()):
            metrics.count(NAMESPACE, "SystemErrors", {"TableName": table, "Operation": operation})
            return FAILED
    return None


def tables_of(request: Mapping[str, Any]) -> Iterator[str]:
    """The names of the tables that a request reads or writes, whether it names them or their ARNs."""
    named = [request["TableName"]] if "TableName" in request else []
    several = [one["TableName"] for entry in request.get("TransactItems", []) for one in entry.values()]
    for name in [*named, *request.get("RequestItems", {}), *several]:
        yield name.rpartition("/")[2]


def _switches() -> dict[str, set[str]]:
    """The tags of each table that has any of these."""
    tags = {arn.rpartition("/")[2]: {tag["Key"] for tag in its} for arn, its in dynamodb._tags.items()}
    return {table: its & {THROTTLE, FAIL} for table, its in tags.items() if its & {THROTTLE, FAIL}}


def _count_throttle(operation: str, table: str, index: str | None) -> None:
    metrics.count(NAMESPACE, "ThrottledRequests", {"TableName": table, "Operation": operation})
    event = "ReadThrottleEvents" if operation in READS else "WriteThrottleEvents"
    metrics.count(NAMESPACE, event, {"TableName": table, **({"GlobalSecondaryIndexName": index} if index else {})})
