"""Gathers what the pipeline left behind, for `reconcile`."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from local.parquet_rows import part_records, row_count
from local.pipeline import Pipeline, batches_of
from local.reconcile import Evidence, SentFile
from local.second_opinion import digest

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_OUTPUT = "pipeline/output/merged-parquet-"


def gather(pipeline: Pipeline, sent: Sequence[SentFile]) -> Evidence:
    """Everything about these files: all Parquet of their dates is read, so that a row written twice is found."""
    s3, outputs = pipeline.clients.s3, pipeline.outputs
    items = pipeline.items(sent)
    dates = sorted({str(item["date_prefix"]) for item in items})
    batches = batches_of(sent, items)
    commits = {
        commit["batch_id"]: commit
        for day in dates
        for _, body in objects(s3, outputs.manifest_bucket, f"commits/{day}/")
        if (commit := json.loads(body))["batch_id"] in batches
    }
    parts = Parts({file.uri for file in sent})
    for day in dates:
        for uri, body in objects(s3, outputs.output_bucket, f"{_OUTPUT}{day}/"):
            parts.add(uri, body)
    return Evidence(
        items=items,
        commits=commits,
        rows=parts.rows,
        part_rows=parts.part_rows,
        part_bytes=parts.part_bytes,
        rejects=_rejects(s3, commits),
        quarantined=_quarantined(s3, outputs.quarantine_bucket),
    )


class Parts:
    """Parquet parts, read one after the other; only digests of their rows are kept."""

    def __init__(self, sources: set[str]) -> None:
        self._sources = sources
        self.rows: dict[str, Counter[bytes]] = {}
        self.part_rows: dict[str, int] = {}
        self.part_bytes: dict[str, int] = {}

    def add(self, uri: str, content: bytes) -> None:
        """Read one part."""
        self.part_rows[uri] = row_count(content)
        self.part_bytes[uri] = len(content)
        for source, record in part_records(content, self._sources):
            self.rows.setdefault(source, Counter())[digest(record)] += 1


def objects(s3: "S3Client", bucket: str, prefix: str) -> Iterator[tuple[str, bytes]]:
    """(URI, bytes) of every object below a prefix."""
    for key in _keys(s3, bucket, prefix):
        yield f"s3://{bucket}/{key}", s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def read_uri(s3: "S3Client", uri: str) -> bytes:
    """The bytes of `s3://bucket/key`; the key is taken as it stands."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def _rejects(s3: "S3Client", commits: Mapping[str, Mapping[str, Any]]) -> dict[str, Counter[int]]:
    """The rejected line numbers by source URI."""
    found: dict[str, Counter[int]] = {}
    for commit in commits.values():
        if uri := commit["rejects_uri"]:
            for line in read_uri(s3, uri).splitlines():
                reject = json.loads(line)
                found.setdefault(reject["source"], Counter())[reject["line_number"]] += 1
    return found


def _quarantined(s3: "S3Client", bucket: str) -> dict[str, str]:
    """The reason by object key, from keys `files/{reason}/{date}/{object key}`."""
    parts = (key.split("/", 3) for key in _keys(s3, bucket, "files/"))
    return {original: reason for _, reason, _, original in parts}


def _keys(s3: "S3Client", bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (entry["Key"] for entry in page.get("Contents", []))
