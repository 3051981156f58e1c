"""The job's object store as a folder: s3://bucket/key is FOLDER/bucket/key; an upload is a file beside it at first."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from uuid import uuid4

from ndjson_converter.errors import NotFoundError
from ndjson_converter.manifest import SourceFile
from ndjson_converter.s3 import Upload

# What the path of a file anywhere stands behind.
FILES = "s3://files"

_UPLOADS = ".uploads"


@dataclass(frozen=True)
class FolderStore:
    """See `ndjson_converter.s3.Store`."""

    folder: Path

    def read(self, uri: str) -> bytes:
        try:
            return self._path(uri).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(f"cannot read {uri}: there is no such file") from error

    def read_source(self, source: SourceFile, first_bytes: int | None = None) -> bytes:
        with self._path(source.uri).open("rb") as file:
            return file.read(-1 if first_bytes is None else first_bytes)

    def pin(self, source: SourceFile) -> SourceFile:
        return SourceFile(source.index, source.uri, self._path(source.uri).stat().st_size)

    def write(self, uri: str, content: bytes) -> None:
        path = self._path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def list_objects(self, prefix_uri: str) -> list[str]:
        parent = self._path(prefix_uri).parent
        found = (f"{prefix_uri.rpartition('/')[0]}/{path.name}" for path in parent.glob("*"))
        return sorted(uri for uri in found if uri.startswith(prefix_uri))

    def delete(self, uris: Sequence[str]) -> None:
        for uri in uris:
            self._path(uri).unlink(missing_ok=True)

    def start_upload(self, uri: str) -> Upload:
        upload = Upload(uri, uuid4().hex)
        self._parts(upload).parent.mkdir(parents=True, exist_ok=True)
        self._parts(upload).touch()
        return upload

    def upload_part(self, upload: Upload, number: int, content: bytes) -> str:
        """Parts come in order, so that they can be one file."""
        with self._parts(upload).open("ab") as file:
            file.write(content)
        return md5(str(number).encode(), usedforsecurity=False).hexdigest()

    def complete_upload(self, upload: Upload, etags: Sequence[str]) -> None:  # noqa: ARG002  # a Store has them
        path = self._path(upload.uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._parts(upload).rename(path)

    def abort_upload(self, upload: Upload) -> None:
        self._parts(upload).unlink(missing_ok=True)

    def list_uploads(self, prefix_uri: str) -> list[Upload]:  # noqa: ARG002  # nobody else uses the folder
        return []

    def _path(self, uri: str) -> Path:
        return Path(uri.removeprefix(FILES)) if uri.startswith(FILES) else self.folder / uri.removeprefix("s3://")

    def _parts(self, upload: Upload) -> Path:
        return self.folder / _UPLOADS / upload.upload_id
