"""The cluster that is Spark: S3 is reached by the tasks' own client, Spark only carries tasks and their small
results.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]  # py4j has no types
from pyspark import RDD, SparkContext

from ndjson_converter.cluster import Failure, Guarded, unwrap
from ndjson_converter.errors import TaskError, one_line

T = TypeVar("T")
R = TypeVar("R")

# Several short tasks per core even out files of different sizes.
_TASKS_PER_CORE = 4

_logger = logging.getLogger(__name__)


class SparkCluster:
    """Runs tasks on the executors of `context`, which log under these names."""

    def __init__(self, context: SparkContext, log_names: Mapping[str, Any]) -> None:
        self._context = context
        self._log_names = log_names

    @property
    def description(self) -> str:
        return f"Spark {self._context.version}, {self._context.defaultParallelism} cores"

    def run(self, task: Callable[[T], R], items: Sequence[T]) -> list[R]:
        if not items:
            return []
        with _spark_errors():
            results = self._distribute(task, items).collect()
        return [unwrap(result) for result in results]

    def _distribute(self, task: Callable[[T], R], items: Sequence[T]) -> "RDD[R | Failure]":
        slices = min(len(items), self._context.defaultParallelism * _TASKS_PER_CORE)
        return self._context.parallelize(items, slices).map(Guarded(task, self._log_names))


@contextmanager
def _spark_errors() -> Iterator[None]:
    """Spark's own failures (an executor lost, a worker killed) as their first line; the Java stack goes to the log."""
    try:
        yield
    except Py4JJavaError as error:
        text = str(error.java_exception.getMessage())
        _logger.error("Spark failed:\n%s", text)
        raise TaskError(f"Spark could not run the tasks: {one_line(text.splitlines()[0])}") from None
