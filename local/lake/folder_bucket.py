"""A bucket that is a folder: what the tests and the benchmark of the jobs need of S3, without a server."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ndjson_lake.bucket import StoredObject
from ndjson_lake.errors import StorageError


class FolderBucket:
    """Keys are paths below the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    def objects(self, prefix: str) -> list[StoredObject]:
        # A prefix may end within a name.
        above = self.folder / prefix.rpartition("/")[0]
        files = [path for path in above.rglob("*") if path.is_file()]
        found = [StoredObject(path.relative_to(self.folder).as_posix(), path.stat().st_size) for path in files]
        return sorted((one for one in found if one.key.startswith(prefix)), key=lambda one: one.key)

    def read(self, key: str, first_bytes: int | None = None) -> bytes:
        try:
            return (self.folder / key).read_bytes()[:first_bytes]
        except FileNotFoundError as error:
            raise StorageError(f"read {key} failed: no such key") from error

    def write(self, key: str, content: bytes) -> None:
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def download(self, key: str, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.folder / key, path)

    def upload(self, path: Path, key: str) -> None:
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)

    def copy(self, source: str, target: str) -> None:
        self.upload(self.folder / source, target)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self.folder / key).unlink(missing_ok=True)
