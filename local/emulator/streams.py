"""DynamoDB Streams event source mappings that handle failures as on AWS.

MiniStack ignores batch item failures, bisecting, retry limits, failure destinations and the batching window, and polls
all mappings in one thread. Here each mapping has a thread while it has records, and one batch at a time.
"""

import contextvars
import json
import logging
import time
from dataclasses import replace
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb, lambda_svc

from local.emulator import dead_letters, retries, role_sessions, stream_batches
from local.emulator.stream_batches import Batch, Placed

Document = dict[str, Any]

SECONDS_BETWEEN_LOOKS = 0.1
# What the function's role needs, and Lambda asks for when the mapping is made; here it is asked before each batch.
READING = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")

log = logging.getLogger("streams")


def install() -> None:
    """Put this in the place of MiniStack's reader of DynamoDB streams."""
    lambda_svc._poll_dynamodb_streams = hand_out


def hand_out() -> bool:
    """Give each idle mapping that has records a thread; whether there was one. Called again and again by one thread."""
    found = [
        contextvars.copy_context().run(_hand_out, account, region, mapping)
        for account, region, mapping in lambda_svc._iter_all_esms()
        if ":dynamodb:" in mapping["EventSourceArn"]
    ]
    return any(found)


def _hand_out(account: str, region: str, mapping: Document) -> bool:
    responses.set_request_account_id(account)
    responses.set_request_region(region)
    reader = Reader(mapping)
    if lambda_svc._esm_inflight.get(mapping["UUID"]) or not reader.has_records():
        return False
    lambda_svc._dispatch_esm_batch(mapping["UUID"], reader.run)
    return True


class Reader:
    """Takes one batch of one mapping to its end: processed, discarded, or left because the mapping was changed."""

    def __init__(self, mapping: Document) -> None:
        self._mapping = mapping
        self._stream = mapping["EventSourceArn"]
        self._table = self._stream.split("/")[1]
        self._failures_in_a_row = 0

    def has_records(self) -> bool:
        return self._is_live() and self._waiting() > 0 and self._may_read()

    def run(self) -> None:
        self._wait_for_a_full_batch()
        start = self._position()
        records = dynamodb.stream_records_since(self._table, start, self._mapping["BatchSize"])
        placed = [Placed(start + index, record) for index, record in enumerate(records)]
        kept = [one for one in placed if lambda_svc._apply_filter_criteria([one.record], self._mapping)]
        pending = [Batch(kept)] if kept else []
        while pending and self._is_live():
            pending = self._attempt(pending[0]) + pending[1:]
            self._set_checkpoint(pending)
        if not pending:
            self._move_to(start + len(records))

    def _attempt(self, batch: Batch) -> list[Batch]:
        """Send the batch once; what is left of it to be sent."""
        limits = stream_batches.limits_of(self._mapping)
        too_old = stream_batches.expired(batch, time.time(), limits)
        if too_old:
            self._discard(replace(batch, records=batch.records[:too_old]), stream_batches.TOO_OLD, None)
            rest = replace(batch, records=batch.records[too_old:])
            return [rest] if rest.records else []
        result = lambda_svc._execute_function(self._function(), {"Records": [one.record for one in batch.records]})
        if result.get("throttle"):
            # A throttled invocation did not take place: only the records' age ends these.
            self._pause()
            return [batch]
        return self._after(replace(batch, invocations=batch.invocations + 1), result, limits)

    def _after(self, batch: Batch, result: Document, limits: stream_batches.Limits) -> list[Batch]:
        failed_at = stream_batches.first_failure(batch, result, limits)
        self._mapping["LastProcessingResult"] = "OK" if failed_at is None else "PROBLEM: Function call failed"
        if failed_at is None:
            self._failures_in_a_row = 0
            return []
        log.warning("%s: %d records failed: %s", self._mapping["UUID"], len(batch.records), result.get("body"))
        decision = stream_batches.after_failure(batch, failed_at, limits)
        if decision.give_up:
            self._discard(decision.give_up, stream_batches.RETRIES_EXHAUSTED, result)
        else:
            self._pause()
        return decision.next

    def _discard(self, batch: Batch, condition: str, result: Document | None) -> None:
        settings = self._function()["config"]
        destination = (self._mapping.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
        if not destination:
            return
        refused = role_sessions.refused_action(
            settings["Role"], "lambda-destination", ("sqs:SendMessage",), destination
        )
        record = stream_batches.failure_record(batch, condition, settings, result, responses.new_uuid())
        problem = refused or dead_letters.send(destination, json.dumps(record))
        if problem:
            log.error("%s: the failure record did not reach %s: %s", self._mapping["UUID"], destination, problem)

    def _pause(self) -> None:
        self._failures_in_a_row += 1
        until = time.monotonic() + retries.wait_seconds(self._failures_in_a_row)
        while (left := until - time.monotonic()) > 0 and self._is_live():
            time.sleep(min(left, SECONDS_BETWEEN_LOOKS))

    def _wait_for_a_full_batch(self) -> None:
        until = time.monotonic() + (self._mapping.get("MaximumBatchingWindowInSeconds") or 0)
        while self._waiting() < self._mapping["BatchSize"] and time.monotonic() < until and self._is_live():
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _is_live(self) -> bool:
        """Whether the mapping still stands, enabled, between a function and a stream that exist."""
        table = dynamodb._tables.get(self._table) or {}
        return bool(
            lambda_svc._esms.get(self._mapping["UUID"]) is self._mapping
            and self._mapping.get("Enabled", True)
            and table.get("LatestStreamArn") == self._stream
            and self._function()
        )

    def _may_read(self) -> bool:
        role = self._function()["config"]["Role"]
        refused = role_sessions.refused_action(role, "lambda-stream-reader", READING, self._stream)
        if refused:
            self._mapping["LastProcessingResult"] = f"PROBLEM: the function's role lacks {refused}"
        return not refused

    def _function(self) -> Document:
        """The function as it is now, empty when there is none: it may change between two attempts."""
        mapping = self._mapping
        function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
        return function or {}

    def _waiting(self) -> int:
        end: int = dynamodb.stream_end_position(self._table)
        return end - self._position()

    def _position(self) -> int:
        """Where the mapping goes on: its checkpoint, or later when the stream has dropped records since."""
        horizon: int = dynamodb.stream_start_position(self._table)
        from_start = self._mapping.get("StartingPosition") == "TRIM_HORIZON"
        begin = horizon if from_start else dynamodb.stream_end_position(self._table)
        with lambda_svc._dynamodb_stream_positions_lock:
            checkpoint: int = lambda_svc._dynamodb_stream_positions.setdefault(self._mapping["UUID"], begin)
        return max(checkpoint, horizon)

    def _set_checkpoint(self, pending: list[Batch]) -> None:
        if pending:
            self._move_to(pending[0].records[0].position)

    def _move_to(self, position: int) -> None:
        if lambda_svc._esms.get(self._mapping["UUID"]) is self._mapping:
            with lambda_svc._dynamodb_stream_positions_lock:
                lambda_svc._dynamodb_stream_positions[self._mapping["UUID"]] = position
