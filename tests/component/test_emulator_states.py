"""State machines of the embedded AWS start Glue jobs, wait for them, and end them when nobody waits any more."""

import json

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_tools import Job, Machine, glue_task, until

SLEEP = "import time\ntime.sleep(300)\n"
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]


def test_the_task_waits_and_gives_the_whole_run(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "")
    task = glue_task(job, Parameters={"JobName": job.name, "Arguments": {"--day": "2026-11-20"}})
    ended = Machine(emulator, task).run()
    assert ended["status"] == "SUCCEEDED", ended
    run = json.loads(ended["output"])
    assert (run["JobRunState"], run["JobName"], run["Arguments"]) == ("SUCCEEDED", job.name, {"--day": "2026-11-20"})
    assert run["CompletedOn"] >= run["StartedOn"] > 1_000_000_000_000


def test_without_sync_the_task_gives_the_run_id_at_once(emulator: EmbeddedAws) -> None:
    job = Job(emulator, SLEEP)
    ended = Machine(emulator, glue_task(job, Resource="arn:aws:states:::glue:startJobRun")).run()
    (run,) = job.runs()
    assert json.loads(ended["output"]) == {"JobRunId": run["Id"]}
    job.glue.batch_stop_job_run(JobName=job.name, JobRunIds=[run["Id"]])
    assert job.end_of(run["Id"])["JobRunState"] == "STOPPED"


def test_a_failed_run_fails_the_task_with_the_run_as_cause(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "raise ValueError('bad line 17')")
    caught = json.loads(Machine(emulator, glue_task(job, Catch=CATCH)).run()["output"])
    assert caught["Error"] == "States.TaskFailed"
    cause = json.loads(caught["Cause"])
    assert (cause["JobRunState"], cause["ErrorMessage"]) == ("FAILED", "ValueError: bad line 17")


def test_a_busy_job_is_an_error_of_its_own_that_a_retry_outlasts(emulator: EmbeddedAws) -> None:
    job = Job(emulator, SLEEP)
    running = job.start()
    retry = [{"ErrorEquals": ["Glue.ConcurrentRunsExceededException"], "IntervalSeconds": 10, "MaxAttempts": 20}]
    machine = Machine(emulator, glue_task(job, Retry=retry))
    execution = machine.start()

    def errors() -> list[str]:
        events = machine.states.get_execution_history(executionArn=execution)["events"]
        return [event["taskFailedEventDetails"]["error"] for event in events if "taskFailedEventDetails" in event]

    assert set(until(errors, bool, "the refusal")) == {"Glue.ConcurrentRunsExceededException"}
    job.put("script.py", b"pass")
    job.glue.batch_stop_job_run(JobName=job.name, JobRunIds=[running])
    assert machine.end_of(execution)["status"] == "SUCCEEDED"
    assert [run["JobRunState"] for run in job.runs()] == ["SUCCEEDED", "STOPPED"]


def test_a_stopped_execution_stops_its_run_and_stays_aborted(emulator: EmbeddedAws) -> None:
    job = Job(emulator, SLEEP)
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 5}]
    machine = Machine(emulator, glue_task(job, Retry=retry, Catch=CATCH))
    execution = machine.start()
    (run,) = until(job.runs, bool, "the start of the run")
    machine.states.stop_execution(executionArn=execution, error="Operator", cause="not needed")
    assert job.end_of(run["Id"])["JobRunState"] == "STOPPED"
    assert machine.end_of(execution)["status"] == "ABORTED"
    assert len(job.runs()) == 1


def test_a_task_that_times_out_stops_its_run(emulator: EmbeddedAws) -> None:
    job = Job(emulator, SLEEP)
    ended = Machine(emulator, glue_task(job, TimeoutSeconds=1, Catch=CATCH)).run()
    assert json.loads(ended["output"])["Error"] == "States.Timeout"
    (run,) = job.runs()
    assert job.end_of(run["Id"])["JobRunState"] == "STOPPED"
