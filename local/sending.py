"""Puts files into the input bucket, as producers do."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from local.generate import GeneratedFile, landing_key
from local.reconcile import SentFile
from ndjson_parquet.landing import date_in_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 8


class NoDataError(ValueError):
    """The folder of the user's own data cannot be used."""


@dataclass(frozen=True)
class Outgoing:
    """A file to send and the key it will have; `expected` is what its generator knows of it."""

    path: Path
    key: str
    expected: GeneratedFile | None = None


def from_generator(files: Iterable[GeneratedFile]) -> list[Outgoing]:
    """Generated files, ready to send."""
    return [Outgoing(file.path, file.key, file) for file in files]


def from_folder(folder: Path, run: str, today: date) -> list[Outgoing]:
    """Every *.ndjson file below `folder`, landing under the date in its name or folder, else under `today`.

    Raises:
        NoDataError: the folder does not exist or holds no such file.
    """
    if not folder.is_dir():
        raise NoDataError(f"{folder} is not a folder: name one that holds *.ndjson files, e.g. make demo DATA=my-data")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    wanted = [path for path in found if path.suffix.lower() == ".ndjson"]
    if not wanted:
        raise NoDataError(f"{folder} holds {len(found)} files, but none named *.ndjson: rename them or choose another")
    return [_landing(path, path.relative_to(folder).as_posix(), run, today) for path in wanted]


def send(
    s3: "S3Client", bucket: str, files: Sequence[Outgoing], report: Callable[[SentFile], None] | None = None
) -> list[SentFile]:
    """Upload every file, several at once; `report` hears of each one."""
    sent = []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for future in as_completed([pool.submit(put, s3, bucket, file) for file in files]):
            sent.append(future.result())
            if report:
                report(sent[-1])
    return sorted(sent, key=lambda file: file.key)


def put(s3: "S3Client", bucket: str, file: Outgoing) -> SentFile:
    """Upload one file."""
    with file.path.open("rb") as body:
        etag = s3.put_object(Bucket=bucket, Key=file.key, Body=body)["ETag"].strip('"')
    uri = f"s3://{bucket}/{file.key}"
    return SentFile(file.path, uri, file.key, etag, file.path.stat().st_size, file.expected)


def _landing(path: Path, name: str, run: str, today: date) -> Outgoing:
    found = date_in_key(name)
    day = date.fromisoformat(found) if found else today
    return Outgoing(path, landing_key(day, f"{run}/{name}"))
