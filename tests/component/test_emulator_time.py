"""Time in the embedded AWS, where tests cannot wait for it: ages of objects, rates of rules."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.embedded_aws import EmbeddedAws
from local.emulator.switches import LANDED_AT
from tests.component.emulator_events import Queue
from tests.component.emulator_tools import until

LONG_AGO = "2026-11-20T16:10:00.000Z"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """A minute of a rate is a second."""
    aws = EmbeddedAws(tmp_path_factory.mktemp("aws"), settings={"NDJSON_PARQUET_SCHEDULE_SECONDS_PER_MINUTE": "1"})
    aws.start(port=0)
    yield aws
    aws.stop()


def test_an_object_landed_when_its_metadata_says(hurried: EmbeddedAws) -> None:
    s3 = hurried.client("s3")
    s3.create_bucket(Bucket="aged")
    s3.put_object(Bucket="aged", Key="old", Body=b"", Metadata={LANDED_AT: LONG_AGO})
    s3.put_object(Bucket="aged", Key="young", Body=b"")
    listed = {one["Key"]: one["LastModified"] for one in s3.list_objects_v2(Bucket="aged")["Contents"]}
    assert listed["old"] == datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
    assert listed["young"] > listed["old"]


def test_a_rule_fires_every_second_instead_of_every_minute_while_it_is_enabled(hurried: EmbeddedAws) -> None:
    queue, events = Queue(hurried), hurried.client("events")

    def received() -> int:
        answer = queue.sqs.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    events.put_rule(Name="often", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="often", Targets=[{"Id": "queue", "Arn": queue.arn}])
    until(received, lambda count: count >= 3, "three deliveries")
    events.disable_rule(Name="often")
