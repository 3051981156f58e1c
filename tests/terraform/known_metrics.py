"""The metrics that there are: ours as the functions declare them, those of AWS as its documentation lists them."""

from collections.abc import Mapping

from ndjson_parquet.metrics import UNITS

# The functions are told it by POWERTOOLS_METRICS_NAMESPACE, in terraform/main.tf.
NAMESPACE = "NdjsonParquet"

Dimensions = tuple[str, ...]

FUNCTION: tuple[Dimensions, ...] = (("FunctionName",),)
QUEUE: tuple[Dimensions, ...] = (("QueueName",),)
MACHINE: tuple[Dimensions, ...] = (("StateMachineArn",),)
TABLE: tuple[Dimensions, ...] = (("TableName",), ("GlobalSecondaryIndexName", "TableName"))
OPERATION: tuple[Dimensions, ...] = (("Operation", "TableName"),)
JOB: tuple[Dimensions, ...] = (("JobName", "JobRunId", "Type"),)

KNOWN: Mapping[str, Mapping[str, tuple[Dimensions, ...]]] = {
    NAMESPACE: dict.fromkeys(UNITS, (("service",),)),
    "AWS/Lambda": dict.fromkeys(("ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"), FUNCTION),
    "AWS/SQS": dict.fromkeys(
        (
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
            "NumberOfMessagesDeleted",
            "NumberOfMessagesSent",
        ),
        QUEUE,
    ),
    "AWS/States": dict.fromkeys(
        (
            "ExecutionThrottled",
            "ExecutionTime",
            "ExecutionsAborted",
            "ExecutionsFailed",
            "ExecutionsStarted",
            "ExecutionsSucceeded",
            "ExecutionsTimedOut",
        ),
        MACHINE,
    ),
    "AWS/DynamoDB": {
        **dict.fromkeys(
            ("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"),
            TABLE,
        ),
        "SystemErrors": OPERATION,
    },
    "AWS/ApiGateway": dict.fromkeys(("4xx", "5xx", "Count"), (("ApiId",), ("ApiId", "Stage"))),
    "AWS/Athena": {"ProcessedBytes": (("WorkGroup",),)},
    "Glue": dict.fromkeys(("glue.driver.aggregate.elapsedTime", "glue.driver.aggregate.numFailedTasks"), JOB),
}


def problem(namespace: str, name: str, dimensions: Mapping[str, str]) -> str | None:
    """What is wrong with a metric that something names; None when there is one of that name with these dimensions."""
    known = KNOWN.get(namespace, {}).get(name)
    if known is None:
        return f"there is no metric {namespace} {name}"
    if tuple(sorted(dimensions)) not in known:
        return f"{namespace} {name} has the dimensions {known}, not {sorted(dimensions)}"
    return None
