"""One file's steps: which moments lie between them, and how long each took. No I/O."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from benchmarks.request_log import Request

TRACKING = "DynamoDB.GetItem"
TRANSACTION = "DynamoDB.TransactWriteItems"
START = "AWSStepFunctions.StartExecution"
COMPLETE_UPLOAD = "S3.POST uploadId"

STEPS = (
    "put",
    "event reaches the function",
    "track",
    "fill the manifest",
    "publish and start",
    "claim, start the Glue run",
    "start Python and Spark",
    "plan",
    "convert",
    "commit",
    "end the run",
    "mark files completed",
)
"""In their order. The row can be queried after `commit`."""
QUERYABLE_AFTER = "commit"


class UnseenError(RuntimeError):
    """A step left no trace, so that its time cannot be told."""


@dataclass(frozen=True)
class Seen:
    """What was seen of one manifest, in Unix time; `requests` from its first file's PUT on."""

    put_began: float
    put_ended: float
    requests: Sequence[Request]
    run_started: float
    run_ended: float
    completed: float
    manifest_bucket: str
    landing_prefix: str


def seconds_by_step(seen: Seen) -> dict[str, float]:
    """How long each step of the manifest's first file took.

    Raises:
        UnseenError: a step is not in the log of requests.
    """
    functions = [one for one in seen.requests if one.function]
    job = [one for one in seen.requests if not one.function and one.at >= seen.run_started]
    started = _first(functions, "the start of the execution", lambda one: one.operation == START)
    transactions = [one for one in functions if one.operation == TRANSACTION and one.at < started.at]
    if not transactions:
        raise UnseenError("no transaction was seen before the execution's start: was the batch flushed by a sweep?")
    moments = [
        seen.put_began,
        seen.put_ended,
        _first(functions, "the read of the open batch", lambda one: one.operation == TRACKING).at,
        _end(transactions[0]),
        _end(transactions[-1]),
        _end(started),
        seen.run_started,
        _first(job, "the job's first read", lambda one: one.path.startswith(f"/{seen.manifest_bucket}/")).at,
        _first(job, "the first source", lambda one: seen.landing_prefix in one.path).at,
        _first(job, "the first completed upload", lambda one: one.operation == COMPLETE_UPLOAD).at,
        _end(_first(job, "the commit record", lambda one: one.operation == "S3.PUT" and "/commits/" in one.path)),
        seen.run_ended,
        seen.completed,
    ]
    return {name: max(0.0, after - before) for name, (before, after) in zip(STEPS, pairwise(moments), strict=True)}


def medians(rounds: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of each step."""
    each = list(rounds)
    return {name: median(one[name] for one in each) for name in STEPS}


def until_queryable(steps: Mapping[str, float]) -> float:
    """Seconds from PUT to queryable."""
    return sum(steps[name] for name in STEPS[: STEPS.index(QUERYABLE_AFTER) + 1])


def _first(requests: Iterable[Request], what: str, wanted: Callable[[Request], bool]) -> Request:
    found = next((one for one in requests if wanted(one)), None)
    if found is None:
        raise UnseenError(f"{what} is not in the log of requests: look at it, and at the embedded AWS's own log")
    return found


def _end(request: Request) -> float:
    return request.at + request.seconds
