"""The errors a run can end with. The message is one line: it becomes the job's error in Glue and in the tracking table.

ConversionError
+-- ManifestError       the manifest is absent, is not JSON, or says something impossible
+-- StorageError        an S3 call failed
|   +-- NotFoundError   the object, or the pinned version of it, is not there
+-- UnreadableError     the object is there, but is not the gzip that its name says, or holds too much
+-- SourcesGoneError    a batch that is converted once more would lose rows
+-- RejectLimitError    more lines were rejected than max_reject_percent allows
+-- CatalogError        the Glue table could not learn the columns
+-- TaskError           a task of the run failed
+-- InternalError       the counts do not add up: a defect of the converter
"""


class ConversionError(Exception):
    """The manifest was not converted. `str()` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class ManifestError(ConversionError):
    """The manifest cannot be used as it is."""


class StorageError(ConversionError):
    """An S3 call failed after the client's own retries."""


class NotFoundError(StorageError):
    """The object, or the version of it that was asked for, does not exist."""


class UnreadableError(ConversionError):
    """The object's bytes cannot be made NDJSON, however often they are read."""


class SourcesGoneError(ConversionError):
    """Sources that an earlier conversion of the batch has read are gone; its rows stay as they are."""


class RejectLimitError(ConversionError):
    """More lines were rejected than the limit allows."""


class CatalogError(ConversionError):
    """The Glue table could not be read or updated."""


class TaskError(ConversionError):
    """A task failed; the message is the task's own error."""


class InternalError(ConversionError):
    """The run contradicts itself and must not be committed."""


def one_line(text: str) -> str:
    """Join the lines and the runs of white space of `text` with single spaces."""
    return " ".join(text.split())
