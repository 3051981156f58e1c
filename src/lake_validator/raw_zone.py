"""The lake's bucket as the validator sees it: raw files to read, quarantine to copy to, lists to write."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lake_validator.decisions import RawFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK_BYTES = 1024 * 1024


class RawZone:
    """One lake."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def files(self, prefix: str) -> Iterator[RawFile]:
        """The newest version of each object below the prefix; markers of folders are none."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for version in page.get("Versions", []):
                if version["IsLatest"] and not version["Key"].endswith("/"):
                    yield RawFile(version["Key"], version["VersionId"], version["Size"])

    def chunks(self, file: RawFile) -> Iterator[bytes]:
        """The file's bytes, those of this version."""
        answer = self._client.get_object(Bucket=self._bucket, Key=file.key, VersionId=file.version_id)
        return iter(answer["Body"].iter_chunks(_CHUNK_BYTES))

    def quarantine(self, file: RawFile, key: str, reason: str, detail: str) -> None:
        """Copy a refused file, with the reason in its metadata. Metadata is ASCII."""
        told = {
            "reason": reason,
            "detail": detail.encode("ascii", "replace").decode()[:500],
            "source-version": file.version_id,
        }
        self._client.copy(
            {"Bucket": self._bucket, "Key": file.key, "VersionId": file.version_id},
            self._bucket,
            key,
            ExtraArgs={"Metadata": told, "MetadataDirective": "REPLACE"},
        )

    def write_list(self, key: str, keys: Sequence[str]) -> str:
        """Write the list of accepted files, as the jobs read it; its URI."""
        body = json.dumps({"keys": list(keys)}, ensure_ascii=False, indent=1).encode()
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return f"s3://{self._bucket}/{key}"
