"""The record of each execution that ended: one item in the metrics table, and the metrics, once."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.items import to_item
from ndjson_parquet.metrics import Meter
from ndjson_parquet.run_ends import RunEnded, RunRules, measures, metrics_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class RunRecords:
    """Writes what ended. Whoever writes an execution's item first is the one that counts it."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        rules: RunRules,
        meter: Meter,
        logger: Logger,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._table = table
        self._rules = rules
        self._meter = meter
        self._logger = logger
        self._clock = clock

    def record(self, ended: RunEnded) -> None:
        """Write and count the execution, unless an earlier call has; may be repeated."""
        if not self._is_new(ended):
            return
        for name, value in measures(ended, self._rules):
            self._meter.add(name, value)
        if ended.commit:
            self._meter.add_by_reason("LinesRejected", ended.commit.rejected_by_reason)

    def _is_new(self, ended: RunEnded) -> bool:
        """A table that cannot be written must not fail a conversion that succeeded: that is counted all the same."""
        is_not_there_yet = "attribute_not_exists(metric_key)"
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item(metrics_item(ended, self._rules, self._clock())),
                ConditionExpression=is_not_there_yet,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        except (ClientError, BotoCoreError) as error:
            batch_id = ended.manifest.batch_id
            self._logger.error(
                "the metrics table has no item of this execution",
                batch_id=batch_id,
                correlation_id=batch_id,
                execution_arn=ended.execution_arn,
                error=str(error),
            )
        return True
