"""Where the results of a batch stand in S3: a function of the batch's identity, so that a retry replaces and never
adds.
"""

import hashlib
import re
from dataclasses import dataclass

from ndjson_converter.arguments import Arguments

_LONGEST_KEY = 1024


@dataclass(frozen=True)
class Layout:
    """The URIs of one batch."""

    output_bucket: str
    manifest_bucket: str
    quarantine_bucket: str
    batch_id: str
    date_prefix: str

    @classmethod
    def of(cls, arguments: Arguments, batch_id: str, date_prefix: str) -> "Layout":
        buckets = (arguments.output_bucket, arguments.manifest_bucket, arguments.quarantine_bucket)
        return cls(*buckets, batch_id, date_prefix)

    @property
    def part_prefix(self) -> str:
        """What every part's URI starts with; `is_part` tells this batch's parts from those of a batch with a longer
        name.
        """
        folder = f"s3://{self.output_bucket}/pipeline/output/merged-parquet-{self.date_prefix}"
        return f"{folder}/{self.batch_id}-"

    def is_part(self, uri: str) -> bool:
        return re.fullmatch(re.escape(self.part_prefix) + r"\d{5,}\.parquet", uri) is not None

    @property
    def commit_record(self) -> str:
        return f"s3://{self.manifest_bucket}/commits/{self.date_prefix}/{self.batch_id}.json"

    @property
    def superseded_record(self) -> str:
        """Where the commit record is kept while a batch that was committed is converted once more."""
        return f"s3://{self.manifest_bucket}/superseded/{self.date_prefix}/{self.batch_id}.json"

    @property
    def rejects(self) -> str:
        return f"s3://{self.quarantine_bucket}/rejects/{self.date_prefix}/{self.batch_id}.ndjson"

    def quarantined(self, source_uri: str) -> str:
        """Where a whole source is kept that could not be read: beside the files that were refused when they landed.

        A name that would be too long for S3 with the folders before it is hashed.
        """
        folder = f"files/unreadable/{self.date_prefix}"
        key = source_uri.removeprefix("s3://").partition("/")[2]
        if len(f"{folder}/{key}".encode()) > _LONGEST_KEY:
            key = f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"
        return f"s3://{self.quarantine_bucket}/{folder}/{key}"

    def report(self, attempt: int) -> str:
        return f"s3://{self.manifest_bucket}/logs/glue/{self.batch_id}-{attempt}.json"
