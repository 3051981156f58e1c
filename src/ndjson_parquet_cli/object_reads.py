"""Reads of the buckets: landed files, manifests, commit records, rejects, quarantine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ndjson_parquet_cli.aws import Aws, error_code
from ndjson_parquet_cli.errors import CommandError
from ndjson_parquet_cli.values import StoredObject

_GONE = ("NoSuchKey", "NoSuchVersion", "404", "NotFound")
_CHUNK_BYTES = 1024 * 1024


class ObjectReads:
    """Objects of any bucket of the deployment."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def head(self, bucket: str, key: str, version_id: str | None = None) -> StoredObject | None:
        """An object, or one version of it; None when it is gone."""
        version = {"VersionId": version_id} if version_id else {}
        try:
            answer = self._aws.s3.head_object(Bucket=bucket, Key=key, **version)  # type: ignore[arg-type]
        except ClientError as error:
            if error_code(error) in _GONE:
                return None
            raise
        return StoredObject(
            key, answer["ContentLength"], answer["LastModified"], answer["ETag"].strip('"'), answer.get("Metadata", {})
        )

    def start_of(self, bucket: str, key: str, count: int) -> bytes:
        """The first bytes of an object, at most so many."""
        return next(iter(self._body(bucket, key).iter_chunks(count)), b"")[:count]

    def document(self, bucket: str, key: str) -> dict[str, Any] | None:
        """An object that holds JSON; None when there is none.

        Raises:
            CommandError: it does not hold a JSON object.
        """
        try:
            content = json.loads(self._body(bucket, key).read())
        except ClientError as error:
            if error_code(error) in _GONE:
                return None
            raise
        except ValueError as error:
            raise CommandError(
                f"s3://{bucket}/{key} is not JSON: {error}", "it was changed by hand: look at its older versions"
            ) from error
        return content if isinstance(content, dict) else None

    def lines(self, bucket: str, key: str) -> Iterator[bytes]:
        """The lines of an object, as they come; none when there is no object."""
        try:
            yield from self._body(bucket, key).iter_lines(_CHUNK_BYTES)
        except ClientError as error:
            if error_code(error) not in _GONE:
                raise

    def listed(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Objects below a prefix, in the order of their keys."""
        for page in self._aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                yield StoredObject(entry["Key"], entry["Size"], entry["LastModified"], entry["ETag"].strip('"'))

    def folders(self, bucket: str, prefix: str) -> list[str]:
        """Names directly below a prefix that ends with a slash."""
        pages = self._aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
        found = (entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", []))
        return [name.removeprefix(prefix).rstrip("/") for name in found]

    def download(self, bucket: str, key: str, to: Path) -> None:
        self._aws.s3.download_file(bucket, key, str(to))

    def _body(self, bucket: str, key: str) -> Any:
        return self._aws.s3.get_object(Bucket=bucket, Key=key)["Body"]
