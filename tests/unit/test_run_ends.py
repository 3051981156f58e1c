"""What an execution's end amounts to: rows, freshness, cost, and the item and metrics made of them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ndjson_parquet.errors import ManifestError
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.manifests import parse_time
from ndjson_parquet.metrics import UNITS
from ndjson_parquet.run_ends import (
    Commit,
    GlueRun,
    RunEnded,
    RunRules,
    commit_of,
    failed_run,
    glue_run,
    measures,
    metrics_item,
)
from tests.factories import NOW, commit_record
from tests.unit.test_manifests import RECORD

ARN = "arn:aws:states:us-east-1:000000000000:execution:processor:20261120T161000-00-a1b2c300-3"
RULES = RunRules(timedelta(minutes=30), 0.44, timedelta(days=30))
OPENED = parse_time(RECORD.opened_at)
JOB_RUN: dict[str, Any] = {"Id": "jr_1", "JobRunState": "SUCCEEDED", "ExecutionTime": 180, "MaxCapacity": 10.0}
RUN = GlueRun("jr_1", 180, 1800)


def commit(after: timedelta = timedelta(minutes=10), **changes: Any) -> Commit:
    return commit_of(json.dumps(commit_record(OPENED + after, **changes)).encode(), "s3://commit")


def ended(commit: Commit | None = None, run: GlueRun | None = None) -> RunEnded:
    return RunEnded(RECORD, ARN, 3, commit, run, None if commit else "no disk")


@pytest.mark.parametrize(
    ("changes", "dpu_seconds"),
    [
        pytest.param({}, 1800, id="seconds times capacity"),
        pytest.param({"ExecutionTime": 20}, 600, id="a minute at least"),
        pytest.param({"DPUSeconds": 734.5}, 734.5, id="what Glue measured wins"),
        pytest.param({"DPUSeconds": 734.5, "MaxCapacity": None}, 734.5, id="and needs no capacity"),
    ],
)
def test_a_run_is_billed_by_dpu_seconds(changes: dict[str, Any], dpu_seconds: float) -> None:
    run = glue_run(JOB_RUN | changes)
    assert run is not None
    assert run.dpu_seconds == dpu_seconds
    assert run.cost_usd(0.44) == pytest.approx(dpu_seconds * 0.44 / 3600)


@pytest.mark.parametrize(
    "document",
    [None, "jr_1", [], {}, {"Id": "jr_1"}, JOB_RUN | {"ExecutionTime": None}, JOB_RUN | {"MaxCapacity": "x"}],
)
def test_what_is_no_run_costs_nothing_that_is_known(document: Any) -> None:
    assert glue_run(document) is None


@pytest.mark.parametrize(
    ("error", "run"),
    [
        ({"Error": "States.TaskFailed", "Cause": json.dumps(JOB_RUN)}, RUN),
        ({"Error": "States.Timeout", "Cause": "took too long"}, None),
        ({"Error": "States.TaskFailed", "Cause": "[1]"}, None),
        ({"Error": "States.Timeout"}, None),
        (None, None),
    ],
)
def test_a_failed_run_is_found_in_the_cause(error: Any, run: GlueRun | None) -> None:
    assert failed_run(error) == run


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"attempt": 1}'])
def test_what_is_no_commit_record_is_named(body: bytes) -> None:
    with pytest.raises(ManifestError, match="s3://commit is not a commit record"):
        commit_of(body, "s3://commit")


def test_a_commit_record_from_before_reasons_were_counted_has_none() -> None:
    record = commit_record(NOW, lines_rejected=1)
    del record["rejected_by_reason"]
    found = commit_of(json.dumps(record).encode(), "s3://commit")
    assert (found.lines_rejected, found.rejected_by_reason) == (1, {})


@pytest.mark.parametrize(("seconds", "on_time"), [(0, True), (1800, True), (1801, False)])
def test_files_are_on_time_until_the_target_is_over(seconds: int, on_time: bool) -> None:
    gone = [{"uri": "s3://x", "etag": "e", "reason": "gone"}]
    found = dict(measures(ended(commit(timedelta(seconds=seconds), missing=gone)), RULES))
    assert (found["FilesOnTime"], found["FilesLate"], found["FilesMissing"]) == (int(on_time), int(not on_time), 1)
    assert found["FreshnessSeconds"] == seconds


def test_a_completed_manifest_in_numbers() -> None:
    made = commit(rows_out=90, lines_rejected=10, parts=[{"size_bytes": 5}, {"size_bytes": 7}])
    found = dict(measures(ended(made, RUN), RULES))
    assert found == {
        "ManifestsCompleted": 1,
        "RowsWritten": 90,
        "LinesRejected": 10,
        "RejectPercent": 10,
        "FilesMissing": 0,
        "FilesOnTime": 2,
        "FilesLate": 0,
        "BytesConverted": 4096,
        "BytesWritten": 12,
        "FreshnessSeconds": 600,
        "ConversionSeconds": 180,
        "ManifestCostUsd": pytest.approx(0.22),
    }


def test_a_failed_execution_has_cost_what_its_run_did() -> None:
    assert dict(measures(ended(None, RUN), RULES)) == {
        "ManifestsFailed": 1,
        "ConversionSeconds": 180,
        "ManifestCostUsd": pytest.approx(0.22),
    }
    assert dict(measures(ended(), RULES)) == {"ManifestsFailed": 1}


@given(
    rows=st.integers(0, 10**9),
    rejected=st.integers(0, 10**6),
    missing=st.integers(0, 2),
    minutes=st.integers(0, 10_000),
    seconds=st.integers(0, 10**5),
)
def test_of_any_end_the_numbers_add_up(rows: int, rejected: int, missing: int, minutes: int, seconds: int) -> None:
    gone = [{"uri": f"s3://{number}", "etag": "e", "reason": "gone"} for number in range(missing)]
    made = commit(timedelta(minutes=minutes), rows_out=rows, lines_rejected=rejected, missing=gone)
    end = ended(made, glue_run(JOB_RUN | {"ExecutionTime": seconds}))
    found = dict(measures(end, RULES))
    assert found.keys() <= UNITS.keys()
    assert found["FilesOnTime"] + found["FilesLate"] + found["FilesMissing"] == RECORD.file_count
    assert 0 <= found["RejectPercent"] <= 100
    item = metrics_item(end, RULES, NOW)
    assert from_item(to_item(item)) == {name: value for name, value in item.items() if value is not None}
    assert (item["rows_out"], item["files_missing"], item["glue_seconds"]) == (rows, missing, seconds)


def test_a_repeat_on_another_day_has_the_same_key() -> None:
    keys = [metrics_item(ended(), RULES, at) for at in (NOW, NOW + timedelta(days=2))]
    assert {(item["metric_date"], item["metric_key"]) for item in keys} == {
        ("2026-11-20", f"RUN#{RECORD.batch_id}#{RECORD.batch_id}-3")
    }


def test_an_execution_that_is_not_known_has_the_name_that_follows_from_the_attempt() -> None:
    end = replace(ended(), execution_arn=None)
    assert metrics_item(end, RULES, NOW)["metric_key"] == f"RUN#{RECORD.batch_id}#{RECORD.execution_name}"


def test_an_item_fits_into_two_write_units() -> None:
    arn = (
        f"arn:aws:states:ap-southeast-1:123456789012:execution:ndjson-parquet-processor-staging:{RECORD.execution_name}"
    )
    manifest = replace(RECORD, manifest_path=f"s3://ndjson-parquet-manifest-staging-123456789012/{'x' * 60}")
    end = replace(ended(commit(rejected_by_reason={"not_json": 3}), RUN), manifest=manifest, execution_arn=arn)
    assert len(json.dumps(to_item(metrics_item(end, RULES, NOW)))) < 2048
