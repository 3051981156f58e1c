"""The landing bucket as it is: its object versions, page by page, and files that are put back into it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ndjson_parquet.reconciling import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


@dataclass(frozen=True, slots=True)
class Page:
    """Up to 1,000 entries of a listing; `last_key` is None at its end, and where the next one begins otherwise."""

    versions: tuple[ObjectVersion, ...]
    last_key: str | None
    last_version: str


class VersionedObjects:
    """The versions of a bucket's objects."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def page(self, prefix: str, key_marker: str = "", version_marker: str = "") -> Page:
        """The next versions below a prefix, by key and then the newest first; delete markers are left out."""
        markers: Any = {"KeyMarker": key_marker} if key_marker else {}
        markers |= {"VersionIdMarker": version_marker} if version_marker else {}
        answer: Any = self._client.list_object_versions(Bucket=self.bucket, Prefix=prefix, **markers)
        versions = tuple(
            ObjectVersion(
                key=entry["Key"],
                etag=entry["ETag"].strip('"'),
                version_id=None if entry["VersionId"] == "null" else entry["VersionId"],
                size_bytes=entry["Size"],
                last_modified=entry["LastModified"],
            )
            for entry in answer.get("Versions", [])
        )
        if not answer["IsTruncated"]:
            return Page(versions, None, "")
        return Page(versions, answer["NextKeyMarker"], answer.get("NextVersionIdMarker", ""))

    def of_key(self, key: str) -> Iterator[ObjectVersion]:
        """Every version of one key, the newest first."""
        page = self.page(key)
        while True:
            for version in page.versions:
                if version.key != key:
                    return
                yield version
            if page.last_key != key:
                return
            page = self.page(key, page.last_key, page.last_version)

    def metadata(self, version: ObjectVersion) -> dict[str, str] | None:
        """The metadata of a version; None when it is gone."""
        pinned: Any = {"VersionId": version.version_id} if version.version_id else {}
        try:
            return self._client.head_object(Bucket=self.bucket, Key=version.key, **pinned)["Metadata"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise

    def with_metadata(self, key: str, name: str, value: str) -> ObjectVersion | None:
        """The newest version of a key that has this metadata."""
        return next((one for one in self.of_key(key) if (self.metadata(one) or {}).get(name) == value), None)

    def put_back(self, copy: ObjectVersion, from_bucket: str, key: str, metadata: dict[str, str]) -> None:
        """Copy an object version of another bucket to a key of this one, with this metadata in the place of its own."""
        source = {"Bucket": from_bucket, "Key": copy.key}
        source |= {"VersionId": copy.version_id} if copy.version_id else {}
        self._client.copy(
            source,  # type: ignore[arg-type]
            self.bucket,
            key,
            ExtraArgs={"Metadata": metadata, "MetadataDirective": "REPLACE"},
        )
