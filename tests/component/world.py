"""The control plane with what surrounds it on AWS: a queue, a stream, a bus, a state machine and a schedule.

Each delivers at least once, in any order, and repeats what failed. Handlers run here one call after the other through
clients that a plan makes fail; whatever they do is watched after every write.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_parquet.dispatch import EventStarter, Starter
from ndjson_parquet.errors import PipelineError
from ndjson_parquet.finishing import RunEnd
from ndjson_parquet.manifests import record_time
from ndjson_parquet.shards import ShardChoice
from stream_manifest_creator.service import inserted_manifest, publish
from tests.component.control_plane import RULES, ControlPlane, PlaneClients
from tests.component.processor import End, Execution, Processor, StatesClient
from tests.component.watch import Item, Items, Watch, files_of, of_kind, status_of, unfinished
from tests.factories import PREFIX
from tests.faults import Calls, FaultyClient, Killed, Plan, changes_something

Answer = TypeVar("Answer")

ROUNDS = 30
"""Sweeps within which everything must be at rest: open for 15 minutes, three attempts 5 and 10 minutes apart, and the
breaker's 5 minutes several times over."""
DELIVERIES = 20
"""Deliveries without a fault after which the queue must be empty."""
STREAM_RETRIES = 3
UPDATER_TRIES = 5
ASKED_AGAIN = 2
"""Rounds in which an operator sends every request once more, the last time when all that it led to has ended."""
NO_FAULT: Plan = {}


class World:
    """One pipeline. `made` names the calls of the latest run of a handler, `happened` counts planned faults."""

    def __init__(
        self,
        clients: PlaneClients,
        *,
        max_files: int = 3,
        shards: int = 2,
        attempts: int = RULES.max_attempts,
        sweep_every: timedelta = timedelta(minutes=5),
    ) -> None:
        made = ControlPlane(clients)
        self.states = StatesClient(clients.stepfunctions, lambda: made.now)
        self.plane = made.through(replace(clients, stepfunctions=self.states))
        self.watch = Watch(self.plane, max_files)
        self._max_attempts = attempts
        self.processor = Processor(self.plane, self.states, self.watch, self._tell)
        self.streams_publish = False
        self.events_start = False
        self.queue: dict[str, str] = {}
        self.announced: list[dict[str, Any]] = []
        self.made: list[str] = []
        self.runs = 0
        self.happened = 0
        self.sent: set[str] = set()
        self._streamed: set[str] = set()
        self._max_files = max_files
        self._shards = shards
        self._sweep_every = sweep_every
        self._stream_tries: dict[str, int] = {}
        self._updater_plan = NO_FAULT
        self._event_queue = ""
        self.requests: list[dict[str, Any]] = []
        self.conversions: dict[str, int] = {}
        """How often each file is to be converted that is not to be once, by object key and etag."""
        self._began = made.now

    # What comes from outside

    def send(self, name: str, etag: str = "e1", *, times: int = 1) -> list[str]:
        """A file lands, its bytes told by `etag`; its event is sent in so many messages, whose ids are the answer."""
        body = f"{etag} {name}".encode()
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        self.plane.s3.put_object(Bucket=self.plane.input, Key=f"{DAY}{name}", Body=body)
        self.sent.add(f"{name}@{etag}")
        messages = [uuid.uuid4().hex for _ in range(times)]
        self.queue |= dict.fromkeys(messages, self.plane.body(name, etag=etag, size=len(body)))
        return messages

    def remove(self, name: str) -> None:
        """The landing bucket's lifecycle has removed every version of a file."""
        bucket, key = self.plane.input, f"{DAY}{name}"
        for version in self.plane.s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]:
            self.plane.s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])

    def ask(self, action: str, plan: Plan = NO_FAULT, **parameters: Any) -> None:
        """An operator asks for something, and asks for the same until it is done, once more than need be."""
        request = {"action": action, "by": "operator", "at": record_time(self.plane.now), **parameters}
        self.requests.append(request)
        self._ask(request, plan)

    def _ask(self, request: dict[str, Any], plan: Plan = NO_FAULT) -> bool:
        return self._run(lambda plane: plane.operations(self._starter(plane), shards=self._shards).all(**request), plan)

    def reconcile(self, dates: Sequence[str]) -> bool:
        """Have everything announced that tracking never saw; whether it came to its end."""
        return self._ask({"action": "reconcile", "by": "operator", "dates": list(dates), "min_age_minutes": 0})

    def wait(self, minutes: int) -> None:
        self.plane.now += timedelta(minutes=minutes)

    # Runs of handlers

    def receive(
        self, messages: Sequence[str] | None = None, plan: Plan = NO_FAULT, shards: ShardChoice | None = None
    ) -> None:
        """manifest_builder takes these messages, or the first ten; those that it fails stay in the queue."""
        bodies = {one: self.queue[one] for one in (messages or list(self.queue)[:10]) if one in self.queue}

        def work(plane: ControlPlane) -> None:
            builder = plane.builder(
                max_files=self._max_files,
                starter=self._starter(plane),
                streams_publish=self.streams_publish,
                shards=shards or ShardChoice(self._shards),
                sleep=lambda _: None,
            )
            failures = builder.receive(bodies).failures
            for message in bodies.keys() - failures.keys():
                self.queue.pop(message, None)

        self._run(work, plan)

    def stream(self, number: int = 0, plan: Plan = NO_FAULT, *, again: bool = False) -> None:
        """stream_manifest_creator takes a record; one that failed too often goes to its queue, so to the sweep."""
        image = self.watch.inserted[number] if again else self.waiting_records()[number]
        done = self._run(lambda plane: self._publish(plane, image), plan)
        tries = self._stream_tries[image["batch_id"]] = self._stream_tries.get(image["batch_id"], 0) + 1
        if done or tries > STREAM_RETRIES:
            self._streamed.add(image["batch_id"])

    def waiting_records(self) -> list[Item]:
        """What the stream has not been rid of: while nobody reads it, all of a day."""
        return [image for image in self.watch.inserted if image["batch_id"] not in self._streamed]

    def sweep(self, plan: Plan = NO_FAULT) -> None:
        rules = {"shards": self._shards, "max_attempts": self._max_attempts}

        def work(plane: ControlPlane) -> None:
            plane.state_manager(self._starter(plane), **rules).sweep()
            plane.operations(self._starter(plane), shards=self._shards).go_on()

        self._run(work, plan)

    def announce(self, number: int = 0, *, again: bool = False) -> None:
        """The bus starts an execution for an event, and may do so again later."""
        detail = self.announced[number] if again else self.announced.pop(number)
        self.states.start_execution(stateMachineArn=self.plane.state_machine_arn, input=json.dumps(detail))

    def end(self, execution: Execution, how: End = End.SUCCEEDS, plan: Plan = NO_FAULT) -> None:
        """An execution goes on to this end; the plan is that of the status updater's first run."""
        self._updater_plan = plan
        self.processor.end(execution, how)

    # Until nothing is left to do

    def carry_on(self) -> None:
        """Whatever waits for somebody is taken up, without a fault."""
        for _ in range(DELIVERIES):
            if self.queue:
                self.receive()
        while self.streams_publish and self.waiting_records():
            self.stream()
        while self.announced:
            self.announce()
        for execution in self.states.running():
            self.end(execution)

    def settle(self) -> None:
        """Time goes by without faults until all is at rest; then what must hold at rest is checked.

        Raises:
            AssertionError: something still waits, or is not as it must be.
        """
        for round_ in range(ROUNDS):
            for request in self.requests if round_ < ASKED_AGAIN else ():
                assert self._ask(request), request
            self.carry_on()
            items = self.watch.look()
            is_asked_again = self.requests and round_ < ASKED_AGAIN - 1
            if not is_asked_again and not unfinished(items, self._max_attempts):
                return self._check_at_rest(items)
            self.plane.now += self._sweep_every
            self.sweep()
        raise AssertionError(f"after {ROUNDS} sweeps: {unfinished(items, self._max_attempts)}")

    def _check_at_rest(self, items: Items) -> None:
        self.watch.check_objects()
        assert not self.queue
        assert files_of(items.values()) == self.sent
        assert len(set(self.processor.commits)) == len(self.processor.commits)
        completed = {item["batch_id"] for item in of_kind(items, "MANIFEST#") if item["status"] == "completed"}
        assert completed == set(self.processor.commits)
        self._check_records(completed)
        conversions = self.watch.conversions(self.processor.commits)
        for item in items.values():
            if status_of(item) in ("completed", "quarantined") and "object_key" in item:
                file = f"{item['object_key']}@{item['etag']}"
                first = self.conversions.get(item["object_key"], int(status_of(item) == "completed"))
                again = 0 if item["object_key"] in self.conversions else self._asked_again * first
                assert first <= conversions[file] <= first + again, f"{file} was converted {conversions[file]} times"

    @property
    def _asked_again(self) -> int:
        """How many requests may each have every file converted once more."""
        return sum(bool(request.get("again")) for request in self.requests)

    def _check_records(self, completed: set[str]) -> None:
        """No manifest is recorded as completed twice. A record that meets a fault is given up, and nothing else is."""
        recorded = [item["batch_id"] for item in self.plane.run_items() if item["outcome"] == "completed"]
        assert len(set(recorded)) == len(recorded)
        assert set(recorded) == completed or (self.happened and set(recorded) < completed)

    # How handlers are run

    def _run(self, work: Callable[[ControlPlane], Answer], plan: Plan) -> bool:
        """Whether a run came to its end. An error that is not AWS's or ours is a defect, and goes on to the test."""
        calls = Calls(plan, self._after_call)
        wrapped = {name: FaultyClient(getattr(self.plane.clients, name), calls) for name in CLIENTS}
        wrapped["s3"] = DatedClient(self.plane.clients.s3, calls, self._began)
        try:
            work(self.plane.through(PlaneClients(**wrapped)))
        except (Killed, PipelineError, ClientError, BotoCoreError):
            return False
        finally:
            self.made = calls.made
            self.runs += 1
            self.happened += calls.happened
        return True

    def _after_call(self, name: str) -> None:
        if name.startswith("dynamodb.") and changes_something(name):
            self.watch.look()
        if name == "events.put_events":
            self._collect_events()
        if name == "sqs.send_message_batch":
            self.queue |= {uuid.uuid4().hex: body for body in self.plane.announced()}

    def _tell(self, event: dict[str, Any]) -> bool:
        """The state machine calls status_updater, and calls it again when it fails."""
        plans = [self._updater_plan] + [NO_FAULT] * (UPDATER_TRIES - 1)
        self._updater_plan = NO_FAULT
        return any(self._run(lambda plane: plane.finisher().finish(RunEnd.from_event(event)), plan) for plan in plans)

    def _publish(self, plane: ControlPlane, image: Item) -> None:
        manifest = inserted_manifest("INSERT", image)
        assert manifest is not None
        publish(*manifest, plane.publisher(self._starter(plane)))

    def _starter(self, plane: ControlPlane) -> Starter | None:
        return EventStarter(plane.events, self._bus) if self.events_start else None

    @cached_property
    def _bus(self) -> str:
        """A bus whose rule keeps the events in a queue until the test lets them start executions."""
        name, events = f"etl-{self.plane.id}", self.plane.events
        self._event_queue = str(self.plane.sqs.create_queue(QueueName=name)["QueueUrl"])
        events.create_event_bus(Name=name)
        events.put_rule(Name="ready", EventBusName=name, EventPattern=json.dumps({"detail-type": ["ManifestReady"]}))
        target = {"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{name}", "InputPath": "$.detail"}
        events.put_targets(Rule="ready", EventBusName=name, Targets=[target])
        return name

    def _collect_events(self) -> None:
        answer = self.plane.sqs.receive_message(QueueUrl=self._event_queue, MaxNumberOfMessages=10)
        self.announced += [json.loads(message["Body"]) for message in answer.get("Messages", [])]


class DatedClient(FaultyClient):
    """An S3 client in whose eyes every object landed when the world began: the world has a time of its own."""

    def __init__(self, client: Any, calls: Calls, landed_at: datetime) -> None:
        super().__init__(client, calls)
        self._landed_at = landed_at

    def list_object_versions(self, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.__getattr__("list_object_versions")(**arguments)
        for version in answer.get("Versions", []):
            version["LastModified"] = self._landed_at
        return answer


DAY = f"{PREFIX}2026-11-20/"
CLIENTS = [field.name for field in fields(PlaneClients)]
