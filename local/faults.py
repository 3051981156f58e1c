"""Faults for drills and soak tests: what the embedded AWS of one home runs is killed, as by a failing machine.

    kill_workers(aws, "manifest-builder")   # the processes of one function; without its name, those of all
    kill_glue_runs(aws)                     # all Glue runs that go on, each with its JVM and its workers
    throttle(aws, state_machine_arn)        # its executions do not start, until release(aws, state_machine_arn)

The server itself is not touched: it reports each as AWS does, and starts new processes for what comes next.
"""

import contextlib
import os
import re
import signal
from collections.abc import Callable

from local.embedded_aws import EmbeddedAws
from local.emulator.switches import THROTTLE
from local.server_process import Process, processes

WORKER = re.compile(r"/ministack-lambda-(?P<function>[^/]+)-[^/-]+/_worker\.py$")
GUARD = re.compile(r"/job_guard\.py ")


def kill_workers(aws: EmbeddedAws, function: str | None = None) -> list[int]:
    """Kill the processes of Lambda functions with SIGKILL, busy or idle; their ids. Empty when there are none."""
    found = [(one, WORKER.search(one.command)) for one in _started_by(aws)]
    chosen = [one.pid for one, worker in found if worker and function in (None, worker["function"])]
    return [pid for pid in chosen if _kill(os.kill, pid)]


def kill_glue_runs(aws: EmbeddedAws) -> list[int]:
    """Kill each running Glue job with everything that it started; the ids of their process groups."""
    guards = [one.pid for one in _started_by(aws) if GUARD.search(one.command)]
    return [pid for pid in guards if _kill(os.killpg, pid)]


def throttle(aws: EmbeddedAws, state_machine_arn: str) -> None:
    """From now on StartExecution of this machine is a ThrottlingException."""
    aws.client("stepfunctions").tag_resource(resourceArn=state_machine_arn, tags=[{"key": THROTTLE, "value": ""}])


def release(aws: EmbeddedAws, state_machine_arn: str) -> None:
    aws.client("stepfunctions").untag_resource(resourceArn=state_machine_arn, tagKeys=[THROTTLE])


def _started_by(aws: EmbeddedAws) -> list[Process]:
    running = aws.running()
    return [one for one in processes() if running and one.parent == running.pid]


def _kill(kill: Callable[[int, int], None], pid: int) -> bool:
    """Whether it was still there to be killed."""
    with contextlib.suppress(ProcessLookupError):
        kill(pid, signal.SIGKILL)
        return True
    return False
