"""What a person may call a file: object key, s3 URI, file name, or any of these with @etag. No I/O."""

import re
from dataclasses import dataclass

from ndjson_parquet.landing import date_in_key, file_key

_ETAG = re.compile(r"(.+)@([0-9a-f]{32}(?:-\d+)?)", re.DOTALL)
_LONGEST_RANGE_KEY = 1024
_HASHED_FROM = _LONGEST_RANGE_KEY - 48
_BATCH = re.compile(r"\d{8}T\d{6}-\d{2,3}-[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file as it was named. `date` is the one in the name; `is_whole` when the name is a whole object key."""

    name: str
    etag: str | None
    bucket: str | None
    date: str | None
    is_whole: bool

    def key_prefixes(self, landing_prefix: str) -> tuple[str, ...]:
        """What the range key of the file's item begins with; a name so long that it may have been hashed has two."""
        plain = file_key(self.name, "", landing_prefix)
        if len(plain.encode()) < _HASHED_FROM:
            return (plain,)
        etag = "x" * _LONGEST_RANGE_KEY
        return plain, file_key(self.name, etag, landing_prefix).removesuffix(etag)

    def matches(self, object_key: str, etag: str) -> bool:
        """Whether this names the object, whole or by the end of its key."""
        if self.etag and self.etag != etag:
            return False
        return object_key == self.name or object_key.endswith(f"/{self.name.lstrip('/')}")


def file_reference(text: str, landing_prefix: str) -> FileReference:
    """Read what the person typed."""
    bucket, name = None, text
    if text.startswith("s3://"):
        bucket, _, name = text.removeprefix("s3://").partition("/")
    found = _ETAG.fullmatch(name)
    etag = found[2] if found else None
    name = found[1] if found else name
    return FileReference(name, etag, bucket, date_in_key(name), bucket is not None or name.startswith(landing_prefix))


def is_batch_id(text: str) -> bool:
    """Whether this looks like the id of a batch: 20261120T161000-00-a1b2c3d400."""
    return _BATCH.fullmatch(text) is not None


def day_of_batch(batch_id: str) -> str:
    """The UTC day on which the batch was opened, which is most often the date of its files too."""
    return f"{batch_id[:4]}-{batch_id[4:6]}-{batch_id[6:8]}"
