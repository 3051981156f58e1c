"""How state_manager is called, and what its failures mean for the person who called."""

import io
import json
from typing import Any

import pytest

from ndjson_parquet_cli.actions import Actions, Answer, Request
from ndjson_parquet_cli.aws import Aws
from ndjson_parquet_cli.deployment import deployment
from ndjson_parquet_cli.errors import ActionError, UnreachableError
from tests.cli_world import CALLER, VARIABLES, answer

OF = deployment("dev", CALLER, VARIABLES)


class Lambda:
    """A Lambda client that answers each invocation with the next document, or raises it."""

    class exceptions:  # noqa: N801 - as botocore names it
        class TooManyRequestsException(Exception):  # noqa: N818 - as botocore names it
            pass

    def __init__(self, *documents: Any, fails: bool = False) -> None:
        self._documents = list(documents)
        self._fails = fails
        self.invoked: list[tuple[str, Any]] = []

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803 - as botocore names it
        self.invoked.append((FunctionName, json.loads(Payload)))
        document = self._documents.pop(0)
        if isinstance(document, Exception):
            raise document
        body = {"Payload": io.BytesIO(json.dumps(document).encode())}
        return {**body, "FunctionError": "Unhandled"} if self._fails else body


def actions(functions: Lambda, waits: list[float] | None = None) -> Actions:
    aws = Aws()
    vars(aws)["functions"] = functions
    return Actions(aws, OF, sleep=([] if waits is None else waits).append)


def test_a_request_is_sent_with_each_cursor_and_its_answers_are_added_up() -> None:
    functions = Lambda(
        answer({"flushed": 2}, ("a", "flushed", ""), cursor={"next": 2}), answer({"flushed": 1}, ("b", "flushed", ""))
    )
    heard: list[int] = []

    def report(found: Answer) -> None:
        heard.append(found.counts["flushed"])

    found = actions(functions).run(Request("flush", {"limit": None}), dry_run=False, report=report)
    assert (found.counts, [item.subject for item in found.items], heard) == ({"flushed": 3}, ["a", "b"], [2, 3])
    name, first = functions.invoked[0]
    assert name == "ndjson-parquet-state-manager-dev"
    assert first == {"action": "flush", "by": CALLER.arn, "dry_run": False, "cursor": None}
    assert functions.invoked[1][1]["cursor"] == {"next": 2}


def test_the_sweep_takes_no_other_parameters() -> None:
    functions = Lambda({"batches_flushed": 0})
    assert actions(functions).sweep() == {"batches_flushed": 0}
    assert functions.invoked[0][1] == {"action": "sweep", "by": CALLER.arn}


def test_a_function_that_fails_says_why_and_where_its_log_is() -> None:
    functions = Lambda({"errorType": "MalformedEventError", "errorMessage": "keys is []"}, fails=True)
    with pytest.raises(ActionError, match=r"release failed .* MalformedEventError: keys is") as raised:
        actions(functions).run(Request("release", {"keys": []}), dry_run=True)
    assert "/aws/lambda/ndjson-parquet-state-manager-dev" in raised.value.remedy


def test_an_older_function_is_to_be_deployed() -> None:
    with pytest.raises(ActionError) as raised:
        actions(Lambda({"batches_flushed": 1})).run(Request("flush"), dry_run=True)
    assert "deploy" in raised.value.remedy


def test_a_throttled_call_is_repeated_as_it_was() -> None:
    throttle, waits = Lambda.exceptions.TooManyRequestsException(), list[float]()
    functions = Lambda(throttle, throttle, answer({"flushed": 1}))
    assert actions(functions, waits).run(Request("flush"), dry_run=False).counts == {"flushed": 1}
    assert functions.invoked == functions.invoked[:1] * 3
    assert waits == [1, 2]


def test_a_function_that_stays_throttled_has_a_runbook() -> None:
    waits: list[float] = []
    with pytest.raises(UnreachableError, match="throttled for 60 s") as raised:
        actions(Lambda(*[Lambda.exceptions.TooManyRequestsException()] * 7), waits).run(Request("flush"), dry_run=True)
    assert sum(waits) == 60
    assert "function-throttles.md" in raised.value.remedy


def test_items_are_kept_to_a_number_and_all_are_counted() -> None:
    many = [(f"file {number}", "not_found", "") for number in range(1500)]
    found = actions(Lambda(answer({"not_found": 1500}, *many))).run(Request("release"), dry_run=False)
    assert (len(found.items), found.problems) == (1000, 1500)
