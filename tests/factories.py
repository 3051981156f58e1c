"""Values for tests: landed files, and S3 events as the queue delivers them."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from ndjson_parquet.landing import LandedFile, file_key
from ndjson_parquet.manifests import record_time

PREFIX = "landing/ndjson/"
NOW = datetime(2026, 11, 20, 16, 10, tzinfo=UTC)


def landed(name: str, *, date: str = "2026-11-20", etag: str = "e0", size: int = 1000) -> LandedFile:
    key = f"{PREFIX}{date}/{name}"
    return LandedFile(
        bucket="input",
        key=key,
        etag=etag,
        version_id="v-" + etag,
        size_bytes=size,
        date_prefix=date,
        date_is_guessed=False,
        file_key=file_key(key, etag, PREFIX),
    )


def s3_record(
    key: str, *, etag: str = "9e107d9d372bb6826bd81d3542a419d6", size: int = 1000, **changes: Any
) -> dict[str, Any]:
    """One record of an event notification, version 2.1 as S3 sends it."""
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-20T16:10:00.123Z",
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "landing",
            "bucket": {"name": "input", "arn": "arn:aws:s3:::input"},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": size,
                "eTag": etag,
                "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
    }
    return record | changes


def s3_body(*keys: str, **of_record: Any) -> str:
    return json.dumps({"Records": [s3_record(key, **of_record) for key in keys]})


def eventbridge_body(key: str, *, etag: str = "9e107d9d372bb6826bd81d3542a419d6", **changes: Any) -> str:
    """S3's event for one object as EventBridge delivers it: the key is not encoded."""
    event = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": "2026-11-20T16:10:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::input"],
        "detail": {
            "version": "0",
            "bucket": {"name": "input"},
            "object": {
                "key": key,
                "size": 1000,
                "etag": etag,
                "version-id": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                "sequencer": "0055AED6DCD90281E5",
            },
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }
    return json.dumps(event | changes)


def commit_record(at: datetime, **changes: Any) -> dict[str, Any]:
    """A commit record as the converter writes it, of a run without a reject."""
    record = {
        "version": 1,
        "attempt": 1,
        "committed_at": record_time(at),
        "job_run_id": "jr_7",
        "bytes_in": 4096,
        "lines_in": changes.get("rows_out", 41) + changes.get("lines_rejected", 0),
        "rows_out": 41,
        "lines_rejected": 0,
        "rejected_by_reason": {},
        "parts": [{"uri": "s3://output/part", "rows": 41, "size_bytes": 512}],
        "missing": [],
    }
    return record | changes


def sqs_event(**bodies: str) -> dict[str, Any]:
    """A delivery of SQS messages: id -> body."""
    return {
        "Records": [
            {
                "messageId": message_id,
                "receiptHandle": f"handle-{message_id}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1763655000000"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:file-events",
                "awsRegion": "us-east-1",
            }
            for message_id, body in bodies.items()
        ]
    }
