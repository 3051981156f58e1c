"""Faults for drills and soak tests: what the embedded AWS of one home runs is killed, as by a failing machine.

    kill_workers(aws, "manifest-builder")   # the processes of one function; without its name, those of all
    kill_glue_runs(aws)                     # all Glue runs that go on, each with its JVM and its workers
    paused_workers(aws, "manifest-builder") # stand still as long as the block lasts
    throttle(aws, state_machine_arn)        # its executions do not start, until release(aws, state_machine_arn)
    throttle_states(aws, state_machine_arn) # its executions are slowed down at each state, until release(...)
    throttle_table(aws, table)              # its items cannot be read or written, until release_table(aws, table)
    fail_table(aws, table)                  # the same with an internal error of DynamoDB's

The server itself is not touched: it reports each as AWS does, and starts new processes for what comes next.
"""

import contextlib
import os
import re
import signal
import time
from collections.abc import Callable, Iterator

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws
from local.emulator.switches import FAIL, THROTTLE, THROTTLE_STATES
from local.server_process import Process, processes

WORKER = re.compile(r"/ministack-lambda-(?P<function>[^/]+)-[^/-]+/_worker\.py$")
GUARD = re.compile(r"/job_guard\.py ")


def workers(aws: EmbeddedAws) -> list[tuple[str, Process]]:
    """The processes of Lambda functions, busy or idle, each with the name of its function."""
    found = [(WORKER.search(one.command), one) for one in _started_by(aws)]
    return [(worker["function"], one) for worker, one in found if worker]


def kill_workers(aws: EmbeddedAws, function: str | None = None) -> list[int]:
    """Kill the processes of Lambda functions with SIGKILL, busy or idle; their ids. Empty when there are none."""
    return _kill(os.kill, [one.pid for name, one in workers(aws) if function in (None, name)])


def kill_glue_runs(aws: EmbeddedAws) -> list[int]:
    """Kill each running Glue job with everything that it started; the ids of their process groups."""
    guards = [one.pid for one in _started_by(aws) if GUARD.search(one.command)]
    return _kill(os.killpg, guards)


@contextlib.contextmanager
def paused_workers(aws: EmbeddedAws, function: str) -> Iterator[None]:
    """The processes of a function stand still meanwhile, and go on afterwards."""
    pids = [one.pid for name, one in workers(aws) if name == function]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def throttle(aws: EmbeddedAws, state_machine_arn: str) -> None:
    """From now on StartExecution of this machine is a ThrottlingException."""
    aws.client("stepfunctions").tag_resource(resourceArn=state_machine_arn, tags=[{"key": THROTTLE, "value": ""}])


def throttle_states(aws: EmbeddedAws, state_machine_arn: str) -> None:
    """From now on executions of this machine are throttled each time they enter a state, and counted as such."""
    aws.client("stepfunctions").tag_resource(
        resourceArn=state_machine_arn, tags=[{"key": THROTTLE_STATES, "value": ""}]
    )


def release(aws: EmbeddedAws, state_machine_arn: str) -> None:
    """End `throttle` and `throttle_states`."""
    aws.client("stepfunctions").untag_resource(resourceArn=state_machine_arn, tagKeys=[THROTTLE, THROTTLE_STATES])


def throttle_table(aws: EmbeddedAws, table: str) -> None:
    """From now on reads and writes of its items are ProvisionedThroughputExceededException."""
    _tag_table(aws, table, THROTTLE)


def fail_table(aws: EmbeddedAws, table: str) -> None:
    """From now on reads and writes of its items are InternalServerError."""
    _tag_table(aws, table, FAIL)


def release_table(aws: EmbeddedAws, table: str) -> None:
    """End `throttle_table` and `fail_table`."""
    aws.client("dynamodb").untag_resource(ResourceArn=_table_arn(table), TagKeys=[THROTTLE, FAIL])


def _tag_table(aws: EmbeddedAws, table: str, switch: str) -> None:
    aws.client("dynamodb").tag_resource(ResourceArn=_table_arn(table), Tags=[{"Key": switch, "Value": ""}])


def _table_arn(table: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}"


def _started_by(aws: EmbeddedAws) -> list[Process]:
    running = aws.running()
    return [one for one in processes() if running and one.parent == running.pid]


def _kill(kill: Callable[[int, int], None], pids: list[int]) -> list[int]:
    """Those that were still there to be killed. Returns when they have ended, so that what starts now starts anew."""
    killed = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
            killed.append(pid)
    while any(one.pid in killed for one in processes()):
        time.sleep(0.02)
    return killed
