"""What lies in the landing bucket against what tracking knows: the decisions of reconcile and replay. No I/O.

A file is `(object key, etag)`, so each version of an object is a file unless it has the same bytes. Delete markers are
no versions: an object that was deleted after it landed is still to be converted.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote_plus

from ndjson_parquet.landing import LandedFile, date_in_key, file_key
from ndjson_parquet.manifests import record_time

_AFTER_EVERY_NAME = "\U0010ffff"
LONGEST_UPLOAD = timedelta(days=7)
"""S3 dates an object that was uploaded in parts by the start of the upload, and its event by the end."""


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of a landed object; `version_id` is None where the bucket keeps no versions."""

    key: str
    etag: str
    version_id: str | None
    size_bytes: int
    last_modified: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of a file's item in the tracking table."""

    date_prefix: str
    file_key: str


@dataclass(frozen=True, slots=True)
class FileState:
    """What tracking says of a file; `status` without its shard."""

    status: str
    shard: int
    updated_at: datetime
    batch_id: str | None = None


class Standing(StrEnum):
    """How an object version stands to tracking."""

    TRACKED = "tracked"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    UNACCOUNTED = "unaccounted"
    FORGOTTEN = "forgotten"


class Fate(StrEnum):
    """What a replay does with an object version."""

    ANNOUNCE = "announced"
    RELEASE = "released"
    TRACKED = "tracked"
    TOO_OLD = "too_old"
    UNFINISHED = "unfinished"
    ENDED_SINCE = "ended_since"
    QUARANTINED = "quarantined"
    MANIFEST_FAILED = "manifest_failed"
    FORGOTTEN = "forgotten"


FATE_DETAIL: Mapping[Fate, str] = {
    Fate.TRACKED: "tracking knows it: its event would add nothing; again converts it once more",
    Fate.TOO_OLD: "it landed so long ago that tracking has forgotten it; with old, manifests say if it was converted",
    Fate.FORGOTTEN: "a manifest names it, tracking has forgotten it: rebuild its date; again converts it once more",
    Fate.UNFINISHED: "it has not ended: it is being converted",
    Fate.ENDED_SINCE: "it has ended since this was asked for",
    Fate.QUARANTINED: "it is in quarantine: release it, or replay it by its key",
    Fate.MANIFEST_FAILED: "its manifest failed and still holds it: retry the manifest",
}


def identities(version: ObjectVersion, landing_prefix: str, now: datetime) -> tuple[Identity, ...]:
    """Under which keys tracking may know the file, the likeliest first.

    A file without a date in its key is filed under the date of its event, which S3 sends when the object is complete:
    at its time, past the next midnight, or, for one that was uploaded in parts, as much later as the upload took.
    """
    name = file_key(version.key, version.etag, landing_prefix)
    if found := date_in_key(version.key):
        return (Identity(found, name),)
    longest = LONGEST_UPLOAD if "-" in version.etag else timedelta(days=1)
    first, last = (
        version.last_modified.date(),
        min(version.last_modified + longest, max(now, version.last_modified)).date(),
    )
    return tuple(Identity((first + timedelta(days=n)).isoformat(), name) for n in range((last - first).days + 1))


def known(found: Sequence[Identity], states: Mapping[Identity, FileState]) -> tuple[Identity, FileState | None]:
    """The identity under which tracking knows a file, with what it says; the first one and None when it does not."""
    return next(((one, states[one]) for one in found if one in states), (found[0], None))


def standing(
    version: ObjectVersion, state: FileState | None, now: datetime, min_age: timedelta, ttl: timedelta
) -> Standing:
    """Whether reconcile has to enqueue a version: its event is lost when it is neither tracked nor young.

    Tracking forgets what has ended after `ttl`; of what landed before that nobody can say that it was never seen.
    """
    if state is not None and state.status != "released":
        return Standing.TRACKED
    since = version.last_modified if state is None else state.updated_at
    if now - since < min_age:
        return Standing.TOO_YOUNG
    if state is None and now - version.last_modified >= ttl:
        return Standing.TOO_OLD
    return Standing.UNACCOUNTED


def fate(  # noqa: PLR0911, PLR0913 - one return per fate
    version: ObjectVersion,
    state: FileState | None,
    manifest_status: str | None,
    *,
    again: bool,
    by_key: bool,
    asked_at: datetime,
    ttl: timedelta,
) -> Fate:
    """What a replay that was asked for at a time does with a version.

    Args:
        manifest_status: of the manifest of a failed file; None when there is no manifest any more.
        again: whether files that have ended are converted once more.
        by_key: whether the file was named, and not found below a prefix.
    """
    if state is None:
        is_forgotten = asked_at - version.last_modified >= ttl
        return Fate.TOO_OLD if is_forgotten and not again else Fate.ANNOUNCE
    if state.status == "released":
        return Fate.ANNOUNCE
    if state.status in ("pending", "manifested"):
        return Fate.UNFINISHED if again else Fate.TRACKED
    if not again:
        return Fate.TRACKED
    if state.updated_at >= asked_at:
        return Fate.ENDED_SINCE
    if state.status == "failed" and manifest_status not in ("completed", None):
        return Fate.MANIFEST_FAILED
    if state.status == "quarantined" and not by_key:
        return Fate.QUARANTINED
    return Fate.RELEASE


def is_wanted(key: str, last_modified: datetime, landing_prefix: str, dates: Sequence[str]) -> bool:
    """Whether reconcile looks at an object: in the folder of a date, or in none and landed since the first date."""
    folder = _date_folder(key, landing_prefix)
    if folder:
        return folder.rstrip("/") in dates
    return last_modified >= datetime.fromisoformat(min(dates)).replace(tzinfo=UTC)


def skipping(last_key: str, landing_prefix: str, dates: Sequence[str]) -> str | None:
    """Where a listing that stands in the folder of a date nobody asked for goes on; None when it is not in one."""
    folder = _date_folder(last_key, landing_prefix)
    if folder and folder.rstrip("/") not in dates:
        return f"{landing_prefix}{folder}{_AFTER_EVERY_NAME}"
    return None


def one_of_each(versions: Iterable[ObjectVersion]) -> list[ObjectVersion]:
    """Each file once: of several versions with the same bytes under one key the first."""
    return list({(one.key, one.etag): one for one in reversed(list(versions))}.values())[::-1]


def landed(version: ObjectVersion, identity: Identity, bucket: str) -> LandedFile:
    """The version as its event would have named it."""
    return LandedFile(
        bucket=bucket,
        key=version.key,
        etag=version.etag,
        version_id=version.version_id,
        size_bytes=version.size_bytes,
        date_prefix=identity.date_prefix,
        date_is_guessed=date_in_key(version.key) is None,
        file_key=identity.file_key,
    )


def notification(version: ObjectVersion, identity: Identity, bucket: str, region: str, sender: str) -> str:
    """The message that S3 would have sent: the file goes the same way as every other.

    Its time is that of the object, unless tracking knows the file under another date.
    """
    at = version.last_modified
    if at.date().isoformat() != identity.date_prefix and date_in_key(version.key) is None:
        at = datetime.fromisoformat(identity.date_prefix).replace(tzinfo=UTC)
    entity = {"key": quote_plus(version.key, safe="/"), "size": version.size_bytes, "eTag": version.etag}
    if version.version_id:
        entity["versionId"] = version.version_id
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": record_time(at),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": sender,
            "bucket": {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"},
            "object": entity,
        },
    }
    return json.dumps({"Records": [record]}, ensure_ascii=False)


def _date_folder(key: str, landing_prefix: str) -> str | None:
    folder, slash, _ = key.removeprefix(landing_prefix).partition("/")
    return f"{folder}/" if slash and date_in_key(folder) == folder else None
