"""Objects that landed when their metadata says: tests of what is done a quarter of an hour later cannot wait for it."""

from collections.abc import Callable
from typing import Any

from ministack.services import s3

from local.emulator.switches import LANDED_AT

Record = dict[str, Any]


def install() -> None:
    """Put this around what makes an object of a PutObject."""
    s3._build_object_record = _dated(s3._build_object_record)


def _dated(original: Callable[..., Record]) -> Callable[..., Record]:
    def wrapped(body: bytes, headers: dict[str, str], *arguments: Any, **options: Any) -> Record:
        record = original(body, headers, *arguments, **options)
        if landed_at := headers.get(f"x-amz-meta-{LANDED_AT}"):
            record["last_modified"] = landed_at
        return record

    return wrapped
