"""The page of the pipeline, from items of the tracking table."""

from datetime import timedelta
from typing import Any

from export_api.pipeline_page import Reads, page_of
from ndjson_parquet.batching import OpenBatch
from ndjson_parquet.manifests import record_time
from tests.factories import NOW

DAY = NOW.date().isoformat()


def manifest(batch_id: str, status: str, files: int, minutes: float = 1, **more: Any) -> dict[str, Any]:
    at = record_time(NOW - timedelta(minutes=minutes))
    return {
        "date_prefix": DAY,
        "file_key": f"MANIFEST#{batch_id}",
        "batch_id": batch_id,
        "status": status,
        "file_count": files,
        "total_bytes": files * 100,
        "created_at": at,
        "updated_at": at,
        **more,
    }


def quarantined(name: str, message: str, minutes: float) -> dict[str, Any]:
    at = record_time(NOW - timedelta(minutes=minutes))
    return {"object_key": name, "error_message": message, "updated_at": at}


def reads(**changes: Any) -> Reads:
    nothing: dict[str, Any] = {"open_batches": [], "manifests": [], "pending": [], "processing": [], "failed": []}
    return Reads(**{"day": DAY, **nothing, "quarantined": [], "released": 0, **changes})


def batch(day: str, files: int, minutes: float) -> OpenBatch:
    return OpenBatch(day, 0, 1, "b", files, files * 100, NOW - timedelta(minutes=minutes))


def test_files_are_counted_by_what_their_manifests_say() -> None:
    today = [
        manifest("a", "pending", 5),
        manifest("b", "processing", 7),
        manifest("c", "completed", 11, files_missing=2),
        manifest("d", "failed", 13),
    ]
    page = page_of(
        reads(manifests=today, open_batches=[batch(DAY, 3, 1), batch("2026-11-01", 50, 1)], released=2), NOW, 10
    )
    assert page.today == {"pending": 8, "manifested": 7, "completed": 9, "failed": 15, "quarantined": 0, "released": 2}


def test_the_oldest_file_of_any_date_that_waits_counts() -> None:
    assert page_of(reads(), NOW, 10).oldest_pending_seconds is None
    assert page_of(reads(open_batches=[batch("2026-11-01", 1, 90)]), NOW, 10).oldest_pending_seconds == 5400
    opened = record_time(NOW - timedelta(minutes=30))
    waiting = [manifest("a", "processing", 1, minutes=5, opened_at=opened)]
    assert page_of(reads(processing=waiting), NOW, 10).oldest_pending_seconds == 1800
    assert page_of(reads(pending=[manifest("a", "pending", 1, minutes=5)]), NOW, 10).oldest_pending_seconds == 300


def test_of_each_list_the_newest_are_shown_and_none_twice() -> None:
    rows = [manifest(str(age), "completed", 1, minutes=age, rows_out=10, lines_rejected=1) for age in range(5)]
    waiting = manifest("old", "pending", 1, minutes=500)
    page = page_of(reads(manifests=[*rows, waiting], pending=[waiting]), NOW, 3)
    assert [row.batch_id for row in page.manifests] == ["0", "1", "2"]
    assert (page.manifests[0].rows, page.manifests[0].rejected) == (10, 1)
    everything = page_of(reads(manifests=[*rows, waiting], pending=[waiting]), NOW, 50)
    assert [row.batch_id for row in everything.manifests].count("old") == 1


def test_quarantine_is_counted_by_reason_and_its_newest_shown() -> None:
    files = [
        quarantined("a", "empty: the file has no bytes", 3),
        quarantined("b", "too_large: 9 bytes", 1),
        quarantined("c", "empty: the file has no bytes", 2),
        {"object_key": "d", "updated_at": record_time(NOW)},
    ]
    page = page_of(reads(quarantined=files), NOW, 2)
    assert dict(page.quarantine) == {"empty": 2, "too_large": 1, "unknown": 1}
    assert [file.key for file in page.recent_quarantine] == ["d", "b"]
    assert page.today["quarantined"] == 4
