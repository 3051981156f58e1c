"""Files in quarantine: the names by which an operator calls them, and the file that a copy is of. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.landing import LandedFile, QuarantineReason, date_in_key, file_key, quarantine_key

FOLDER = "files/"
RELEASED_ETAG = "released-etag"
"""Metadata of a file that was put back where it had landed: the etag under which it was refused."""
SOURCE_ETAG = "source-etag"
"""Metadata of a copy in quarantine: the etag of the file."""


@dataclass(frozen=True, slots=True)
class CopyKey:
    """The key of a copy in quarantine."""

    key: str


@dataclass(frozen=True, slots=True)
class LandingKey:
    """The key under which a file landed."""

    key: str


def named_key(text: str, landing_bucket: str, quarantine_bucket: str, landing_prefix: str) -> CopyKey | LandingKey:
    """What is meant by a key or an s3 URI.

    Raises:
        MalformedEventError: it is of another bucket, or below neither prefix.
    """
    bucket, key = None, text
    if text.startswith("s3://"):
        bucket, _, key = text.removeprefix("s3://").partition("/")
    if bucket in (None, quarantine_bucket) and key.startswith(FOLDER):
        return CopyKey(key)
    if bucket in (None, landing_bucket) and key.startswith(landing_prefix):
        return LandingKey(key)
    raise MalformedEventError(
        f"{text!r} names no file that can be in quarantine; allowed are s3://{landing_bucket}/{landing_prefix}... and "
        f"s3://{quarantine_bucket}/{FOLDER}..., with or without the bucket"
    )


def landed_key(copy: str) -> str | None:
    """The key under which the file of a copy landed; None when it was too long to stand in the copy's key."""
    name = copy.removeprefix(FOLDER).split("/", 2)[-1]
    return None if name.startswith("sha256-") else name


def copy_metadata(file: LandedFile, reason: QuarantineReason, message: str) -> dict[str, str]:
    """What a copy says of its file.

    S3 takes ASCII and 2 KB in all: a source whose name would not fit is named in the tracking table alone.
    """
    metadata = {
        "reason": str(reason),
        "detail": message,
        SOURCE_ETAG: file.etag,
        "source-version-id": file.version_id or "",
        "size-bytes": str(file.size_bytes),
    }
    source = quote(file.uri, safe=":/")
    return metadata | {"source": source} if len(source) <= 1024 else metadata


def copied_file(copy: str, metadata: Mapping[str, str], landing_prefix: str) -> LandedFile | None:
    """The file that a copy is of; None when it does not say so: the converter's copies of unreadable files do not."""
    if not {"source", SOURCE_ETAG, "size-bytes"} <= metadata.keys():
        return None
    bucket, _, key = unquote(metadata["source"]).removeprefix("s3://").partition("/")
    return LandedFile(
        bucket=bucket,
        key=key,
        etag=metadata[SOURCE_ETAG],
        version_id=metadata.get("source-version-id") or None,
        size_bytes=int(metadata["size-bytes"]),
        date_prefix=copy.split("/")[2],
        date_is_guessed=date_in_key(key) is None,
        file_key=file_key(key, metadata[SOURCE_ETAG], landing_prefix),
    )


def copy_of(file: LandedFile, error_message: str) -> str | None:
    """Where a quarantined file's copy lies, from what its item says; None when that names no reason."""
    try:
        return quarantine_key(file, QuarantineReason(error_message.partition(":")[0]))
    except ValueError:
        return None
