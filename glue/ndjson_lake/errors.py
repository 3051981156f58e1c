"""The errors a run can end with. The message is one line: it becomes the job's error in Glue.

LakeError
+-- StorageError      an S3 call failed
+-- SecretError       the key of the tokens is not there, or is too short
+-- SourceError       a raw file cannot be read as what it says it is
+-- InternalError     the counts do not add up: a defect of the job, and nothing was published
"""


class LakeError(Exception):
    """The run did not end well. `str()` is one line."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class StorageError(LakeError):
    """An S3 call failed after the client's own retries."""


class SecretError(LakeError):
    """Personal data cannot be replaced by tokens, so it is not read at all."""


class SourceError(LakeError):
    """A raw file cannot be used; the message names it and the remedy."""


class InternalError(LakeError):
    """The run contradicts itself and must not be published."""
