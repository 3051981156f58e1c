"""Rules for what lands: reading the event, naming the file, and accepting it or not. No I/O.

A file is `(object key, etag)`. The same bytes under one key are one file however often they are sent; other bytes under
that key are another file.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import unquote_plus

from ndjson_parquet.errors import MalformedEventError

_LONGEST_KEY = 1024
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


class QuarantineReason(StrEnum):
    """Why a whole file is set aside; the first folder below `files/` in the quarantine bucket."""

    WRONG_EXTENSION = "wrong_extension"
    EMPTY = "empty"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class LandedFile:
    """One object version as its creation event names it."""

    bucket: str
    key: str
    etag: str
    version_id: str | None
    size_bytes: int
    date_prefix: str
    date_is_guessed: bool
    file_key: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class LandingRules:
    """What is accepted; sizes in bytes, extensions lower case with their dot."""

    prefix: str
    min_bytes: int
    max_bytes: int
    extensions: tuple[str, ...]

    def refusal(self, file: LandedFile) -> tuple[QuarantineReason, str] | None:
        """Why the file is not to be converted, with a sentence for the operator; None when it is accepted."""
        if not file.key.lower().endswith(self.extensions):
            return QuarantineReason.WRONG_EXTENSION, f"allowed extensions are {', '.join(self.extensions)}"
        if file.size_bytes == 0:
            return QuarantineReason.EMPTY, "the file has no bytes"
        if file.size_bytes < self.min_bytes:
            return QuarantineReason.TOO_SMALL, f"{file.size_bytes} bytes; the minimum is {self.min_bytes}"
        if file.size_bytes > self.max_bytes:
            return QuarantineReason.TOO_LARGE, f"{file.size_bytes} bytes; the maximum is {self.max_bytes}"
        return None


def landed_files(body: str, landing_prefix: str) -> tuple[LandedFile, ...]:
    """The files that one SQS body announces; none for S3's test event and for events that create nothing.

    The body is a notification of the bucket itself, or S3's event as EventBridge delivers it, whose key is not encoded.

    Raises:
        MalformedEventError: the body is neither.
    """
    try:
        event = json.loads(body)
    except ValueError as error:
        raise MalformedEventError(f"the message is not JSON ({error}): {body[:200]!r}") from error
    if not isinstance(event, dict):
        raise MalformedEventError(f"the message is not a JSON object: {body[:200]!r}")
    if event.get("Event") == "s3:TestEvent":
        return ()
    if event.get("source") == "aws.s3":
        return tuple(_created([event], _of_eventbridge, landing_prefix))
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        raise MalformedEventError(f"the message has no S3 records: {body[:200]!r}")
    return tuple(_created(records, _of_notification, landing_prefix))


@dataclass(frozen=True, slots=True)
class _Creation:
    """What both kinds of event say of a new object."""

    bucket: str
    key: str
    etag: str
    version_id: str | None
    size_bytes: int
    time: str


def _created(
    records: list[Any], creation_of: Callable[[Mapping[str, Any]], _Creation | None], landing_prefix: str
) -> Iterator[LandedFile]:
    for record in records:
        try:
            creation = creation_of(record)
            if creation is not None:
                yield _landed(creation, landing_prefix)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedEventError(f"the S3 record is incomplete ({error!r}): {str(record)[:300]}") from error


def _of_notification(record: Mapping[str, Any]) -> _Creation | None:
    if record["eventSource"] != "aws:s3":
        raise MalformedEventError(f"the record comes from {record['eventSource']!r}, not from aws:s3")
    if not record["eventName"].removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    entity = record["s3"]["object"]
    return _Creation(
        bucket=record["s3"]["bucket"]["name"],
        key=unquote_plus(entity["key"], errors="strict"),
        etag=entity["eTag"],
        version_id=entity.get("versionId"),
        size_bytes=int(entity["size"]),
        time=record["eventTime"],
    )


def _of_eventbridge(event: Mapping[str, Any]) -> _Creation | None:
    if event["detail-type"] != "Object Created":
        return None
    entity = event["detail"]["object"]
    return _Creation(
        bucket=event["detail"]["bucket"]["name"],
        key=entity["key"],
        etag=entity["etag"],
        version_id=entity.get("version-id"),
        size_bytes=int(entity["size"]),
        time=event["time"],
    )


def _landed(creation: _Creation, landing_prefix: str) -> LandedFile:
    etag = creation.etag.strip('"')
    if not creation.key or not etag:
        raise ValueError("empty key or eTag")
    at = datetime.fromisoformat(creation.time).astimezone(UTC)
    found = date_in_key(creation.key)
    return LandedFile(
        bucket=creation.bucket,
        key=creation.key,
        etag=etag,
        version_id=creation.version_id,
        size_bytes=creation.size_bytes,
        date_prefix=found or at.date().isoformat(),
        date_is_guessed=found is None,
        file_key=file_key(creation.key, etag, landing_prefix),
    )


def date_in_key(key: str) -> str | None:
    """The last real calendar date in the file's name, else the nearest one in its folders, else None."""
    for part in reversed(key.split("/")):
        for candidate in reversed(_DATE.findall(part)):
            if _is_calendar_date(candidate):
                return str(candidate)
    return None


def file_key(key: str, etag: str, landing_prefix: str) -> str:
    """The range key of a file: its key below the landing date folder, and its etag.

    S3 allows keys of 1,024 bytes and DynamoDB range keys of as many, etag included: a longer name is hashed.
    """
    below = key.removeprefix(landing_prefix)
    folder, slash, rest = below.partition("/")
    is_dated = below != key and slash and rest and _DATE.fullmatch(folder) and _is_calendar_date(folder)
    name = f"{rest if is_dated else key}@{etag}"
    if len(name.encode()) <= _LONGEST_KEY:
        return name
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}@{etag}"


def name_in_table(key: str, landing_prefix: str) -> str:
    """What the range keys of all files of one object key begin with."""
    etag = "0" * 32
    return file_key(key, etag, landing_prefix).removesuffix(etag)


def quarantine_key(file: LandedFile, reason: QuarantineReason) -> str:
    """Where a refused file is copied to; a name that would be too long for S3 with the folders before it is hashed."""
    folder = f"files/{reason}/{file.date_prefix}"
    key = f"{folder}/{file.key}"
    if len(key.encode()) <= _LONGEST_KEY:
        return key
    return f"{folder}/sha256-{hashlib.sha256(file.key.encode()).hexdigest()}"


def _is_calendar_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
