"""Glue jobs of the embedded AWS run for real, within the limits that AWS sets."""

import io
import json
import os
import sys
import zipfile
from importlib.metadata import version

import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import EmbeddedAws
from local.java_options import java_options
from tests.component.emulator_tools import ROLE, Job, until

REPORT = """
import json, os, sys
import boto3
bucket = sys.argv[sys.argv.index("--JOB_NAME") + 1]
def report(**found):
    boto3.client("s3").put_object(Bucket=bucket, Key="report.json", Body=json.dumps(found))
"""
SLEEP = "import time\ntime.sleep(300)\n"


def report_of(job: Job) -> dict[str, object]:
    found: dict[str, object] = json.loads(job.read("report.json"))
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wheel(name: str, of_version: str) -> str:
    return f"{name}-{of_version}-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"


def job_with(emulator: EmbeddedAws, *wheels: str) -> Job:
    """A job that brings these wheels; the embedded AWS looks at their names only."""
    job = Job(emulator, "")
    for name in wheels:
        job.put(f"glue/wheels/{name}", b"")
    uris = ",".join(job.uri(f"glue/wheels/{name}") for name in wheels)
    job.glue.update_job(JobName=job.name, JobUpdate={"DefaultArguments": {"--additional-python-modules": uris}})
    return job


def test_a_run_gets_the_arguments_of_the_job_and_of_the_run(emulator: EmbeddedAws) -> None:
    job = Job(
        emulator,
        f"{REPORT}report(argv=sys.argv[1:])",
        {
            "DefaultArguments": {"--kept": "default", "--replaced": "default"},
            "NonOverridableArguments": {"--fixed": "1"},
        },
    )
    run = job.run(replaced="of the run", fixed="2")
    assert run["JobRunState"] == "SUCCEEDED", run
    argv = report_of(job)["argv"]
    assert isinstance(argv, list)
    assert dict(zip(argv[::2], argv[1::2], strict=True)) == {
        "--kept": "default",
        "--replaced": "of the run",
        "--fixed": "1",
        "--JOB_NAME": job.name,
        "--JOB_RUN_ID": run["Id"],
    }


def test_a_run_sees_nothing_of_the_server_nor_of_the_shell(emulator: EmbeddedAws) -> None:
    job = Job(emulator, f"{REPORT}report(names=sorted(os.environ), here=os.getcwd(), path=sys.path)")
    assert job.run()["JobRunState"] == "SUCCEEDED"
    found = report_of(job)
    names = found["names"]
    assert isinstance(names, list)
    assert not [name for name in names if name.startswith(("NDJSON", "MINISTACK", "GATEWAY", "PYTEST", "STATE", "S3_"))]
    assert {"AWS_ENDPOINT_URL", "AWS_REGION", "PYSPARK_SUBMIT_ARGS", "TZ"} <= set(names)
    assert str(emulator.home) in str(found["here"])


def test_a_failed_script_is_a_failed_run_with_its_error(emulator: EmbeddedAws) -> None:
    job = Job(
        emulator, "print('so far')\ntry:\n    {}['first']\nexcept KeyError:\n    raise ValueError('no such day: 31')\n"
    )
    run = job.run()
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "ValueError: no such day: 31")
    logs = emulator.client("logs")
    for group, text in (("output", "so far"), ("error", "KeyError: 'first'")):
        events = logs.get_log_events(logGroupName=f"/aws-glue/jobs/{group}", logStreamName=run["Id"])["events"]
        assert text in [event["message"] for event in events]


def test_a_python_shell_job_has_a_log_of_its_own(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "print('so far')\n")
    command = {"Name": "pythonshell", "ScriptLocation": job.uri("script.py")}
    job.glue.update_job(JobName=job.name, JobUpdate={"Role": ROLE, "Timeout": 60, "Command": command})
    run = job.run()
    logs = emulator.client("logs")
    events = logs.get_log_events(logGroupName="/aws-glue/python-jobs/output", logStreamName=run["Id"])["events"]
    assert [event["message"] for event in events] == ["so far"]


def test_a_script_that_is_not_there_fails_the_run_and_is_named(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "", {"Command": {"Name": "glueetl", "ScriptLocation": "s3://nowhere/script.py"}})
    run = job.run()
    assert run["JobRunState"] == "FAILED"
    assert "s3://nowhere/script.py" in run["ErrorMessage"]


def test_extra_files_are_importable_or_beside_the_script(emulator: EmbeddedAws) -> None:
    job = Job(
        emulator, f"{REPORT}import single, packed.inner\nreport(a=single.A, b=packed.inner.B, c=open('c.txt').read())"
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("packed/__init__.py", "")
        opened.writestr("packed/inner.py", "B = 2")
    job.put("single.py", b"A = 1")
    job.put("packed.zip", archive.getvalue())
    job.put("c.txt", b"3")
    files = {"extra-py-files": f"{job.uri('single.py')}, {job.uri('packed.zip')}", "extra-files": job.uri("c.txt")}
    assert job.run(**files)["JobRunState"] == "SUCCEEDED"
    assert report_of(job) == {"a": 1, "b": 2, "c": "3"}


def test_wheels_that_the_glue_python_has_are_accepted(emulator: EmbeddedAws) -> None:
    # The emulator's own Python has neither of them.
    wheels = [wheel(name, version(name)) for name in ("pyarrow", "aws_lambda_powertools")]
    run = job_with(emulator, *wheels).run()
    assert run["JobRunState"] == "SUCCEEDED", run


@pytest.mark.parametrize(
    ("name", "found"),
    [("pyarrow", f"version {version('pyarrow')} of pyarrow"), ("no_such_wheel", "none of no_such_wheel")],
)
def test_a_wheel_that_the_glue_python_has_not_fails_with_the_remedy(
    emulator: EmbeddedAws, name: str, found: str
) -> None:
    run = job_with(emulator, wheel(name, "0.0.1")).run()
    assert run["JobRunState"] == "FAILED"
    for said in (wheel(name, "0.0.1"), f"({sys.executable})", found, f"pin {name}==0.0.1 in requirements/project.txt"):
        assert said in run["ErrorMessage"]


def test_a_wheel_that_is_not_there_fails_the_run_and_is_named(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "")
    uri = job.uri(wheel("pyarrow", version("pyarrow")))
    run = job.run(**{"additional-python-modules": uri})
    assert run["JobRunState"] == "FAILED"
    assert uri in run["ErrorMessage"]
    assert "(404)" in run["ErrorMessage"]


@pytest.mark.parametrize("entry", ["orjson==3.11.3", "s3://bucket/requirements.txt", "s3://bucket/all.gluewheels.zip"])
def test_modules_that_are_no_wheels_fail_loudly(emulator: EmbeddedAws, entry: str) -> None:
    run = Job(emulator, "").run(**{"additional-python-modules": entry})
    assert run["JobRunState"] == "FAILED"
    assert f"'{entry}' is not the s3:// URI of a wheel" in run["ErrorMessage"]


def test_what_is_not_supported_fails_loudly(emulator: EmbeddedAws) -> None:
    run = Job(emulator, "").run(**{"extra-jars": "s3://x/reader.jar"})
    assert run["JobRunState"] == "FAILED"
    assert "--extra-jars = s3://x/reader.jar is not supported" in run["ErrorMessage"]


def test_a_run_that_exceeds_its_timeout_is_ended(emulator: EmbeddedAws) -> None:
    run = Job(emulator, SLEEP, {"Timeout": 1}).run()
    assert run["JobRunState"] == "TIMEOUT"
    assert "CompletedOn" in run


def test_stopping_a_run_ends_all_of_its_processes(emulator: EmbeddedAws) -> None:
    child = "import subprocess\nreport(pid=subprocess.Popen(['sleep', '300']).pid)\n"
    job = Job(emulator, f"{REPORT}{child}{SLEEP}")
    run_id = job.start()
    until(lambda: job.has("report.json"), bool, "the start of the child process")
    pid = report_of(job)["pid"]
    assert isinstance(pid, int)
    assert alive(pid)
    answer = job.glue.batch_stop_job_run(JobName=job.name, JobRunIds=[run_id, "jr_unknown"])
    assert [run["JobRunId"] for run in answer["SuccessfulSubmissions"]] == [run_id]
    assert [error["ErrorDetail"]["ErrorCode"] for error in answer["Errors"]] == ["EntityNotFoundException"]
    assert job.end_of(run_id)["JobRunState"] == "STOPPED"
    until(lambda: alive(pid), lambda it_is: not it_is, "the end of the child process")


def test_no_more_runs_at_once_than_the_job_allows(emulator: EmbeddedAws) -> None:
    job = Job(emulator, SLEEP, {"ExecutionProperty": {"MaxConcurrentRuns": 2}})
    runs = [job.start(), job.start()]
    with pytest.raises(ClientError) as refused:
        job.start()
    assert refused.value.response["Error"]["Code"] == "ConcurrentRunsExceededException"
    job.glue.batch_stop_job_run(JobName=job.name, JobRunIds=runs)
    assert {job.end_of(run_id)["JobRunState"] for run_id in runs} == {"STOPPED"}
    job.put("script.py", b"pass")
    assert job.run()["JobRunState"] == "SUCCEEDED"


def test_job_settings_survive_create_and_update(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "", {"ExecutionProperty": {"MaxConcurrentRuns": 3}, "ExecutionClass": "FLEX"})
    assert job.glue.get_job(JobName=job.name)["Job"]["ExecutionProperty"] == {"MaxConcurrentRuns": 3}
    job.glue.update_job(JobName=job.name, JobUpdate={"ExecutionProperty": {"MaxConcurrentRuns": 4}})
    updated = job.glue.get_job(JobName=job.name)["Job"]
    assert (updated["ExecutionProperty"], updated["ExecutionClass"]) == ({"MaxConcurrentRuns": 4}, "FLEX")


def test_a_failed_run_is_tried_again_as_often_as_the_job_says(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "raise SystemExit(3)", {"MaxRetries": 1})
    first = job.start()
    runs = until(
        job.runs, lambda all_of: len(all_of) == 2 and all_of[0]["JobRunState"] == "FAILED", "the end of the second run"
    )
    assert [(run["Id"], run["Attempt"]) for run in runs] == [(f"{first}_attempt_1", 1), (first, 0)]
    assert runs[0]["PreviousRunId"] == first
    assert runs[0]["ErrorMessage"] == "Command failed with exit code 3"


def test_spark_runs(emulator: EmbeddedAws) -> None:
    script = f"""{REPORT}
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
total = spark.sparkContext.parallelize(range(100), 4).map(lambda number: number * 2).sum()
options = spark.conf.get("spark.driver.extraJavaOptions")
zone, mine = spark.conf.get("spark.sql.session.timeZone"), spark.conf.get("spark.my.setting")
report(total=total, zone=zone, mine=mine, short={java_options()!r} in options)
"""
    job = Job(emulator, script)
    run = job.run(conf="spark.my.setting=1 --conf spark.sql.session.timeZone=Europe/Berlin")
    assert run["JobRunState"] == "SUCCEEDED", run
    assert report_of(job) == {"total": 9900, "zone": "Europe/Berlin", "mine": "1", "short": True}


@pytest.mark.parametrize(
    ("settings", "capacity", "is_measured"),
    [
        ({"WorkerType": "G.1X", "NumberOfWorkers": 2}, 2, False),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 20}, 40, False),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 3, "ExecutionClass": "FLEX"}, 3, True),
    ],
)
def test_a_run_says_what_a_bill_is_made_of(
    emulator: EmbeddedAws, settings: dict[str, object], capacity: float, is_measured: bool
) -> None:
    run = Job(emulator, "import time; time.sleep(1)", settings).run()
    assert (run["MaxCapacity"], run["ExecutionClass"]) == (capacity, settings.get("ExecutionClass", "STANDARD"))
    assert run["ExecutionTime"] >= 1
    assert run.get("DPUSeconds") == (run["ExecutionTime"] * capacity if is_measured else None)
