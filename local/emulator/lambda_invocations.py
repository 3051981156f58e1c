"""Failed invocations seen from outside as on AWS: their error, and which messages of a queue come back."""

import contextvars
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc, stepfunctions

from local.emulator.lambda_errors import reported
from local.emulator.partial_failures import failed_ids

Document = dict[str, Any]

# Ids of the messages that the invocation of this thread was given, when its mapping reports batch item failures.
_reporting: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("reporting", default=None)


def install() -> None:
    """Put this around MiniStack's invocations."""
    lambda_svc._execute_function_warm = _with_error_of_aws(lambda_svc._execute_function_warm)
    lambda_svc._execute_function = _failing_on_broken_answers(lambda_svc._execute_function)
    lambda_svc._run_sqs_batch = _knowing_its_messages(lambda_svc._run_sqs_batch)
    stepfunctions._call_lambda = _naming_throttles(stepfunctions._call_lambda)


def _with_error_of_aws(original: Callable[..., Document]) -> Callable[..., Document]:
    def wrapped(function: Document, event: Any, request_id: str) -> Document:
        result = original(function, event, request_id)
        if result.get("error") and not result.get("throttle"):
            result["body"] = reported(result["body"], result.get("log", ""), request_id)
        return result

    return wrapped


def _knowing_its_messages(original: Callable[..., None]) -> Callable[..., None]:
    def wrapped(mapping: Document, function: Document, event: Document, *rest: Any) -> None:
        reports = "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", [])
        before = _reporting.set([record["messageId"] for record in event["Records"]] if reports else None)
        try:
            original(mapping, function, event, *rest)
        finally:
            _reporting.reset(before)

    return wrapped


def _failing_on_broken_answers(original: Callable[..., Document]) -> Callable[..., Document]:
    """An answer that names no message, or one that was not sent, fails the batch; MiniStack deletes the messages."""

    def wrapped(function: Document, event: Any) -> Document:
        result = original(function, event)
        sent = _reporting.get()
        if sent is None or result.get("error") or failed_ids(result.get("body"), sent) is not None:
            return result
        return {
            **result,
            "error": True,
            "body": {"errorType": "InvalidBatchItemFailures", "errorMessage": "whole batch"},
        }

    return wrapped


def _naming_throttles(original: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(function: Any, event: Any) -> Any:
        try:
            return original(function, event)
        except stepfunctions._ExecutionError as error:
            if "TooManyRequestsException" not in error.cause:
                raise
            raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause) from error

    return wrapped
