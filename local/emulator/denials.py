"""Every call that IAM refuses is a line of the server's log, as it is an event of CloudTrail on AWS."""

import logging
from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions

log = logging.getLogger("denials")

Answer = Callable[..., Any]


def install() -> None:
    iam_actions.access_denied_response = _noted(iam_actions.access_denied_response)


def note(principal: str, action: str, resource: str) -> None:
    log.warning("denied: %s %s %s", principal, action, resource)


def _noted(original: Answer) -> Answer:
    def wrapped(service: str, action: str, principal: str, *arguments: Any, **options: Any) -> Any:
        note(principal, action, options.get("resource_arn") or "*")
        return original(service, action, principal, *arguments, **options)

    return wrapped
