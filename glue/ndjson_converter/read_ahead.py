"""Results that are made before they are asked for, in the order in which they will be."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def read_ahead(
    read: Callable[[T], R], items: Iterable[T], threads: int, is_enough: Callable[[list[T]], bool]
) -> Iterator[tuple[T, R]]:
    """Each item and what `read` gives for it, while threads read the next ones until those `is_enough`.

    An error of `read` is raised when it is that item's turn; with no thread, everything happens in turn.
    """
    if not threads:
        yield from ((item, read(item)) for item in items)
        return
    waiting: deque[tuple[T, Future[R]]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="read-ahead") as pool:
        try:
            for item in items:
                while waiting and is_enough([other for other, _ in waiting]):
                    yield _next(waiting)
                waiting.append((item, pool.submit(read, item)))
            while waiting:
                yield _next(waiting)
        finally:
            pool.shutdown(cancel_futures=True)


def _next(waiting: deque[tuple[T, Future[R]]]) -> tuple[T, R]:
    """The first result, which nothing here keeps: it may be large."""
    item, future = waiting.popleft()
    return item, future.result()
