"""What is killed under the embedded AWS fails as on AWS, comes back where AWS brings it back, and works again."""

from local.embedded_aws import EmbeddedAws
from local.faults import kill_glue_runs, kill_workers
from tests.component.emulator_events import Function, Queue, Table, batches
from tests.component.emulator_tools import Job, Machine, until

# The first invocation goes on for ever, unless it is killed.
STUCK_ONCE = """
def work(event, before):
    time.sleep(0 if before else 300)
    return "done"
"""


def kill_when_busy(function: Function) -> None:
    """Kill the process of its first invocation, and of no other function."""
    function.after(1)
    assert len(kill_workers(function.aws, function.name)) == 1


def test_messages_of_a_killed_function_come_back(emulator: EmbeddedAws) -> None:
    # Long enough for the kill on a busy machine: a message that comes back before has a second process work on it.
    queue = Queue(emulator, {"VisibilityTimeout": "15"})
    function = Function(emulator, STUCK_ONCE)
    function.functions.create_event_source_mapping(FunctionName=function.name, EventSourceArn=queue.arn)
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody="{}")
    kill_when_busy(function)
    first, second = (event["Records"][0] for event in function.after(2))
    assert second["messageId"] == first["messageId"]
    assert second["attributes"]["ApproximateReceiveCount"] == "2"


def test_an_asynchronous_invocation_is_retried(emulator: EmbeddedAws) -> None:
    function = Function(emulator, STUCK_ONCE)
    function.functions.invoke(FunctionName=function.name, InvocationType="Event", Payload=b'{"n": 1}')
    kill_when_busy(function)
    assert function.after(2) == [{"n": 1}, {"n": 1}]


def test_records_of_a_killed_function_are_sent_again(emulator: EmbeddedAws) -> None:
    table, function = Table(emulator), Function(emulator, STUCK_ONCE)
    table.put("a", "b")
    table.map_to(function)
    kill_when_busy(function)
    assert batches(function.after(2)) == [["a", "b"], ["a", "b"]]


def test_a_state_machine_sees_the_end_of_the_process_and_retries(emulator: EmbeddedAws) -> None:
    function = Function(emulator, STUCK_ONCE)
    retry = [{"ErrorEquals": ["Runtime.ExitError"], "MaxAttempts": 1}]
    machine = Machine(emulator, {"Resource": function.arn, "Retry": retry})
    execution = machine.start()
    kill_when_busy(function)
    ended = machine.end_of(execution)
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", '"done"')


def test_a_function_whose_idle_process_was_killed_works(emulator: EmbeddedAws) -> None:
    function, other = (Function(emulator, "def work(event, before): return os.getpid()") for _ in range(2))
    process, spared = function.invoke()["answer"], other.invoke()["answer"]
    assert kill_workers(emulator, function.name) == [process]
    again = function.invoke()
    assert not again["failed"]
    assert again["answer"] != process
    assert other.invoke()["answer"] == spared


def test_a_killed_run_has_failed_and_the_next_one_works(emulator: EmbeddedAws) -> None:
    job = Job(emulator, "import sys, time\nprint('so far', file=sys.stderr, flush=True)\ntime.sleep(300)\n")
    run_id = job.start()
    (group,) = until(lambda: kill_glue_runs(emulator), bool, "the start of the run")
    assert group > 0
    run = job.end_of(run_id)
    assert (run["JobRunState"], run["ErrorMessage"]) == ("FAILED", "Command failed with exit code 137")
    job.put("script.py", b"pass")
    assert job.run()["JobRunState"] == "SUCCEEDED"
