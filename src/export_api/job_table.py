"""The jobs table: one named method per access, each transition a conditional write."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from export_api.jobs import OVERDUE, Job, Status, job_item, job_of, job_time
from ndjson_parquet.items import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OWNER_INDEX = "owner-createdAt-index"


class JobTable:
    """The jobs of everybody; who may see which is asked elsewhere."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def find(self, job_id: str) -> Job | None:
        """A job, read consistently; None when there is none, or its 30 days are over."""
        answer = self._client.get_item(TableName=self._table, Key=to_item({"jobId": job_id}), ConsistentRead=True)
        return job_of(from_item(answer["Item"])) if "Item" in answer else None

    def add(self, job: Job) -> None:
        """Write a new job."""
        is_new = "attribute_not_exists(jobId)"
        self._client.put_item(TableName=self._table, Item=to_item(job_item(job)), ConditionExpression=is_new)

    def uploaded(self, job: Job, size_bytes: int, now: datetime) -> bool:
        """Remember how large its file is, while nobody has started it; False when somebody has."""
        return self._change(
            job,
            "SET inputBytes = :size, updatedAt = :now",
            "#status = :pending",
            {":size": size_bytes, ":now": job_time(now), ":pending": Status.PENDING.value},
        )

    def give_up(self, job: Job, now: datetime) -> bool:
        """RUNNING -> FAILED for a job whose execution cannot be going any more; False when it moved on."""
        return self._change(
            job,
            "SET #status = :failed, errorMessage = if_not_exists(errorMessage, :message), updatedAt = :now",
            "#status = :running AND updatedAt = :seen",
            {
                ":failed": Status.FAILED.value,
                ":running": Status.RUNNING.value,
                ":message": OVERDUE,
                ":seen": job.updated_at,
                ":now": job_time(now),
            },
        )

    def of_owner(self, owner: str, page: int, after: Job | None = None) -> Iterator[Job]:
        """An owner's jobs, newest first, from the one after `after`; so many a read."""
        arguments: dict[str, Any] = {
            "KeyConditionExpression": "#owner = :owner",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": to_item({":owner": owner}),
            "ScanIndexForward": False,
            "PaginationConfig": {"PageSize": page},
        }
        if after is not None:
            place = {"jobId": after.job_id, "owner": after.owner, "createdAt": after.created_at}
            arguments["ExclusiveStartKey"] = to_item(place)
        query = self._client.get_paginator("query")
        pages = query.paginate(TableName=self._table, IndexName=OWNER_INDEX, **arguments)
        return (job_of(from_item(item)) for page in pages for item in page["Items"])

    def _change(self, job: Job, update: str, condition: str, values: dict[str, Any]) -> bool:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item({"jobId": job.job_id}),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=to_item(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True
