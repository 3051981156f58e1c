"""EventBridge targets that are retried, and end in their dead-letter queue, as on AWS.

MiniStack tries once and writes a line to its log. It still matches rules and makes the target's input; delivery to
state machines, functions, queues and topics is done here.
"""

import contextvars
import json
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ministack.core import concurrency, responses
from ministack.services import eventbridge, lambda_svc, sns, sqs, stepfunctions

from local.emulator import dead_letters, metrics, queue_metrics, retries, role_sessions

Document = dict[str, Any]

NAMESPACE = "AWS/Events"
MOST_RETRIES = 185
OLDEST_SECONDS = 86_400
# The error codes of EventBridge, by those of the services. What is not here is a request that no retry improves.
CODES: Mapping[str, str] = {"StateMachineDoesNotExist": "NO_RESOURCE", "ThrottlingException": "THROTTLING"}
WORTH_A_RETRY = frozenset({"THROTTLING"})

log = logging.getLogger("event_targets")


class Refusal(NamedTuple):
    """Why a target did not take an event, in EventBridge's terms."""

    code: str
    message: str


class Delivery(NamedTuple):
    """One event on its way to one target. `envelope` is the event as it was sent, whatever the target's input is."""

    target: Document
    rule_arn: str
    envelope: Document


Attempt = Callable[[], Refusal | None]

_current: contextvars.ContextVar[Delivery] = contextvars.ContextVar("delivery")


def install() -> None:
    """Put these deliveries in the place of MiniStack's."""
    eventbridge._invoke_target = _remembering(eventbridge._invoke_target)
    eventbridge._dispatch_to_stepfunctions = lambda arn, payload: deliver(lambda: start_execution(arn, payload))
    eventbridge._dispatch_to_lambda = lambda arn, payload: deliver(lambda: invoke(arn, payload))
    eventbridge._dispatch_to_sns = lambda arn, payload: deliver(lambda: publish(arn, payload))
    send = eventbridge._dispatch_to_sqs
    eventbridge._dispatch_to_sqs = lambda spec, *rest: deliver(lambda: enqueue(str(spec), lambda: send(spec, *rest)))


def deliver(attempt: Attempt) -> None:
    """Try once in the thread of the event's sender, and go on in one of its own when that fails."""
    refusal = attempt()
    if refusal:
        concurrency.spawn_background(_retry, attempt, refusal)


def start_execution(arn: str, payload: str) -> Refusal | None:
    """An execution with a name of its own, in the machine, version or alias."""
    refused = role_sessions.refused_action(
        _current.get().target.get("RoleArn", ""), "events", ("states:StartExecution",), arn
    )
    if refused:
        return Refusal("NO_PERMISSIONS", refused)
    status, _, body = stepfunctions._start_execution({"stateMachineArn": arn, "input": payload})
    if status == 200:
        return None
    error = json.loads(body)
    return Refusal(CODES.get(error["__type"], "SDK_CLIENT_ERROR"), error["message"])


def invoke(arn: str, payload: str) -> Refusal | None:
    """An asynchronous invocation: what fails after this is retried by Lambda and not by EventBridge."""
    function, settings, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not settings:
        return Refusal("NO_RESOURCE", f"Function not found: {name}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, settings), json.loads(payload))
    return None


def publish(arn: str, payload: str) -> Refusal | None:
    try:
        published = sns.publish_internal(arn, payload)
    except sns.SnsPublishError as error:
        return Refusal("SDK_CLIENT_ERROR", str(error))
    return None if published else Refusal("NO_RESOURCE", f"Topic does not exist: {arn}")


def enqueue(arn: str, send: Callable[[], None]) -> Refusal | None:
    if sqs._queue_by_arn(arn) is None:
        return Refusal("NO_RESOURCE", f"The specified queue does not exist: {arn}")
    if not _queue_admits(arn):
        return Refusal("NO_PERMISSIONS", f"the policy of {arn} does not let events.amazonaws.com send to it")
    send()
    queue_metrics.sent(arn)
    return None


def _remembering(original: Callable[..., None]) -> Callable[..., None]:
    def wrapped(target: Document, event: Document, rule: Document, view: Any = None) -> None:
        seen = view or eventbridge._pattern_event_view(event)
        before = _current.set(Delivery(target, rule["Arn"], seen.event_with_detail()))
        try:
            original(target, event, rule, seen)
        finally:
            _current.reset(before)

    return wrapped


def _retry(attempt: Attempt, first: Refusal) -> None:
    policy = _current.get().target.get("RetryPolicy") or {}
    most = policy.get("MaximumRetryAttempts", MOST_RETRIES)
    end = time.monotonic() + retries.age_seconds(policy.get("MaximumEventAgeInSeconds", OLDEST_SECONDS))
    refusal, done, exhausted = first, 0, None
    while refusal.code in WORTH_A_RETRY and not exhausted:
        wait = retries.wait_seconds(done + 1)
        if done >= most:
            exhausted = "MaximumRetryAttempts"
        elif time.monotonic() + wait > end:
            exhausted = "MaximumEventAgeInSeconds"
        else:
            time.sleep(wait)
            done += 1
            again = attempt()
            if again is None:
                return
            refusal = again
    _bury(refusal, done, exhausted)


def _bury(refusal: Refusal, attempts: int, exhausted: str | None) -> None:
    """Send the event to the target's dead-letter queue; without one it is lost, as on AWS."""
    delivery = _current.get()
    target_arn = delivery.target["Arn"]
    queue = (delivery.target.get("DeadLetterConfig") or {}).get("Arn")
    log.warning("event %s not delivered to %s: %s", delivery.envelope["id"], target_arn, refusal)
    _count("FailedInvocations", delivery.rule_arn)
    if not queue:
        return
    attributes = {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": target_arn,
        "ERROR_CODE": refusal.code,
        "ERROR_MESSAGE": refusal.message,
        "RETRY_ATTEMPTS": str(attempts),
        **({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}),
    }
    problem = (
        dead_letters.send(queue, json.dumps(delivery.envelope), attributes)
        if _queue_admits(queue)
        else "its policy does not let events.amazonaws.com send to it"
    )
    _count("InvocationsFailedToBeSentToDlq" if problem else "InvocationsSentToDlq", delivery.rule_arn)
    if problem:
        log.error("event %s lost, the dead-letter queue %s: %s", delivery.envelope["id"], queue, problem)


def _count(name: str, rule_arn: str) -> None:
    """On the default bus by the rule alone, on another by its name too, as on AWS."""
    *bus, rule = rule_arn.partition(":rule/")[2].split("/")
    metrics.count(NAMESPACE, name, {"RuleName": rule, **({"EventBusName": bus[0]} if bus else {})})


def _queue_admits(arn: str) -> bool:
    """Whether the queue's policy lets this rule send; without IAM enforced, always."""
    admitted: bool = sqs.queue_policy_allows(
        arn, "events.amazonaws.com", _current.get().rule_arn, responses.get_account_id()
    )
    return admitted
