"""State machines that refuse to start executions, and tables that refuse reads and writes, by a tag of theirs.

Nothing else here is throttled; PartiQL statements are not.
"""

from collections.abc import Callable
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, stepfunctions

from local.emulator import metrics
from local.emulator.switches import THROTTLE

Document = dict[str, Any]
Operation = Callable[[Document], Any]

READS = "ReadThrottleEvents"
WRITES = "WriteThrottleEvents"


def install() -> None:
    """Put this around MiniStack's StartExecution and around what reads and writes items."""
    stepfunctions._start_execution = _starting(stepfunctions._start_execution)
    dynamodb._get_item = _on_a_table(dynamodb._get_item, READS)
    dynamodb._query = _on_a_table(dynamodb._query, READS)
    dynamodb._put_item = _on_a_table(dynamodb._put_item, WRITES)
    dynamodb._update_item = _on_a_table(dynamodb._update_item, WRITES)
    dynamodb._delete_item = _on_a_table(dynamodb._delete_item, WRITES)
    dynamodb._transact_write_items = _on_a_table(dynamodb._transact_write_items, WRITES)


def _starting(original: Operation) -> Operation:
    def wrapped(request: Document) -> Any:
        tags = stepfunctions._tags.get(request.get("stateMachineArn"), [])
        if any(tag["key"] == THROTTLE for tag in tags):
            return responses.error_response_json("ThrottlingException", "Rate exceeded", 400)
        return original(request)

    return wrapped


def _on_a_table(original: Operation, metric: str) -> Operation:
    def wrapped(request: Document) -> Any:
        for table in filter(_is_throttled, _tables_of(request)):
            metrics.count("AWS/DynamoDB", metric, {"TableName": table})
            message = "Throughput exceeds the current capacity of your table or index."
            return responses.error_response_json("ThrottlingException", message, 400)
        return original(request)

    return wrapped


def _tables_of(request: Document) -> set[str]:
    """The tables of an operation on one item, of a query, or of a transaction."""
    writes = (write for item in request.get("TransactItems", []) for write in item.values())
    return {one["TableName"] for one in (request, *writes) if "TableName" in one}


def _is_throttled(table: str) -> bool:
    described = dynamodb._tables.get(table, {})
    return any(tag["Key"] == THROTTLE for tag in dynamodb._tags.get(described.get("TableArn"), []))
