"""Files of the export bucket and of the pipeline's output: looked at here, moved only by the person's own browser."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SIGNED = Config(signature_version="s3v4")
"""Signed by an older version, a link is refused outside of us-east-1, and by buckets with a key of one's own."""
PARQUET = "application/vnd.apache.parquet"
UPLOAD_SECONDS = 900
DOWNLOAD_SECONDS = 300
_GONE = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True, slots=True)
class Upload:
    """Where and with which form fields a browser posts one file."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object as a list shows it."""

    key: str
    size_bytes: int
    last_modified: datetime


class Files:
    """One bucket; the client was made with `SIGNED`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self.bucket = bucket

    def upload(self, key: str, size_bytes: int) -> Upload:
        """A form that lets its holder put one Parquet file of at most this size under this key, for 15 minutes."""
        post = self._client.generate_presigned_post(
            self.bucket,
            key,
            Fields={"Content-Type": PARQUET},
            Conditions=[{"Content-Type": PARQUET}, ["content-length-range", 1, size_bytes]],
            ExpiresIn=UPLOAD_SECONDS,
        )
        return Upload(post["url"], post["fields"])

    def download(self, key: str, file_name: str) -> str:
        """A URL that lets its holder read one object for 5 minutes, as a file of this name."""
        return self._client.generate_presigned_url(
            "get_object",
            Params={"Bucket": self.bucket, "Key": key, "ResponseContentDisposition": attachment(file_name)},
            ExpiresIn=DOWNLOAD_SECONDS,
        )

    def size(self, key: str) -> int | None:
        """The bytes of an object; None when there is none."""
        try:
            return self._client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise

    def beginning(self, key: str, size_bytes: int) -> bytes | None:
        """The first bytes of an object, at most so many; None when there is none."""
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key, Range=f"bytes=0-{size_bytes - 1}")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "InvalidRange":  # S3 has no first byte of an empty object to give.
                return b""
            if code in _GONE:
                return None
            raise
        return answer["Body"].read()

    def listed(self, prefix: str, after: str, limit: int) -> tuple[list[StoredFile], bool]:
        """Objects that start so and come after a key, in order, at most so many; and whether there are more."""
        answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix, StartAfter=after, MaxKeys=limit)
        found = [StoredFile(one["Key"], one["Size"], one["LastModified"]) for one in answer.get("Contents", [])]
        return found, answer["IsTruncated"]


def attachment(file_name: str) -> str:
    """A Content-Disposition that saves under this name; the second form is for browsers that know RFC 6266."""
    plain = "".join(character if character.isascii() and character not in '"\\' else "_" for character in file_name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
