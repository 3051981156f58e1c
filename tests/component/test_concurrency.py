"""Sixteen containers of manifest_builder at once, on threads, each with clients of its own."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import Empty, SimpleQueue

from local.embedded_aws import EmbeddedAws
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.component.watch import Watch, lists, of_kind, status_of
from tests.faults import Calls, FaultyClient

WORKERS = 16
FILES = 5_000
DUPLICATES = FILES // 5
MAX_FILES = 200
CALLS_PER_FILE = 1
"""Contention may cost this much and no more: without any, a delivery of ten files is two calls."""

Delivery = dict[str, str]


def deliveries(plane: ControlPlane) -> Iterator[Delivery]:
    """Messages in tens, a fifth of the files a second time, in an order without system."""
    order = random.Random(7)
    names = [f"f{number:05}.ndjson" for number in range(FILES)]
    sent = names + order.sample(names, DUPLICATES)
    order.shuffle(sent)
    for start in range(0, len(sent), 10):
        yield {f"m{start + place}": plane.body(name) for place, name in enumerate(sent[start : start + 10])}


def own_clients(aws: EmbeddedAws, shared: PlaneClients) -> PlaneClients:
    """With clients of its own for the services that a container of manifest_builder calls."""
    own = {name: aws.client(name) for name in ("dynamodb", "s3", "stepfunctions")}
    return replace(shared, **own)


class Containers:
    """What the workers share: the queue, and counts of calls and of what became of the files."""

    def __init__(self, plane: ControlPlane) -> None:
        self.queue: SimpleQueue[Delivery] = SimpleQueue()
        self.counts: Counter[str] = Counter()
        self._plane = plane
        self._lock = threading.Lock()
        for delivery in deliveries(plane):
            self.queue.put(delivery)

    def work(self, clients: PlaneClients) -> None:
        """One container: deliveries until there are none; messages that fail come again."""
        calls, counts = Calls(), Counter[str]()
        plane = self._plane.through(
            PlaneClients(**{name: FaultyClient(client, calls) for name, client in vars(clients).items()})
        )
        builder = plane.builder(max_files=MAX_FILES)
        while (delivery := self._next()) is not None:
            outcome = builder.receive(delivery)
            counts.update(outcome.counts)
            counts["deliveries"] += 1
            if outcome.failures:
                counts["failed messages"] += len(outcome.failures)
                self.queue.put({message: delivery[message] for message in outcome.failures})
        counts["calls"] = len(calls.made)
        with self._lock:
            self.counts.update(counts)

    def _next(self) -> Delivery | None:
        try:
            return self.queue.get_nowait()
        except Empty:
            return None


def test_sixteen_containers_track_every_file_once(
    emulator: EmbeddedAws, plane: ControlPlane, record_property: Callable[[str, object], None]
) -> None:
    containers = Containers(plane)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(containers.work, [own_clients(emulator, plane.clients) for _ in range(WORKERS)]))
    counts = containers.counts
    plane.operations().ask("flush")

    watch = Watch(plane, MAX_FILES)
    items = watch.look(compares=False)
    watch.check_objects()
    manifests, files = of_kind(items, "MANIFEST#"), [item for item in items.values() if "object_key" in item]
    assert len(files) == sum(manifest["file_count"] for manifest in manifests) == counts["FilesTracked"] == FILES
    assert {status_of(file) for file in files} == {"manifested"}
    assert not lists(items)
    assert counts["FilesDuplicate"] == DUPLICATES
    assert counts["calls"] <= CALLS_PER_FILE * FILES

    for name, count in sorted(counts.items()):
        record_property(name, count)
    print(dict(counts), f"{counts['calls'] / FILES:.2f} calls a file,", f"{len(manifests)} manifests")  # noqa: T201
