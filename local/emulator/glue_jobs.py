"""Glue jobs that really run: the parts of the Glue API that start, stop and list runs, with the limits of AWS."""

import contextvars
import copy
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core import responses, tls
from ministack.services import glue

from local.emulator import glue_logs, role_sessions
from local.emulator.glue_process import Interpreter, JobProcess, Outcome, Work

Document = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[[Document], Answer]

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"})
STOPPABLE = frozenset({"STARTING", "RUNNING"})
RUNNABLE = frozenset({"glueetl", "pythonshell"})
# Settings of a job that MiniStack does not store.
KEPT_SETTINGS = (
    "ExecutionProperty",
    "ExecutionClass",
    "JobMode",
    "JobRunQueuingEnabled",
    "LogUri",
    "MaintenanceWindow",
    "NotificationProperty",
)
DPUS_PER_WORKER = {"G.025X": 0.25, "Standard": 1.0, "G.1X": 1.0, "G.2X": 2.0, "G.4X": 4.0, "G.8X": 8.0}
INTERRUPTED = "Internal service error: the embedded AWS ended while this run was going"

_interpreter = Interpreter(
    python=os.environ.get("NDJSON_PARQUET_GLUE_PYTHON", ""), java_home=os.environ.get("JAVA_HOME", "")
)
# Tests of the timeout cannot wait for whole minutes.
_seconds_per_minute = float(os.environ.get("NDJSON_PARQUET_GLUE_SECONDS_PER_MINUTE", "60"))
_limits = threading.Lock()
_going: dict[str, JobProcess] = {}


def install() -> None:
    """Put these operations in the place of MiniStack's."""
    glue._create_job = _keeping_settings(glue._create_job, lambda request: request["Name"], lambda request: request)
    glue._update_job = _keeping_settings(
        glue._update_job, lambda request: request["JobName"], lambda request: request["JobUpdate"]
    )
    glue._start_job_run = start_job_run
    glue._batch_stop_job_run = batch_stop_job_run
    glue._get_job_runs = get_job_runs
    glue.load_persisted_state = _ending_interrupted_runs(glue.load_persisted_state)


def stop_everything() -> None:
    """End every process; for the end of the server."""
    for process in list(_going.values()):
        process.stop()


def start_job_run(request: Document) -> Answer:
    """StartJobRun. EntityNotFoundException, ConcurrentRunsExceededException."""
    job = copy.deepcopy(glue._jobs.get(request.get("JobName")))
    if job is None:
        return _error("EntityNotFoundException", f"Job {request.get('JobName')} not found")
    run = _new_run(job, request, f"jr_{secrets.token_hex(32)}")
    process = JobProcess(_work(job, run), _interpreter)
    with _limits:
        allowed = job["ExecutionProperty"]["MaxConcurrentRuns"]
        if sum(other["JobRunState"] not in ENDED for other in _runs(job)) >= allowed:
            return _error("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}")
        _runs(job).append(run)
    _launch(job, run, process)
    return _answer({"JobRunId": run["Id"]})


def get_job_runs(request: Document) -> Answer:
    """GetJobRuns, newest first, in one page. EntityNotFoundException."""
    if request.get("JobName") not in glue._jobs:
        return _error("EntityNotFoundException", f"Job {request.get('JobName')} not found")
    return _answer({"JobRuns": glue._job_runs.get(request["JobName"], [])[::-1]})


def batch_stop_job_run(request: Document) -> Answer:
    """BatchStopJobRun. A run stops a moment later: wait for its state STOPPED."""
    runs = {run["Id"]: run for run in glue._job_runs.get(request.get("JobName"), [])}
    stopped, errors = [], []
    for run_id in request.get("JobRunIds", []):
        names = {"JobName": request.get("JobName"), "JobRunId": run_id}
        problem = _stop(runs.get(run_id))
        if problem:
            errors.append({**names, "ErrorDetail": problem})
        else:
            stopped.append(names)
    return _answer({"SuccessfulSubmissions": stopped, "Errors": errors})


def find_run(job_name: str, run_id: str) -> Document:
    """The run as it stands, a live view."""
    return next(run for run in glue._job_runs[job_name] if run["Id"] == run_id)


def _stop(run: Document | None) -> Document | None:
    """Stop one run; the error to report when that is not possible."""
    if run is None:
        return {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Run not found"}
    if run["JobRunState"] not in STOPPABLE:
        return {"ErrorCode": "InvalidInputException", "ErrorMessage": f"Run is {run['JobRunState']}"}
    run["JobRunState"] = "STOPPING"
    process = _going.get(run["Id"])
    if process:
        process.stop()
    return None


def _new_run(job: Document, request: Document, run_id: str, attempt: int = 0) -> Document:
    now = time.time()
    worker = request.get("WorkerType") or job["WorkerType"]
    workers = request.get("NumberOfWorkers") or job["NumberOfWorkers"]
    run = {
        "Id": run_id,
        "Attempt": attempt,
        "JobName": job["Name"],
        "JobRunState": "STARTING",
        "Arguments": request.get("Arguments", {}),
        "StartedOn": now,
        "LastModifiedOn": now,
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": request.get("Timeout", job["Timeout"]),
        "WorkerType": worker,
        "NumberOfWorkers": workers,
        "MaxCapacity": workers * DPUS_PER_WORKER[worker],
        "ExecutionClass": request.get("ExecutionClass", job.get("ExecutionClass", "STANDARD")),
        "GlueVersion": job["GlueVersion"],
        "LogGroupName": glue_logs.GROUPS.get(job["Command"].get("Name"), "/aws-glue/jobs"),
    }
    if request.get("PreviousRunId"):
        run["PreviousRunId"] = request["PreviousRunId"]
    return run


def _launch(job: Document, run: Document, process: JobProcess) -> None:
    _going[run["Id"]] = process
    # The account and the region of the request live in context variables, which a thread does not inherit.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_execute, job, run, process), daemon=True).start()


def _execute(job: Document, run: Document, process: JobProcess) -> None:
    if run["JobRunState"] == "STARTING":
        run["JobRunState"] = "RUNNING"
    outcome = process.run() if job["Command"].get("Name") in RUNNABLE else _not_runnable(job)
    del _going[run["Id"]]
    retry = _retry_of(job, run) if outcome.state == "FAILED" and run["Attempt"] < job["MaxRetries"] else None
    with _limits:
        _end(run, outcome)
        if retry:
            _runs(job).append(retry)
    if retry:
        _launch(job, retry, JobProcess(_work(job, retry), _interpreter))


def _not_runnable(job: Document) -> Outcome:
    kind = job["Command"].get("Name")
    return Outcome("FAILED", f"Command {kind!r} is not supported by the embedded AWS: use {' or '.join(RUNNABLE)}")


def _retry_of(job: Document, run: Document) -> Document:
    attempt = run["Attempt"] + 1
    request = {**run, "PreviousRunId": run["Id"]}
    return _new_run(job, request, f"{run['Id'].split('_attempt_')[0]}_attempt_{attempt}", attempt)


def _end(run: Document, outcome: Outcome) -> None:
    now = time.time()
    run.update(CompletedOn=now, LastModifiedOn=now, ExecutionTime=round(now - run["StartedOn"]))
    if run["ExecutionClass"] == "FLEX":
        # All workers are this machine, and none of them leaves before the run ends.
        run["DPUSeconds"] = run["ExecutionTime"] * run["MaxCapacity"]
    if outcome.error:
        run["ErrorMessage"] = outcome.error
    # Last, because others wait for the state and then read the rest.
    run["JobRunState"] = outcome.state


def _work(job: Document, run: Document) -> Work:
    arguments = {
        **job["DefaultArguments"],
        **run["Arguments"],
        **job["NonOverridableArguments"],
        "--JOB_NAME": job["Name"],
        "--JOB_RUN_ID": run["Id"],
    }
    return Work(
        run_id=run["Id"],
        log_group=run["LogGroupName"],
        script=job["Command"].get("ScriptLocation", ""),
        arguments={name: str(value) for name, value in arguments.items()},
        timeout_seconds=run["Timeout"] * _seconds_per_minute,
        aws=_aws_variables(job),
    )


def _aws_variables(job: Document) -> dict[str, str]:
    """Endpoint, region and credentials of the job's role; what AWS_* a run gets, and all of it."""
    account, region = responses.get_account_id(), responses.get_region()
    role = job["Role"] if job["Role"].startswith("arn:") else f"arn:aws:iam::{account}:role/{job['Role']}"
    scheme = "https" if tls.use_ssl_enabled() else "http"
    variables = {
        "AWS_ENDPOINT_URL": f"{scheme}://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        **role_sessions.credentials(role, "GlueJobRunnerSession", account, region),
    }
    if tls.use_ssl_enabled():
        tls.trust_gateway_cert(variables)
    return variables


def _runs(job: Document) -> list[Document]:
    runs: list[Document] = glue._job_runs.setdefault(job["Name"], [])
    return runs


def _keeping_settings(
    original: Operation, name_of: Callable[[Document], str], settings_of: Callable[[Document], Document]
) -> Operation:
    """CreateJob or UpdateJob that stores the settings which MiniStack drops."""

    def wrapped(request: Document) -> Answer:
        answer = original(request)
        if answer[0] == 200:
            job = glue._jobs[name_of(request)]
            job.update({key: value for key, value in settings_of(request).items() if key in KEPT_SETTINGS})
            job.setdefault("ExecutionProperty", {"MaxConcurrentRuns": 1})
            if request.get("Tags"):
                glue._tags[glue._arn("job", job["Name"])] = dict(request["Tags"])
        return answer

    return wrapped


def _ending_interrupted_runs(original: Callable[[Document], None]) -> Callable[[Document], None]:
    """Restoring the saved state, with an end for each run that the end of the server cut short."""

    def wrapped(saved: Document) -> None:
        original(saved)
        for runs in glue._job_runs.all_values():
            for run in runs:
                if run["JobRunState"] not in ENDED:
                    _end(run, Outcome("FAILED", INTERRUPTED))

    return wrapped


def _answer(body: Document) -> Answer:
    answer: Answer = responses.json_response(body)
    return answer


def _error(code: str, message: str) -> Answer:
    answer: Answer = responses.error_response_json(code, message, 400)
    return answer


def task_call(operation: Operation, request: Document) -> tuple[int, Document]:
    """Status and body of an operation, for Step Functions."""
    status, _, body = operation(request)
    return status, json.loads(body)
