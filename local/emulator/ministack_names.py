"""Every name inside MiniStack that this package uses or replaces, and why. None of them is a public interface.

A new version of MiniStack may rename any of them, so the version is pinned, the server refuses to start when one is
absent, and a test compares this table with the code.
"""

import importlib
from importlib import metadata
from typing import NamedTuple

PINNED_VERSION = "1.5.33"


class Name(NamedTuple):
    """One attribute of one MiniStack module."""

    module: str
    attribute: str
    reason: str


_GLUE = "ministack.services.glue"
_STATES = "ministack.services.stepfunctions"
_LAMBDA = "ministack.core.lambda_runtime"
_IAM = "ministack.core.iam_evaluator"
_TLS = "ministack.core.tls"
_RESPONSES = "ministack.core.responses"

NAMES = (
    Name(_GLUE, "_create_job", "wrapped: it drops ExecutionProperty and other settings, so a second plan is not empty"),
    Name(_GLUE, "_update_job", "wrapped: as _create_job"),
    Name(_GLUE, "_start_job_run", "replaced: a Spark run is a stub that always succeeds, MaxConcurrentRuns is ignored"),
    Name(_GLUE, "_batch_stop_job_run", "replaced: it marks the run as stopped and lets its process go on"),
    Name(_GLUE, "_get_job_runs", "replaced: oldest first, AWS answers newest first"),
    Name(_GLUE, "load_persisted_state", "wrapped: a run that was going when the server ended stays RUNNING for ever"),
    Name(_GLUE, "_jobs", "read: the job definitions"),
    Name(_GLUE, "_job_runs", "read and written: the runs of each job"),
    Name(_STATES, "_SERVICE_DISPATCH", "extended: glue:startJobRun and its .sync form are not implemented"),
    Name(_STATES, "_ExecutionError", "raised: the error that Retry and Catch look at"),
    Name(_STATES, "_execute_task", "wrapped: a task has to know its execution, to see that it was stopped"),
    Name(_STATES, "_invoke_resource", "wrapped: the rights of the state machine's role are not checked"),
    Name(_STATES, "_fail_execution", "wrapped: it turns an ABORTED execution into a FAILED one"),
    Name(_LAMBDA, "execution_credentials", "wrapped: functions lack AWS_EXECUTION_ENV; used for the job's role too"),
    Name(_LAMBDA, "subprocess", "replaced in that module: functions inherit the server's whole environment"),
    Name(_IAM, "EvalContext", "used: one question to the policy engine"),
    Name(_IAM, "evaluate", "used: the policy engine's answer"),
    Name(_IAM, "resolve_principal", "used: the policies and boundary of a role"),
    Name(_TLS, "use_ssl_enabled", "used: whether the gateway speaks https"),
    Name(_TLS, "trust_gateway_cert", "used: CA settings of a job's process"),
    Name(_RESPONSES, "json_response", "used: an answer as the services give it"),
    Name(_RESPONSES, "error_response_json", "used: an error as the services give it"),
    Name(_RESPONSES, "get_account_id", "used: the account of the request"),
    Name(_RESPONSES, "get_region", "used: the region of the request"),
    Name("ministack.app", "AUTH", "read: whether IAM is enforced"),
    Name("ministack.app", "main", "called: runs the server"),
)


class IncompatibleMiniStackError(RuntimeError):
    """The installed MiniStack lacks names that this package builds on."""


def absent(names: tuple[Name, ...] = NAMES) -> list[Name]:
    """The names that the installed MiniStack does not have."""
    return [name for name in names if not _exists(name)]


def check(names: tuple[Name, ...] = NAMES) -> None:
    """Raise IncompatibleMiniStackError when the installed MiniStack lacks one of the names."""
    gone = absent(names)
    if gone:
        listed = "\n".join(f"  {name.module}.{name.attribute}: {name.reason}" for name in gone)
        raise IncompatibleMiniStackError(
            f"MiniStack {metadata.version('ministack')} lacks names that the embedded AWS replaces or uses "
            f"(it is written for {PINNED_VERSION}):\n{listed}\n"
            f"Install the pinned version (make setup), or adapt local/emulator/ to the new one."
        )


def _exists(name: Name) -> bool:
    try:
        return hasattr(importlib.import_module(name.module), name.attribute)
    except ImportError:
        return False
