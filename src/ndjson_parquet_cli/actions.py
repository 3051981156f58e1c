"""Changes: every one is an action of state_manager, asked for by its event and followed to its end."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import Deployment
from ndjson_parquet_cli.errors import ActionError, UnreachableError

ITEMS_KEPT = 1000
THROTTLED_WAITS_SECONDS = (1, 2, 4, 8, 15, 30)
"""Between the tries of a call that was throttled: a minute in all."""
PROBLEMS = ("failed", "not_found", "gone", "moved")
"""Outcomes that leave something for a person to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """An action and its parameters, without the cursor."""

    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def event(self, by: str, *, dry_run: bool, cursor: Any = None) -> dict[str, Any]:
        """The event as state_manager takes it; a parameter of None is left out."""
        given = {name: value for name, value in self.parameters.items() if value is not None}
        return {"action": self.action, "by": by, "dry_run": dry_run, "cursor": cursor, **given}


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one thing."""

    subject: str
    outcome: str
    detail: str = ""


@dataclass(slots=True)
class Answer:
    """All answers to a request, added up; of the items, the first ITEMS_KEPT."""

    action: str
    dry_run: bool
    by: str
    counts: dict[str, int] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    calls: int = 0

    def add(self, document: Mapping[str, Any]) -> None:
        """One more answer."""
        self.calls += 1
        for name, count in document.get("counts", {}).items():
            self.counts[name] = self.counts.get(name, 0) + count
        found = [
            Item(str(item.get("subject", "")), str(item.get("outcome", "")), str(item.get("detail", "")))
            for item in document.get("items", [])
        ]
        self.items += found[: ITEMS_KEPT - len(self.items)]

    @property
    def problems(self) -> int:
        """How much of what was asked for did not happen."""
        return sum(self.counts.get(outcome, 0) for outcome in PROBLEMS)


class Actions:
    """state_manager, called as the person who calls."""

    def __init__(self, aws: Aws, of: Deployment, sleep: Callable[[float], None] = time.sleep) -> None:
        self._aws = aws
        self._of = of
        self._sleep = sleep

    def run(self, request: Request, *, dry_run: bool, report: Callable[[Answer], None] = lambda _: None) -> Answer:
        """Ask again with each answer's cursor until all is done; `report` hears of each answer.

        Raises:
            ActionError: the function failed; what it had done by then stays done, and may be asked for again.
        """
        answer, cursor = Answer(request.action, dry_run, self._of.caller.arn), None
        while True:
            document = self.call(request.event(self._of.caller.arn, dry_run=dry_run, cursor=cursor))
            answer.add(document)
            report(answer)
            cursor = document.get("cursor")
            if document.get("done", True) or cursor is None:
                return answer

    def sweep(self) -> dict[str, int]:
        """One sweep; its report of what was done and what waits."""
        return self.call({"action": "sweep", "by": self._of.caller.arn})

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the function once.

        Raises:
            ActionError: it failed, or did not answer as it should.
            UnreachableError: it was throttled for a minute.
        """
        answer = self._invoke(json.dumps(event))
        document = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer:
            raise ActionError(*_failure(self._of, event, document))
        if not isinstance(document, dict) or ("counts" not in document and event["action"] != "sweep"):
            raise ActionError(
                f"{self._of.state_manager} answered {document!r}", "deploy the version of this command line"
            )
        return document

    def _invoke(self, payload: str) -> Any:
        """A call that was throttled was not begun, so it may be repeated; all others are made once."""
        functions = self._aws.functions
        throttled = functions.exceptions.TooManyRequestsException
        for wait in THROTTLED_WAITS_SECONDS:
            try:
                return functions.invoke(FunctionName=self._of.state_manager, Payload=payload)
            except throttled:
                self._sleep(wait)
        try:
            return functions.invoke(FunctionName=self._of.state_manager, Payload=payload)
        except throttled as error:
            problem = f"{self._of.state_manager} was throttled for {sum(THROTTLED_WAITS_SECONDS)} s"
            raise UnreachableError(problem, "docs/runbooks/function-throttles.md; then try again") from error


def _failure(of: Deployment, event: Mapping[str, Any], document: Any) -> tuple[str, str]:
    content: Mapping[str, Any] = document if isinstance(document, dict) else {}
    kind, said = content.get("errorType", "error"), content.get("errorMessage", str(document))
    remedy = f"its log says more: aws logs tail /aws/lambda/{of.state_manager} --since 15m"
    return f"{event['action']} failed in {of.state_manager}: {kind}: {said}", remedy
