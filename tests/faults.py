"""Faults between a handler and AWS: clients that count their calls and, at one of them, fail, lose the answer or die.

    calls = Calls({3: Fault.ANSWER_LOST})
    dynamodb = FaultyClient(boto3.client("dynamodb"), calls)

A plan may also have a call wait until something else has run: another handler's whole run, say. This interleaves
handlers at the only points at which they can disturb each other, on one thread and the same way every time.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

READING = ("get_", "head_", "list_", "describe_", "query", "scan")


class Killed(BaseException):
    """The handler's process is gone; no `except Exception` may notice."""


class Fault(StrEnum):
    """What becomes of a call after all retries of the SDK."""

    REFUSED = "fails before it reaches AWS"
    ANSWER_LOST = "is done and its answer lost"
    KILLED_BEFORE = "is not made: the handler is killed"
    KILLED_AFTER = "is done, then the handler is killed"


Happening = Fault | Callable[[], None]
Plan = Mapping[int | str, Happening]
"""By the number of a call, or by the name of all calls that it is to happen to."""


def changes_something(call: str) -> bool:
    """Whether a call, by the name that `Calls.made` gives it, does more than read."""
    return not call.partition(".")[2].startswith(READING)


class Calls:
    """The calls of one handler's run over all of its clients, numbered from 1, and what happens at which.

    `made` names them: `dynamodb.get_item`; `happened` counts what was planned and came true. `after_each` is told the
    name of every call that AWS has carried out.
    """

    def __init__(self, plan: Plan | None = None, after_each: Callable[[str], None] = lambda _: None) -> None:
        self.made: list[str] = []
        self.happened = 0
        self._plan = plan or {}
        self._after_each = after_each
        self._is_dead = False

    def make(self, name: str, send: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Carry out a call, or what the plan has in its place."""
        if self._is_dead:
            raise Killed(f"{name} after the end")
        self.made.append(name)
        happening = self._plan.get(len(self.made), self._plan.get(name))
        self.happened += happening is not None
        if callable(happening):
            happening()
        self._fail(happening, {Fault.REFUSED: EndpointConnectionError, Fault.KILLED_BEFORE: Killed}, name)
        answer = self._send(name, send, *args, **kwargs)
        self._fail(happening, {Fault.ANSWER_LOST: ReadTimeoutError, Fault.KILLED_AFTER: Killed}, name)
        return answer

    def _send(self, name: str, send: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        answer = send(*args, **kwargs)
        self._after_each(name)
        return answer

    def _fail(
        self, happening: Happening | None, errors: Mapping[Fault, Callable[..., BaseException]], name: str
    ) -> None:
        if not isinstance(happening, Fault) or happening not in errors:
            return
        error = errors[happening]
        if error is Killed:
            self._is_dead = True
            raise Killed(name)
        raise error(endpoint_url=f"aws://{name}")


class FaultyClient:
    """A boto3 client whose operations are counted calls, those inside paginators and managed transfers too."""

    def __init__(self, client: Any, calls: Calls) -> None:
        self._client = client
        self._calls = calls

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if name in self._client.meta.method_to_api_mapping:
            return partial(self._calls.make, f"{self._client.meta.service_model.service_name}.{name}", value)
        # What is made of operations (get_paginator) is run on this client, so that they are counted one by one.
        return partial(value.__func__, self) if inspect.ismethod(value) else value

    def copy(self, *args: Any, **kwargs: Any) -> None:
        """The managed copy without threads, each of which would keep Killed to itself."""
        type(self._client).copy(self, *args, Config=TransferConfig(use_threads=False), **kwargs)
