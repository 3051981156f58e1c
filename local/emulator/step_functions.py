"""`glue:startJobRun` and its `.sync` form in state machines; a stopped execution ends the run it started."""

import json
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, NamedTuple

from ministack.services import stepfunctions

from local.emulator import glue_jobs, step_functions_roles

Document = dict[str, Any]
TaskResult = tuple[Any, str | None]
Answer = tuple[int, Document, bytes]

SECONDS_BETWEEN_LOOKS = 0.1
TIMES = ("StartedOn", "LastModifiedOn", "CompletedOn")


class Task(NamedTuple):
    """The task that a thread is in: its execution, a live view, and its state's definition."""

    execution: Document
    state: Document


class ExecutionStoppedError(Exception):
    """The execution was stopped while a task waited. Not an error of MiniStack's: no Retry and no Catch may see it."""


_task: ContextVar[Task] = ContextVar("task")


def install() -> None:
    """Add the Glue integration, and put execution and role checks around MiniStack's tasks."""
    stepfunctions._SERVICE_DISPATCH["arn:aws:states:::glue:startJobRun"] = start_job_run
    stepfunctions._execute_task = _knowing_the_task(stepfunctions._execute_task)
    stepfunctions._fail_execution = _unless_it_ended(stepfunctions._fail_execution)
    stepfunctions._invoke_resource = _checking_the_role(stepfunctions._invoke_resource)
    stepfunctions._find_matching_retrier = _with_its_delay(stepfunctions._find_matching_retrier)
    stepfunctions._create_state_machine = _keeping_tracing(stepfunctions._create_state_machine)
    stepfunctions._update_state_machine = _keeping_tracing(stepfunctions._update_state_machine)


def start_job_run(resource: str, parameters: Document) -> Document:
    """The task: the run's id at once, or with `.sync` the whole JobRun when it has succeeded."""
    status, answer = glue_jobs.task_call(glue_jobs.start_job_run, parameters)
    if status != 200:
        raise stepfunctions._ExecutionError(f"Glue.{answer['__type']}", answer["message"])
    if not resource.endswith(".sync"):
        return answer
    run = _when_ended(glue_jobs.find_run(parameters["JobName"], answer["JobRunId"]))
    if run["JobRunState"] != "SUCCEEDED":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(run))
    return run


def _when_ended(run: Document) -> Document:
    """The ended run as AWS hands it to a state machine, times in milliseconds. Stops it when nobody waits any more."""
    task = _task.get()
    deadline = time.monotonic() + task.state.get("TimeoutSeconds", float("inf"))
    while run["JobRunState"] not in glue_jobs.ENDED:
        stopped, late = task.execution["status"] != "RUNNING", time.monotonic() >= deadline
        if stopped or late:
            glue_jobs.batch_stop_job_run({"JobName": run["JobName"], "JobRunIds": [run["Id"]]})
            raise (
                ExecutionStoppedError if stopped else stepfunctions._ExecutionError("States.Timeout", "Task timed out")
            )
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return {name: round(value * 1000) if name in TIMES else value for name, value in run.items()}


def _knowing_the_task(original: Callable[..., TaskResult]) -> Callable[..., TaskResult]:
    def wrapped(state: Document, raw_input: Any, execution: Document, context: Document) -> TaskResult:
        before = _task.set(Task(execution, state))
        try:
            return original(state, raw_input, execution, context)
        except ExecutionStoppedError:
            # The machine looks at the execution's status before it would go on.
            return raw_input, None
        finally:
            _task.reset(before)

    return wrapped


def _unless_it_ended(original: Callable[..., None]) -> Callable[..., None]:
    def wrapped(execution: Document, error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            original(execution, error, cause)

    return wrapped


def _with_its_delay(original: Callable[..., tuple[Document | None, int]]) -> Callable[..., tuple[Document | None, int]]:
    """The retrier that matches, its next delay worked out: MiniStack knows neither MaxDelaySeconds nor jitter."""

    def wrapped(retriers: list[Document], error: str, counts: dict[int, int]) -> tuple[Document | None, int]:
        retrier, index = original(retriers, error, counts)
        if retrier is None:
            return retrier, index
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** counts.get(index, 0)
        delay = min(delay, retrier.get("MaxDelaySeconds", delay))
        if retrier.get("JitterStrategy") == "FULL":
            delay = random.uniform(0, delay)
        return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1}, index

    return wrapped


def _keeping_tracing(original: Callable[[Document], Answer]) -> Callable[[Document], Answer]:
    """CreateStateMachine or UpdateStateMachine that stores the tracing setting, which MiniStack drops."""

    def wrapped(request: Document) -> Answer:
        answer = original(request)
        if answer[0] == 200 and "tracingConfiguration" in request:
            arn = request.get("stateMachineArn") or json.loads(answer[2])["stateMachineArn"]
            stepfunctions._state_machines[arn]["tracingConfiguration"] = request["tracingConfiguration"]
        return answer

    return wrapped


def _checking_the_role(original: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def wrapped(resource: str, parameters: Any) -> Any:
        problem = step_functions_roles.problem(_task.get().execution, resource, parameters)
        if problem:
            raise stepfunctions._ExecutionError(problem.error, problem.cause)
        return original(resource, parameters)

    return wrapped
