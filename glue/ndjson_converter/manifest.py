"""The manifest: which bytes belong to the batch. Parsing only, no I/O.

Two forms are accepted: the full one (`files` with sizes and pinned versions) and the bare one (`fileLocations`
alone), whose sizes and versions the driver asks from S3 before it plans the parts.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ndjson_converter.errors import ManifestError

SUPPORTED_VERSION = 1
# About 128 MB of Parquet, at three bytes of NDJSON to one.
DEFAULT_TARGET_PART_BYTES = 384 * 1024 * 1024

_BATCH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OBJECT_URI = re.compile(r"s3://[^/]+/.+", re.DOTALL)


@dataclass(frozen=True)
class SourceFile:
    """One object to convert.

    `index` is its position in the manifest; without `etag` and `version_id` it is not pinned.
    """

    index: int
    uri: str
    size_bytes: int
    etag: str | None = None
    version_id: str | None = None


@dataclass(frozen=True)
class Manifest:
    """A batch. `bare` says that the files' sizes and versions are not known yet."""

    batch_id: str
    date_prefix: str
    target_part_bytes: int
    files: tuple[SourceFile, ...]
    bare: bool = False


def parse_manifest(data: bytes, uri: str, batch_id: str | None = None, date_prefix: str | None = None) -> Manifest:
    """Read the manifest at `uri`; `batch_id` and `date_prefix` are the job's arguments and must agree with what it
    says.

    Raises ManifestError, naming the field, when it is not a manifest.
    """
    document = _document(data, uri)
    bare = "files" not in document
    files = _bare_files(document, uri) if bare else _pinned_files(document, uri)
    if not files:
        raise ManifestError(f"manifest {uri} names no file; a batch has at least one")
    _refuse_repeats(files, uri)
    return Manifest(
        batch_id=_valid_batch_id(_identity(document, "batch_id", batch_id, uri)),
        date_prefix=_valid_date(_identity(document, "date_prefix", date_prefix, uri)),
        target_part_bytes=_positive(document, "target_part_bytes", DEFAULT_TARGET_PART_BYTES, uri),
        files=files,
        bare=bare,
    )


def _document(data: bytes, uri: str) -> Mapping[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"manifest {uri} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ManifestError(f"manifest {uri} is not a JSON object but {type(document).__name__}")
    version = document.get("version", SUPPORTED_VERSION)
    if version != SUPPORTED_VERSION:
        raise ManifestError(f"manifest {uri} has version {version!r}; this converter reads version {SUPPORTED_VERSION}")
    return document


def _pinned_files(document: Mapping[str, Any], uri: str) -> tuple[SourceFile, ...]:
    entries = document["files"]
    if not isinstance(entries, list):
        raise ManifestError(f"manifest {uri}: files is not a list")
    files = tuple(_pinned_file(index, entry, uri) for index, entry in enumerate(entries))
    for field, actual in (("file_count", len(files)), ("total_bytes", sum(file.size_bytes for file in files))):
        if document.get(field, actual) != actual:
            raise ManifestError(f"manifest {uri}: {field} is {document[field]!r}, but its files make {actual}")
    return files


def _pinned_file(index: int, entry: Any, uri: str) -> SourceFile:
    where = f"manifest {uri}: files[{index}]"
    if not isinstance(entry, dict):
        raise ManifestError(f"{where} is not an object")
    size = entry.get("size_bytes")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ManifestError(f"{where}.size_bytes is {size!r}; it must be a number of bytes")
    for field in ("etag", "version_id"):
        if not isinstance(entry.get(field), str | None):
            raise ManifestError(f"{where}.{field} is {entry[field]!r}; it must be text")
    etag = (entry.get("etag") or "").strip('"') or None
    return SourceFile(index, _object_uri(entry.get("uri"), f"{where}.uri"), size, etag, entry.get("version_id") or None)


def _bare_files(document: Mapping[str, Any], uri: str) -> tuple[SourceFile, ...]:
    locations = document.get("fileLocations")
    if not isinstance(locations, list):
        raise ManifestError(f"manifest {uri} has neither files nor a list of fileLocations")
    uris: list[str] = []
    for number, location in enumerate(locations):
        where = f"manifest {uri}: fileLocations[{number}].URIPrefixes"
        prefixes = location.get("URIPrefixes") if isinstance(location, dict) else None
        if not isinstance(prefixes, list):
            raise ManifestError(f"{where} is not a list of s3:// URIs")
        uris.extend(_object_uri(prefix, where) for prefix in prefixes)
    return tuple(SourceFile(index, source, 0) for index, source in enumerate(uris))


def _object_uri(value: Any, where: str) -> str:
    if not isinstance(value, str) or not _OBJECT_URI.fullmatch(value):
        raise ManifestError(f"{where} is {value!r}; it must be s3://bucket/key")
    return value


def _refuse_repeats(files: tuple[SourceFile, ...], uri: str) -> None:
    identities = Counter((file.uri, file.etag, file.version_id) for file in files)
    (source, _, _), times = identities.most_common(1)[0]
    if times > 1:
        raise ManifestError(f"manifest {uri} names {source} {times} times; its rows would be written {times} times")


def _identity(document: Mapping[str, Any], field: str, argument: str | None, uri: str) -> str:
    stated = document.get(field)
    if stated is not None and not isinstance(stated, str):
        raise ManifestError(f"manifest {uri}: {field} is {stated!r}; it must be text")
    if stated and argument and stated != argument:
        raise ManifestError(f"manifest {uri} has {field} {stated!r}, but the job was started with --{field} {argument}")
    value = stated or argument
    if not value:
        raise ManifestError(f"manifest {uri} has no {field}; start the job with --{field}")
    return value


def _valid_batch_id(value: str) -> str:
    if not _BATCH_ID.fullmatch(value):
        raise ManifestError(f"batch_id {value!r} cannot be part of a key; use letters, digits, '.', '_' and '-'")
    return value


def _valid_date(value: str) -> str:
    try:
        real = date.fromisoformat(value).isoformat() == value
    except ValueError:
        real = False
    if not real:
        raise ManifestError(f"date_prefix {value!r} is not a calendar date; it must be YYYY-MM-DD")
    return value


def _positive(document: Mapping[str, Any], field: str, default: int, uri: str) -> int:
    value = document.get(field, default)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ManifestError(f"manifest {uri}: {field} is {value!r}; it must be a whole number above 0")
    return value
