"""Starting, finding and stopping the embedded AWS, and what it keeps."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.embedded_aws import EmbeddedAws, EmulatorError
from tests.component.emulator_tools import QUICK, Job, until

# The script says its own process id before it sleeps.
SLEEP = """
import os, sys, time
import boto3
boto3.client("s3").put_object(Bucket=sys.argv[sys.argv.index("--JOB_NAME") + 1], Key="pid", Body=str(os.getpid()))
time.sleep(300)
"""


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[EmbeddedAws]:
    """Not started yet."""
    made = EmbeddedAws(tmp_path / "aws", settings=QUICK)
    yield made
    made.stop()


def alive(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(listed.strip()) and not listed.startswith("Z")


def test_state_survives_a_clean_restart_on_the_same_port(aws: EmbeddedAws) -> None:
    first = aws.start(port=0)
    aws.client("s3").create_bucket(Bucket="kept")
    aws.client("s3").put_object(Bucket="kept", Key="a", Body=b"1.10")
    queue = aws.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    assert aws.stop()
    assert aws.running() is None
    assert not aws.stop()
    second = aws.start()
    assert second.port == first.port
    assert aws.client("s3").get_object(Bucket="kept", Key="a")["Body"].read() == b"1.10"
    assert aws.client("sqs").list_queues()["QueueUrls"] == [queue]


def test_a_run_that_the_stop_cut_short_has_failed_after_the_restart(aws: EmbeddedAws) -> None:
    aws.start(port=0)
    job = Job(aws, SLEEP)
    run_id = job.start()
    until(lambda: job.has("pid"), bool, "the start of the script")
    pid = int(job.read("pid"))
    aws.stop()
    until(lambda: alive(pid), lambda it_is: not it_is, "the end of the script")
    aws.start()
    run = job.state(run_id)
    assert run["JobRunState"] == "FAILED"
    assert run["ErrorMessage"].startswith("Internal service error")


def test_no_run_outlives_a_server_that_was_killed(aws: EmbeddedAws) -> None:
    running = aws.start(port=0)
    job = Job(aws, SLEEP)
    job.start()
    until(lambda: job.has("pid"), bool, "the start of the script")
    pid = int(job.read("pid"))
    os.kill(running.pid, signal.SIGKILL)
    until(lambda: alive(pid), lambda it_is: not it_is, "the end of the script")
    until(aws.running, lambda found: found is None, "the end of the server")


def test_starting_twice_says_where_it_runs(aws: EmbeddedAws) -> None:
    assert aws.start(port=0) == aws.start(port=0) == EmbeddedAws(aws.home).start()


def test_of_several_that_start_it_at_once_one_does(aws: EmbeddedAws) -> None:
    script = (
        "from pathlib import Path; from local.embedded_aws import EmbeddedAws\n"
        f"print(EmbeddedAws(Path({str(aws.home)!r})).start(port=0).pid)"
    )
    starting = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120) for process in starting]
    running = aws.running()
    assert running is not None
    assert [out.strip() for out, _ in said] == [str(running.pid)] * 3, said


def test_a_port_that_is_taken_is_an_error_or_passed_over(aws: EmbeddedAws) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(EmulatorError, match=f"port {taken} is taken"):
            aws.start(port=taken)
        record = {"endpoint": "", "port": taken, "pid": 1, "log": ""}
        (aws.home / "server.json").write_text(json.dumps(record))
        assert aws.start().port != taken


def test_a_state_that_names_a_port_which_is_taken_is_not_started_elsewhere(aws: EmbeddedAws) -> None:
    taken = aws.start(port=0).port
    aws.client("sqs").create_queue(QueueName="kept")
    aws.stop()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", taken))
        other.listen()
        with pytest.raises(EmulatorError, match=rf"port {taken} is taken .* make clean"):
            aws.start()


def test_a_process_id_that_belongs_to_another_program_is_not_believed(aws: EmbeddedAws) -> None:
    aws.home.mkdir()
    record = {"endpoint": "", "port": 1, "pid": os.getpid(), "log": ""}
    (aws.home / "server.json").write_text(json.dumps(record))
    assert aws.running() is None
    assert not aws.stop()


def test_a_server_that_ends_at_once_shows_the_end_of_its_log(tmp_path: Path) -> None:
    broken = EmbeddedAws(tmp_path / "aws", settings={"GATEWAY_PORT": "not a number"})
    with pytest.raises(EmulatorError, match=r"(?s)ended while it started \(exit code 1\).*not a number"):
        broken.start(port=0)


def test_without_its_environment_it_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="run make setup"):
        EmbeddedAws(tmp_path, python=tmp_path / "none").start()


def test_https_is_trusted_with_its_own_certificate(aws: EmbeddedAws) -> None:
    running = aws.start(port=0, tls=True)
    assert running.endpoint.startswith("https://127.0.0.1:")
    job = Job(aws, "import boto3\nboto3.client('s3').list_buckets()")
    assert job.run()["JobRunState"] == "SUCCEEDED"


def test_settings_of_the_users_shell_cannot_lead_elsewhere(emulator: EmbeddedAws) -> None:
    running = emulator.running()
    assert running is not None
    shell = {
        **os.environ,
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_SESSION_TOKEN": "a real token",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }
    # The emulator is asked in a process with that shell, as a user's command would do it.
    script = (
        "import os, sys, boto3; from pathlib import Path; from local.embedded_aws import EmbeddedAws\n"
        f"os.environ.update(EmbeddedAws(Path({str(emulator.home)!r})).environment())\n"
        "s3 = boto3.client('s3'); s3.list_buckets(); print(s3.meta.endpoint_url)\n"
        "print(boto3.client('sts').get_caller_identity()['Account'])"
    )
    done = subprocess.run([sys.executable, "-c", script], env=shell, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [running.endpoint, "000000000000"], done.stderr
