"""The pipeline event by event: a queue, functions that contend for open batches, executions that wait for Glue. No I/O.

    file lands -> queue -> delivery of up to 10 -> commit into the open batch of a shard -> sealed when full, or by the
    sweep when it has waited long enough -> published -> execution -> one of so many Glue runs -> rows

The rules are those of the code: a writer whose open batch moved between its read and its commit moves to the next shard
and stays there a minute; an execution that finds no room asks again after a time drawn up to a doubling bound. Nothing
fails in it. Times are in seconds from the start.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random

from benchmarks.capacity.assumptions import Figures, Load
from benchmarks.capacity.limits import COMMIT_CALLS
from benchmarks.capacity.model import publishing_calls, run_seconds
from benchmarks.capacity.settings import FILES_PER_DELIVERY, POLLERS, Settings
from manifest_builder.service import FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS
from ndjson_parquet.shards import STAY
from ndjson_parquet_cli.costs import SHORTEST_RUN_SECONDS

SAMPLE_SECONDS = 60.0
GLUE_RETRY_SECONDS, LONGEST_RETRY = 60.0, 5
"""`glue_retry_interval_seconds`: how long an execution that found no room waits at most, and by how much that grows."""


@dataclass(frozen=True, slots=True)
class Plant:
    """How many of each there are, and how long each takes."""

    files_per_manifest: int
    max_wait_seconds: float
    writers: int
    shards: int
    runs: int
    sweep_seconds: float
    delivery_seconds: float
    commit_seconds: float
    publish_seconds: Callable[[int], float]
    run_seconds: Callable[[int], float]
    retry_seconds: float
    window_seconds: float = 0


def plant(load: Load, settings: Settings, figures: Figures) -> Plant:
    """The pipeline with these settings, as long as the model says that its parts take."""
    fits = int(min(settings.max_files_per_manifest, settings.max_batch_bytes // load.bytes_per_file))
    return Plant(
        files_per_manifest=fits,
        max_wait_seconds=settings.max_wait_minutes * 60,
        writers=settings.manifest_builder_max_concurrency,
        shards=settings.num_status_shards,
        runs=settings.glue_max_concurrent_runs,
        sweep_seconds=settings.sweep_interval_minutes * 60,
        delivery_seconds=figures.delivery_seconds,
        commit_seconds=COMMIT_CALLS * figures.call_seconds,
        publish_seconds=lambda files: publishing_calls(files) * figures.call_seconds,
        run_seconds=lambda files: run_seconds(files, load, settings, figures),
        retry_seconds=GLUE_RETRY_SECONDS,
        window_seconds=settings.sqs_batching_window_seconds,
    )


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the files are at a time; together they are all that have landed."""

    seconds: float
    queued: int
    batched: int
    waiting: int
    converting: int
    completed: int

    @property
    def inside(self) -> int:
        return self.queued + self.batched + self.waiting + self.converting


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `latencies` are one per file, in the order of completion; `runs` are those of Glue."""

    samples: tuple[Sample, ...]
    latencies: tuple[float, ...]
    runs: tuple[float, ...]
    deliveries: int
    conflicts: int
    ended_at: float

    @property
    def billed_seconds(self) -> float:
        return sum(max(SHORTEST_RUN_SECONDS, run) for run in self.runs)


def arrivals(rates: Sequence[tuple[float, float]], seed: int = 0) -> Iterator[float]:
    """Times of a Poisson stream: (seconds, files a second) one after the other."""
    random, start = Random(seed), 0.0
    for seconds, rate in rates:
        now = start + random.expovariate(rate) if rate else start + seconds
        while now < start + seconds:
            yield now
            now += random.expovariate(rate)
        start += seconds


def simulate(landing: Sequence[float], plant: Plant, seed: int = 0, sample_seconds: float = SAMPLE_SECONDS) -> Outcome:
    """Run until every file that lands, at these ascending times, is completed."""
    pipeline = _Pipeline(plant, Random(seed), sample_seconds)
    pipeline.run(iter(landing), len(landing))
    return Outcome(
        tuple(pipeline.samples),
        tuple(pipeline.latencies),
        tuple(pipeline.run_times),
        pipeline.deliveries,
        pipeline.conflicts,
        pipeline.now,
    )


@dataclass
class _Poller:
    """One of the event source's: it collects messages until ten are there, or the window is over."""

    files: list[float] = field(default_factory=list)
    deliveries: int = 0


@dataclass
class _Writer:
    """A container of manifest_builder."""

    shard: int = 0
    until: float = 0.0


@dataclass
class _Open:
    """The open batch of a shard: when its files landed, and how often it was written."""

    files: list[float] = field(default_factory=list)
    opened_at: float = 0.0
    version: int = 0


class _Pipeline:
    def __init__(self, plant: Plant, random: Random, sample_seconds: float) -> None:
        self.plant = plant
        self._sample_seconds = sample_seconds
        self.now = 0.0
        self.samples: list[Sample] = []
        self.latencies: list[float] = []
        self.run_times: list[float] = []
        self.deliveries = self.conflicts = 0
        self._random = random
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._ordinals = count()
        self._queue: deque[float] = deque()
        self._in_delivery = self._waiting = self._converting = self._busy_runs = 0
        # The one that was free last is taken first, as Lambda does.
        self._free = [_Writer() for _ in range(plant.writers)]
        self._open = [_Open() for _ in range(plant.shards)]
        self._pollers = [_Poller() for _ in range(POLLERS)]

    def run(self, landing: Iterator[float], expected: int) -> None:
        self._land_next(landing)
        self._after(self.plant.sweep_seconds, self._sweep)
        self._sample()
        while len(self.latencies) < expected:
            self.now, _, happen = heappop(self._events)
            happen()
        self.samples.append(self._count())

    def _after(self, seconds: float, happen: Callable[[], None]) -> None:
        heappush(self._events, (self.now + seconds, next(self._ordinals), happen))

    def _land_next(self, landing: Iterator[float]) -> None:
        moment = next(landing, None)
        if moment is not None:
            self._after(moment - self.now, lambda: self._land(landing))

    def _land(self, landing: Iterator[float]) -> None:
        self._queue.append(self.now)
        self._land_next(landing)
        self._poll()

    # The queue and the functions

    def _poll(self) -> None:
        """Hand what waits to writers that are free: ten at a time while there are, else each as its poller does."""
        while self._free and len(self._queue) >= FILES_PER_DELIVERY:
            self._deliver([self._queue.popleft() for _ in range(FILES_PER_DELIVERY)])
        while self._free and self._queue:
            self._take(self._random.choice(self._pollers), self._queue.popleft())

    def _take(self, poller: _Poller, file: float) -> None:
        poller.files.append(file)
        if len(poller.files) == FILES_PER_DELIVERY or not self.plant.window_seconds:
            self._hand_over(poller)
        elif len(poller.files) == 1:
            delivery = poller.deliveries
            self._after(
                self.plant.window_seconds, lambda: self._hand_over(poller) if poller.deliveries == delivery else None
            )

    def _hand_over(self, poller: _Poller) -> None:
        files, poller.files = poller.files, []
        poller.deliveries += 1
        if self._free:
            self._deliver(files)
        else:
            self._queue.extendleft(reversed(files))

    def _deliver(self, files: list[float]) -> None:
        writer = self._free.pop()
        self.deliveries += 1
        self._in_delivery += len(files)
        before_reading = max(0.0, self.plant.delivery_seconds - self.plant.commit_seconds)
        self._after(before_reading, lambda: self._read(writer, files, 0))

    def _read(self, writer: _Writer, files: list[float], attempt: int) -> None:
        if self.now >= writer.until:
            writer.shard = 0
        batch = self._open[writer.shard]
        version = batch.version
        self._after(self.plant.commit_seconds, lambda: self._commit(writer, files, batch, version, attempt))

    def _commit(self, writer: _Writer, files: list[float], batch: _Open, version: int, attempt: int) -> None:
        if batch.version != version:
            self.conflicts += 1
            writer.shard = (writer.shard + 1) % self.plant.shards
            writer.until = self.now + STAY.total_seconds()
            backoff = min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 2**attempt)
            self._after(self._random.uniform(0, backoff), lambda: self._read(writer, files, attempt + 1))
            return
        self._in_delivery -= len(files)
        sealed = self._add(batch, files)
        publishing = sum(self.plant.publish_seconds(len(one)) for one in sealed)
        for one in sealed:
            self._publish(one)
        self._after(publishing, lambda: self._is_free(writer))

    def _is_free(self, writer: _Writer) -> None:
        self._free.append(writer)
        self._poll()

    # Batches and the sweep

    def _add(self, batch: _Open, files: list[float]) -> list[list[float]]:
        batch.version += 1
        sealed = []
        for file in files:
            batch.opened_at = batch.opened_at if batch.files else self.now
            batch.files.append(file)
            if len(batch.files) >= self.plant.files_per_manifest:
                sealed.append(batch.files)
                batch.files = []
        return sealed

    def _sweep(self) -> None:
        for batch in self._open:
            if batch.files and self.now - batch.opened_at >= self.plant.max_wait_seconds:
                batch.version += 1
                sealed, batch.files = batch.files, []
                self._publish(sealed)
        self._after(self.plant.sweep_seconds, self._sweep)

    def _publish(self, files: list[float]) -> None:
        self._waiting += len(files)
        self._after(self.plant.publish_seconds(len(files)), lambda: self._start(files, 0))

    # Executions and Glue

    def _start(self, files: list[float], attempt: int) -> None:
        if self._busy_runs >= self.plant.runs:
            longest = self.plant.retry_seconds * min(2**attempt, LONGEST_RETRY)
            self._after(self._random.uniform(0, longest), lambda: self._start(files, attempt + 1))
            return
        self._busy_runs += 1
        self._waiting -= len(files)
        self._converting += len(files)
        seconds = self.plant.run_seconds(len(files))
        self.run_times.append(seconds)
        self._after(seconds, lambda: self._complete(files))

    def _complete(self, files: list[float]) -> None:
        self._busy_runs -= 1
        self._converting -= len(files)
        self.latencies += [self.now - landed for landed in files]

    def _sample(self) -> None:
        self.samples.append(self._count())
        self._after(self._sample_seconds, self._sample)

    def _count(self) -> Sample:
        return Sample(
            self.now,
            queued=len(self._queue) + sum(len(poller.files) for poller in self._pollers) + self._in_delivery,
            batched=sum(len(batch.files) for batch in self._open),
            waiting=self._waiting,
            converting=self._converting,
            completed=len(self.latencies),
        )
