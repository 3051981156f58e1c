"""Objects of the pipeline's own buckets: manifests, commit records, and files set aside."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ndjson_parquet.errors import QuarantineError
from ndjson_parquet.landing import LandedFile, QuarantineReason, quarantine_key
from ndjson_parquet.manifests import record_time
from ndjson_parquet.quarantined import copy_metadata
from ndjson_parquet.queues import Message

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


class ManifestStore:
    """The manifest bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put_if_absent(self, key: str, body: bytes) -> None:
        """Write an object once; one that is there already stays as it is."""
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "PreconditionFailed":
                raise

    def put(self, key: str, content: Any) -> str:
        """Write JSON, over what is there; its URI."""
        _put_json(self._client, self._bucket, key, content)
        return self.uri(key)

    def get(self, key: str) -> bytes | None:
        """The bytes of an object, or None when there is none."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise

    def exists(self, key: str) -> bool:
        """Whether there is an object of this key."""
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True

    def copy(self, key: str, to: str) -> None:
        """Copy an object of this bucket; nothing when there is none."""
        if (body := self.get(key)) is not None:
            self._client.put_object(Bucket=self._bucket, Key=to, Body=body, ContentType="application/json")

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no error."""
        self._client.delete_object(Bucket=self._bucket, Key=key)

    def listed(self, prefix: str, after: str) -> Iterator[tuple[str, datetime]]:
        """Keys that start so and come after a key, in order, each with the time it was last written."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, StartAfter=after
        )
        for page in pages:
            yield from ((entry["Key"], entry["LastModified"]) for entry in page.get("Contents", []))

    def uri(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


class Quarantine:
    """The quarantine bucket's `files/`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def set_aside(self, file: LandedFile, reason: QuarantineReason, message: str) -> str | None:
        """Copy the exact version of a file, the reason as metadata; the URI of the copy, None when the source is gone.

        The same file is always copied to the same key, so that a repeat changes nothing.

        Raises:
            QuarantineError: the copy failed.
        """
        key = quarantine_key(file, reason)
        source = {"Bucket": file.bucket, "Key": file.key} | ({"VersionId": file.version_id} if file.version_id else {})
        metadata = copy_metadata(file, reason, message)
        try:
            self._client.copy(
                source,  # type: ignore[arg-type]
                self._bucket,
                key,
                ExtraArgs={"Metadata": metadata, "MetadataDirective": "REPLACE"},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise QuarantineError(f"{file.uri} could not be copied to s3://{self._bucket}/{key}: {error}") from error
        return f"s3://{self._bucket}/{key}"


class DeadLetters:
    """The quarantine bucket's `dead-letters/`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def keep(self, letter: Message, queue: str, by: str, now: datetime) -> None:
        """Write a letter whole, under a key that follows from it: kept again, it is replaced."""
        content = {
            "version": 1,
            "message_id": letter.id,
            "queue": queue,
            "sent_at": record_time(letter.sent_at),
            "discarded_at": record_time(now),
            "by": by,
            "body": letter.body,
            "attributes": letter.attributes,
        }
        _put_json(self._client, self._bucket, f"dead-letters/{letter.sent_at:%Y-%m-%d}/{letter.id}.json", content)


def _put_json(client: "S3Client", bucket: str, key: str, content: Any) -> None:
    body = json.dumps(content, ensure_ascii=False, default=str).encode()
    client.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
