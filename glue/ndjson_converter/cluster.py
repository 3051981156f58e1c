"""How tasks are run: in Spark by a job, in the same process by a test or a tool.

A task's error travels back as a value. So the run ends with the task's own message and not with a wall of Java text,
and every other task of the stage has ended, and cleaned up after itself, by the time the driver acts on the error.
"""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from ndjson_converter.errors import ConversionError, TaskError, one_line
from ndjson_converter.log import log_as_json

T = TypeVar("T")
R = TypeVar("R")

_logger = logging.getLogger(__name__)


class Cluster(Protocol):
    """Runs tasks. Raises TaskError when one fails."""

    @property
    def description(self) -> str:
        """What the tasks run on, for the report."""

    def run(self, task: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The results in the order of the items."""


@dataclass(frozen=True)
class Failure:
    """What a task failed of: one line, and the traceback for the log."""

    message: str
    trace: str


@dataclass(frozen=True)
class Guarded(Generic[T, R]):
    """A task that answers with its result or its Failure. `log_names` are for the log of the process it runs in."""

    task: Callable[[T], R]
    log_names: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, item: T) -> "R | Failure":
        if self.log_names:
            log_as_json(self.log_names)
        try:
            return self.task(item)
        except ConversionError as error:
            return Failure(str(error), traceback.format_exc())
        except Exception as error:  # the boundary of a task: whatever it is, the driver must hear of it
            return Failure(one_line(f"{type(error).__name__}: {error}"), traceback.format_exc())


def unwrap(result: R | Failure) -> R:
    """The result; a Failure is logged with its traceback and raised as TaskError."""
    if isinstance(result, Failure):
        _logger.error("a task failed:\n%s", result.trace)
        raise TaskError(result.message)
    return result
