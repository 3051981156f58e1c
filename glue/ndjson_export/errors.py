"""The errors an export can end with. The message is one line for the person who asked for the export: it becomes the
job's `errorMessage`.

ExportError
+-- BadParquetError     the file is not Parquet, is damaged, or holds what has no JSON form
+-- StorageError        S3 or the disk could not be read or written
|   +-- NotFoundError   the file is not there
|   +-- ChangedError    the file was replaced while it was read
+-- JobEndedError       somebody else has ended the job
"""

from __future__ import annotations


class ExportError(Exception):
    """The file was not exported. `str()` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class BadParquetError(ExportError):
    """The file cannot be exported, however often it is tried."""


class StorageError(ExportError):
    """A read or a write failed after the client's own retries."""


class NotFoundError(StorageError):
    """There is no such file."""


class ChangedError(StorageError):
    """The file is not the one that the export began with."""


class JobEndedError(ExportError):
    """The job's item says that the job is over, or is gone."""


def one_line(text: str) -> str:
    """Join the lines and the runs of white space of `text` with single spaces."""
    return " ".join(text.split())
