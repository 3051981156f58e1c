"""Reads of queues, executions, Glue runs, alarms, metrics and the schedule."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from botocore.exceptions import ClientError

from ndjson_parquet_cli.aws import Aws, error_code, is_refusal
from ndjson_parquet_cli.deployment import Deployment
from ndjson_parquet_cli.errors import NotFoundError
from ndjson_parquet_cli.text import iso
from ndjson_parquet_cli.values import (
    Alarm,
    DeadLetter,
    ExecutionView,
    GlueRun,
    QueueDepth,
    Schedule,
    Trigger,
    TriggerName,
)

Statistic = Literal["Sum", "Maximum"]
NAMESPACE = "NdjsonParquet"
RUNNING_AT_MOST = 1000
_LONGEST_HISTORY = 200
_GLUE_RUN = re.compile(r'"(jr_[0-9a-zA-Z_]+)"')
_MINUTES = {"minute": 1, "minutes": 1, "hour": 60, "hours": 60, "day": 1440, "days": 1440}
_OFF = frozenset({"disabled", "disabling", "deleting", "absent"})
_NOT_FOUND = "ResourceNotFoundException"
_PEEK_SECONDS = 30
_SQS_BATCH = 10


class ServiceReads:
    """What the services around the tables and buckets say of one deployment."""

    def __init__(self, aws: Aws, of: Deployment) -> None:
        self._aws = aws
        self._of = of

    # Queues

    def queue(self, name: str) -> QueueDepth | None:
        """The depth of a queue; None when there is no queue of that name."""
        url = self._url(name)
        if url is None:
            return None
        waiting: Literal["ApproximateNumberOfMessages"] = "ApproximateNumberOfMessages"
        in_flight: Literal["ApproximateNumberOfMessagesNotVisible"] = "ApproximateNumberOfMessagesNotVisible"
        found = self._aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[waiting, in_flight])["Attributes"]
        return QueueDepth(name, int(found[waiting]), int(found[in_flight]))

    def dead_letters(self, queue: str, limit: int) -> list[DeadLetter]:
        """Messages of a dead-letter queue, at most so many; they are let go again, so that others see them at once.

        Raises:
            NotFoundError: there is no such queue.
        """
        url, seen, handles = self._url(queue), dict[str, DeadLetter](), list[str]()
        if url is None:
            raise NotFoundError(
                f"this deployment has no queue {queue}",
                "it comes with its flag; ndjson-parquet status lists the queues",
            )
        try:
            while len(seen) < limit:
                messages = self._receive(url, min(_SQS_BATCH, limit - len(seen)))
                handles += [message["ReceiptHandle"] for message in messages]
                fresh = {message["MessageId"]: _dead_letter(message) for message in messages}
                if not fresh.keys() - seen.keys():
                    break
                seen |= fresh
        finally:
            for start in range(0, len(handles), _SQS_BATCH):
                self._let_go(url, handles[start : start + _SQS_BATCH])
        return sorted(seen.values(), key=lambda letter: letter.sent_at)

    # Executions and Glue runs

    def running_executions(self) -> int:
        """How many run; no more than RUNNING_AT_MOST are counted."""
        pages = self._aws.stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self._of.state_machine_arn,
            statusFilter="RUNNING",
            PaginationConfig={"MaxItems": RUNNING_AT_MOST, "PageSize": RUNNING_AT_MOST},
        )
        return sum(len(page["executions"]) for page in pages)

    def execution(self, arn: str) -> ExecutionView | None:
        """An execution; None when Step Functions does not know it, or no longer does (90 days)."""
        try:
            answer = self._aws.stepfunctions.describe_execution(executionArn=arn)
        except self._aws.stepfunctions.exceptions.ExecutionDoesNotExist:
            return None
        error = ": ".join(filter(None, (answer.get("error"), answer.get("cause"))))
        return ExecutionView(
            arn, answer["status"], answer["startDate"], answer.get("stopDate"), error or None, self._glue_run_of(arn)
        )

    def execution_named(self, name: str) -> ExecutionView | None:
        """The execution of a name, which only direct starts choose."""
        return self.execution(f"{self._of.state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}")

    def glue_run(self, run_id: str) -> GlueRun | None:
        """A run of the converter; None when Glue does not know it, or no longer does."""
        try:
            run = self._aws.glue.get_job_run(JobName=self._of.glue_job, RunId=run_id)["JobRun"]
        except self._aws.glue.exceptions.EntityNotFoundException:
            return None
        return GlueRun(
            run_id,
            run["JobRunState"],
            run.get("StartedOn"),
            run.get("CompletedOn"),
            run.get("ExecutionTime", 0),
            run.get("MaxCapacity") or _dpus(run),
            run.get("ErrorMessage"),
        )

    def glue_capacity(self) -> tuple[float, str]:
        """DPUs of the converter's job and its execution class (STANDARD or FLEX)."""
        job = self._aws.glue.get_job(JobName=self._of.glue_job)["Job"]
        return job.get("MaxCapacity") or _dpus(job), job.get("ExecutionClass", "STANDARD")

    # CloudWatch and the schedule

    def alarms(self) -> list[Alarm]:
        """Alarms of this deployment, metric alarms and composite ones: a page per 100 of the account's."""
        pages = self._aws.cloudwatch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix="ndjson-parquet-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        found = [
            alarm for page in pages for kind in ("MetricAlarms", "CompositeAlarms") for alarm in page.get(kind, [])
        ]
        ours = [alarm for alarm in found if alarm["AlarmName"].endswith(f"-{self._of.environment}")]
        return [
            Alarm(alarm["AlarmName"], alarm["StateValue"], alarm.get("AlarmDescription", ""), alarm.get("Threshold"))
            for alarm in ours
        ]

    def metric(
        self, name: str, now: datetime, back: timedelta, period_seconds: int, stat: Statistic = "Sum"
    ) -> list[tuple[datetime, float]]:
        """One of our metrics by its periods, latest first; an empty list when nothing was emitted."""
        query = _query(NAMESPACE, name, {"service": self._of.service}, period_seconds, stat=stat)
        return self._values([query], now - back, now).get("m0", [])

    def function_seconds(self, now: datetime, days: int) -> dict[str, tuple[float, float]]:
        """Invocations and seconds of each function over the last days, as Lambda metered them."""
        totals = {}
        for name in self._of.functions:
            queries = [
                _query("AWS/Lambda", metric, {"FunctionName": name}, 86400, f"m{number}")
                for number, metric in enumerate(("Invocations", "Duration"))
            ]
            values = self._values(queries, now - timedelta(days=days), now)
            sums = [sum(value for _, value in values.get(key, [])) for key in ("m0", "m1")]
            totals[name] = (sums[0], sums[1] / 1000)
        return totals

    def function_memory_mb(self, name: str) -> int:
        """Memory of a function; 0 when there is none of that name."""
        try:
            return int(self._aws.functions.get_function_configuration(FunctionName=name)["MemorySize"])
        except self._aws.functions.exceptions.ResourceNotFoundException:
            return 0

    def schedule(self, now: datetime) -> Schedule:
        """The sweep's schedule and when it last ran, by its metric of the last three hours."""
        state, expression = self._rule(self._of.sweep_rule)
        runs = self.metric("SweepsDone", now, timedelta(hours=3), 60)
        last = next((iso(at) for at, value in runs if value > 0), None)
        return Schedule(None if state is None else state == "ENABLED", _minutes(expression), last)

    def triggers(self, *, has_stream: bool) -> list[Trigger]:
        """What makes manifest_builder run, stream_manifest_creator where it is in use, and the reconciler."""
        found = [self._mapping("file events", self._of.manifest_builder)]
        if has_stream:
            found.append(self._mapping("stream", self._of.stream_manifest_creator))
        state, _ = self._rule(self._of.reconcile_rule)
        if state is None:
            return [*found, Trigger("reconciler", None, "events:DescribeRule is not allowed")]
        return [*found, Trigger("reconciler", state == "ENABLED", state.lower())]

    def _mapping(self, name: TriggerName, function: str) -> Trigger:
        """The event source mapping of a function."""
        try:
            listed = self._aws.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        except ClientError as error:
            if is_refusal(error):
                return Trigger(name, None, "lambda:ListEventSourceMappings is not allowed")
            if error_code(error) != _NOT_FOUND:
                raise
            listed = []
        states = {mapping.get("State", "absent").lower() for mapping in listed} or {"absent"}
        return Trigger(name, not states & _OFF, ", ".join(sorted(states)))

    def _rule(self, name: str) -> tuple[str | None, str]:
        """State and expression of a rule; a state of None when the caller may not read it."""
        try:
            rule = self._aws.events.describe_rule(Name=name)
        except ClientError as error:
            if is_refusal(error):
                return None, ""
            if error_code(error) == _NOT_FOUND:
                return "absent", ""
            raise
        return rule["State"], rule.get("ScheduleExpression", "")

    def _glue_run_of(self, arn: str) -> str | None:
        """The last Glue run that an execution started, from its history."""
        pages = self._aws.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=arn, reverseOrder=True, PaginationConfig={"MaxItems": _LONGEST_HISTORY}
        )
        for event in (event for page in pages for event in page["events"]):
            told = (
                event.get("taskSubmittedEventDetails", {}).get("output", ""),
                event.get("taskSucceededEventDetails", {}).get("output", ""),
                event.get("taskFailedEventDetails", {}).get("cause", ""),
            )
            if found := _GLUE_RUN.search("".join(told)):
                return found[1]
        return None

    def _values(
        self, queries: Sequence[Mapping[str, Any]], start: datetime, end: datetime
    ) -> dict[str, list[tuple[datetime, float]]]:
        answer = self._aws.cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=start, EndTime=end, ScanBy="TimestampDescending"
        )
        return {
            result["Id"]: list(zip(result["Timestamps"], result["Values"], strict=True))
            for result in answer["MetricDataResults"]
        }

    def _url(self, queue: str) -> str | None:
        try:
            return self._aws.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        except ClientError as error:
            if "NonExistentQueue" in error_code(error) or error_code(error) == "QueueDoesNotExist":
                return None
            raise

    def _receive(self, url: str, count: int) -> Sequence[Any]:
        answer = self._aws.sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=count,
            VisibilityTimeout=_PEEK_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
        )
        return answer.get("Messages", [])

    def _let_go(self, url: str, handles: Sequence[str]) -> None:
        if handles:
            self._aws.sqs.change_message_visibility_batch(
                QueueUrl=url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                    for number, handle in enumerate(handles)
                ],
            )


def _dead_letter(message: Mapping[str, Any]) -> DeadLetter:
    attributes = message.get("Attributes", {})
    return DeadLetter(
        message["MessageId"],
        datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000).astimezone(),
        int(attributes.get("ApproximateReceiveCount", 0)),
        message["Body"],
    )


def _dpus(workers: Mapping[str, Any]) -> float:
    """A G.1X worker is one DPU, a G.2X two, a G.025X a quarter."""
    size = re.fullmatch(r"G\.(\d+)X", workers.get("WorkerType", "G.1X"))
    each = float(size[1]) if size else 1.0
    return float(workers.get("NumberOfWorkers", 0)) * (0.25 if size and size[1] == "025" else each)


def _minutes(expression: str) -> int:
    """`rate(5 minutes)` -> 5; 0 for an expression of another kind."""
    found = re.fullmatch(r"rate\((\d+) (\w+)\)", expression)
    return int(found[1]) * _MINUTES.get(found[2], 0) if found else 0


def _query(  # noqa: PLR0913, PLR0917 - what names a metric, and how it is read
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    period_seconds: int,
    key: str = "m0",
    stat: Statistic = "Sum",
) -> dict[str, Any]:
    named = [{"Name": dimension, "Value": value} for dimension, value in dimensions.items()]
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": named}
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": period_seconds, "Stat": stat}}
