"""Actions of alarms, within the policy of their topic and with an entry in the alarm's history, as on AWS."""

import contextvars
import logging
from collections.abc import Callable
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import cloudwatch, sns

Document = dict[str, Any]

# The list of actions for each state.
ACTIONS = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}

log = logging.getLogger("alarms")


def install() -> None:
    """Put this around MiniStack's actions, which look at no policy and leave no trace."""
    cloudwatch._dispatch_alarm_actions = _permitted(cloudwatch._dispatch_alarm_actions)


def _permitted(original: Callable[..., None]) -> Callable[..., None]:
    def act(alarm: Document, old: str, new: str, reason: str) -> None:
        # A thread that serves no request counts as plain HTTP, which a topic's policy may refuse.
        iam_evaluator.pin_request_origin("", True)
        name = ACTIONS[new]
        actions = alarm.get(name) or [] if alarm.get("ActionsEnabled", True) else []
        executed = [action for action in actions if _admits(action, alarm)]
        original({**alarm, name: executed}, old, new, reason)
        for action in actions:
            _note(alarm, action, action in executed)

    def wrapped(alarm: Document, old: str, new: str, reason: str) -> None:
        contextvars.copy_context().run(act, alarm, old, new, reason)

    return wrapped


def _admits(topic: str, alarm: Document) -> bool:
    """Whether the topic is there and its policy lets the alarm publish; without IAM enforced, any that is there."""
    admitted: bool = sns._topic_by_arn_any_scope(topic) is not None and sns.topic_policy_allows(
        topic, "cloudwatch.amazonaws.com", alarm["AlarmArn"], responses.get_account_id()
    )
    return admitted


def _note(alarm: Document, action: str, executed: bool) -> None:
    summary = f"{'Successfully executed' if executed else 'Failed to execute'} action {action}"
    if not executed:
        log.error("alarm %s: %s: the topic is absent, or its policy refuses", alarm["AlarmName"], summary)
    # The newest entry is that of the change of state, with the alarm's type and the time.
    entry = {**cloudwatch._history_entries()[-1], "AlarmName": alarm["AlarmName"], "HistoryItemType": "Action"}
    cloudwatch._history_entries().append({**entry, "HistorySummary": summary, "HistoryData": "{}"})
