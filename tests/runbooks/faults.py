"""What goes wrong, produced from outside: settings, rights, schedules, objects and messages as somebody spoiled them.

Times are moved where nobody can wait for them: an item's timestamps are put back, as if the time had passed.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from local.embedded_aws import EmbeddedAws
from local.pipeline import Pipeline
from ndjson_parquet.items import item_key, to_item
from ndjson_parquet.manifests import manifest_item_key, record_time

HURRIED_VISIBILITY_SECONDS = 2


class Faults:
    """Faults of one deployment."""

    def __init__(self, aws: EmbeddedAws, pipeline: Pipeline) -> None:
        self._aws = aws
        self._of = pipeline.outputs
        self._functions = pipeline.clients.functions
        self._s3 = pipeline.clients.s3
        self._glue = pipeline.clients.glue
        self._dynamodb = pipeline.clients.dynamodb
        self._iam = aws.client("iam")
        self._sqs = aws.client("sqs")

    def spoil_settings(self, function: str, settings: Mapping[str, str]) -> None:
        """Change environment variables of a function, as by hand in the console."""
        found = self._functions.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        self._functions.update_function_configuration(
            FunctionName=function, Environment={"Variables": {**found, **settings}}
        )

    def take_right_from_job(self, sid: str) -> None:
        """Take one statement from the policies of the Glue job's role."""
        self._take_right(self._glue.get_job(JobName=self._of.glue_job)["Job"]["Role"], sid)

    def take_right_from_function(self, function: str, sid: str) -> None:
        """Take one statement from the policies of a function's role."""
        self._take_right(self._functions.get_function_configuration(FunctionName=function)["Role"], sid)

    def remove_script(self) -> None:
        """Delete the Glue job's script from its bucket."""
        location = self._glue.get_job(JobName=self._of.glue_job)["Job"]["Command"]["ScriptLocation"]
        bucket, _, key = location.removeprefix("s3://").partition("/")
        self._s3.delete_object(Bucket=bucket, Key=key)

    def stop_taking_events(self) -> None:
        """Switch off what gives the queue's messages to manifest_builder."""
        listed = self._functions.list_event_source_mappings(FunctionName=self._of.manifest_builder_function)
        for mapping in listed["EventSourceMappings"]:
            self._functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)

    def stop_announcing_files(self) -> None:
        """Remove the input bucket's notifications."""
        self._s3.put_bucket_notification_configuration(Bucket=self._of.input_bucket, NotificationConfiguration={})

    def switch_off_rule(self, name: str) -> None:
        self._aws.client("events").disable_rule(Name=name)

    def forbid_to_run(self, function: str) -> None:
        """Reserve no concurrency at all for a function."""
        self._functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    def delete_for_ever(self, key: str) -> None:
        """Delete every version of an object of the input bucket."""
        listed = self._s3.list_object_versions(Bucket=self._of.input_bucket, Prefix=key)
        for version in listed["Versions"]:
            self._s3.delete_object(Bucket=self._of.input_bucket, Key=key, VersionId=version["VersionId"])

    def stop_execution(self, arn: str) -> None:
        self._aws.client("stepfunctions").stop_execution(executionArn=arn)

    def send_message(self, body: str) -> str:
        """Put a message into the queue of file events; its id."""
        return str(self._sqs.send_message(QueueUrl=self._of.file_events_queue_url, MessageBody=body)["MessageId"])

    @contextmanager
    def quick_redelivery(self) -> Iterator[None]:
        """A message that was received comes back within seconds, so that three receives are not three minutes."""
        url, name = self._of.file_events_queue_url, "VisibilityTimeout"
        usual = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={name: str(HURRIED_VISIBILITY_SECONDS)})
        try:
            yield
        finally:
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes={name: usual})

    def put_back_manifest(self, date_prefix: str, batch_id: str, names: tuple[str, ...], age: timedelta) -> None:
        """Put times of a manifest back, such as `created_at`."""
        self._put_back(item_key(date_prefix, manifest_item_key(batch_id)), names, age)

    def put_back_open_batch(self, date_prefix: str, shard: int, age: timedelta) -> None:
        """Put the time back at which an open batch took its first file."""
        self._put_back(item_key(date_prefix, f"BATCH#{shard}"), ("opened_at",), age)

    def put_back_breaker(self, age: timedelta) -> None:
        """Put the time back at which the breaker opened."""
        self._put_back(item_key("BREAKER#dispatch", "BREAKER"), ("opened_at",), age)

    def _put_back(self, key: Mapping[str, Any], names: tuple[str, ...], age: timedelta) -> None:
        self._dynamodb.update_item(
            TableName=self._of.tracking_table,
            Key=key,
            UpdateExpression="SET " + ", ".join(f"{name} = :then" for name in names),
            ExpressionAttributeValues=to_item({":then": record_time(datetime.now(UTC) - age)}),
        )

    def _take_right(self, role: str, sid: str) -> None:
        name = role.rpartition("/")[2]
        for policy in self._iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = self._iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            left = [one for one in document["Statement"] if one.get("Sid") != sid]
            if len(left) < len(document["Statement"]):
                changed = json.dumps({**document, "Statement": left})
                self._iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=changed)
                return
        raise AssertionError(f"no policy of {name} has a statement {sid}")
