"""What the converter's tests share: an object store in memory, a cluster in this process, manifests, faults."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from ndjson_converter.arguments import Arguments
from ndjson_converter.cluster import Guarded, unwrap
from ndjson_converter.errors import NotFoundError, StorageError
from ndjson_converter.manifest import SourceFile
from ndjson_converter.s3 import S3Store, Store, Upload

T = TypeVar("T")
R = TypeVar("R")

BATCH_ID = "20261120T161000-00-a1b2c3d4"
DATE = "2026-11-20"
MANIFEST = f"s3://manifest/manifests/{DATE}/{BATCH_ID}.json"
COMMIT = f"s3://manifest/commits/{DATE}/{BATCH_ID}.json"
SUPERSEDED = f"s3://manifest/superseded/{DATE}/{BATCH_ID}.json"
REPORT = f"s3://manifest/logs/glue/{BATCH_ID}-1.json"
REJECTS = f"s3://quarantine/rejects/{DATE}/{BATCH_ID}.ndjson"
PART_PREFIX = f"s3://output/pipeline/output/merged-parquet-{DATE}/{BATCH_ID}-"
START = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)
BUCKETS = ("input", "manifest", "output", "quarantine")


class MemoryStore:
    """A versionless bucket world in one dictionary; an upload is invisible until it is completed."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, tuple[Upload, dict[int, bytes]]] = {}
        self.deleted: list[str] = []
        self._started = 0

    def read(self, uri: str) -> bytes:
        if uri not in self.objects:
            raise NotFoundError(f"cannot read {uri}: the object version is gone (NoSuchKey)")
        return self.objects[uri]

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        content = self.read(source.uri)
        if source.etag not in (None, etag(content)):
            raise NotFoundError(f"cannot read {source.uri}: the object's bytes are not those of the manifest")
        return content[:first_bytes]

    def pin(self, source: SourceFile) -> SourceFile:
        content = self.read(source.uri)
        return SourceFile(source.index, source.uri, len(content), etag(content))

    def write(self, uri: str, content: bytes) -> None:
        self.objects[uri] = content

    def list_objects(self, prefix_uri: str) -> list[str]:
        return sorted(uri for uri in self.objects if uri.startswith(prefix_uri))

    def delete(self, uris: Sequence[str]) -> None:
        self.deleted.extend(uris)
        for uri in uris:
            self.objects.pop(uri, None)

    def start_upload(self, uri: str) -> Upload:
        self._started += 1
        upload = Upload(uri, f"upload-{self._started}")
        self.uploads[upload.upload_id] = (upload, {})
        return upload

    def upload_part(self, upload: Upload, number: int, content: bytes) -> str:
        self._parts(upload)[number] = content
        return etag(content)

    def complete_upload(self, upload: Upload, etags: Sequence[str]) -> None:
        parts = self._parts(upload)
        del self.uploads[upload.upload_id]
        if [etag(parts[number]) for number in sorted(parts)] != list(etags):
            raise StorageError(f"cannot complete the upload of {upload.uri}: InvalidPart")
        self.objects[upload.uri] = b"".join(parts[number] for number in sorted(parts))

    def abort_upload(self, upload: Upload) -> None:
        self.uploads.pop(upload.upload_id, None)

    def list_uploads(self, prefix_uri: str) -> list[Upload]:
        return [upload for upload, _ in self.uploads.values() if upload.uri.startswith(prefix_uri)]

    def _parts(self, upload: Upload) -> dict[int, bytes]:
        if upload.upload_id not in self.uploads:
            raise StorageError(f"cannot go on with the upload of {upload.uri}: NoSuchUpload")
        return self.uploads[upload.upload_id][1]


@dataclass(frozen=True)
class StoreOn(S3Store):
    """The real store on a client of the test's."""

    client: Any = None

    @property
    def _client(self) -> Any:
        return self.client


@dataclass
class FaultyStore:
    """A store in which the `nth` call of `method` fails for good; every other call is `store`'s."""

    store: Store
    method: str
    nth: int = 1
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._failing if name == self.method else getattr(self.store, name)

    def _failing(self, *arguments: Any) -> Any:
        self.calls.append(self.method)
        if len(self.calls) == self.nth:
            raise StorageError(f"cannot {self.method}: AccessDenied: injected")
        return getattr(self.store, self.method)(*arguments)


class InProcessCluster:
    """Runs tasks one after the other, as Spark does: errors travel as values and end the run after the last task."""

    description = "in process"

    def run(self, task: Callable[[T], R], items: Sequence[T]) -> list[R]:
        return [unwrap(result) for result in [Guarded(task)(item) for item in items]]


def etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def arguments(**changes: Any) -> Arguments:
    values = {
        "manifest_path": MANIFEST,
        "output_bucket": "output",
        "manifest_bucket": "manifest",
        "quarantine_bucket": "quarantine",
        "batch_id": BATCH_ID,
        "date_prefix": DATE,
        **changes,
    }
    return Arguments(**values)


def put_batch(store: Store, files: Mapping[str, bytes], **changes: Any) -> dict[str, Any]:
    """Put the files under s3://input/landing/ndjson/DATE/ and their manifest; returns the manifest."""
    sources = []
    for name, content in files.items():
        uri = f"s3://input/landing/ndjson/{DATE}/{name}"
        store.write(uri, content)
        sources.append({"uri": uri, "size_bytes": len(content), "etag": etag(content), "version_id": None})
    manifest = {
        "version": 1,
        "batch_id": BATCH_ID,
        "date_prefix": DATE,
        "file_count": len(sources),
        "total_bytes": sum(len(content) for content in files.values()),
        "target_part_bytes": 512 * 1024 * 1024,
        "fileLocations": [{"URIPrefixes": [source["uri"] for source in sources]}],
        "files": sources,
        **changes,
    }
    store.write(MANIFEST, json.dumps(manifest).encode())
    return manifest


def read_table(store: Store, uri: str) -> pa.Table:
    # Without threads: pyarrow aborts a process that ends soon after it has started them.
    return pq.read_table(io.BytesIO(store.read(uri)), use_threads=False)


def read_rows(store: Store, without: Sequence[str] = ()) -> list[dict[str, str | None]]:
    """The rows of all visible parts, in order."""
    tables = [read_table(store, uri).drop_columns(list(without)) for uri in store.list_objects(PART_PREFIX)]
    return [row for table in tables for row in table.to_pylist()]


def read_json(store: Store, uri: str) -> Any:
    return json.loads(store.read(uri))
