"""Reconciliation: a run without fault passes, and each single fault is found."""

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.generate import GeneratedFile
from local.parquet_rows import part_records, row_count
from local.reconcile import Evidence, Fate, Reconciliation, SentFile, reconcile
from local.second_opinion import Opinion, digest, parse

BATCH = "20261120T161000-00-a1b2c3d4"
PART = f"s3://out/{BATCH}-00000.parquet"
ONE, TWO, OTHER = (digest(parse(line)) for line in (b'{"a":1.10}', b'{"a":2}', b'{"a":1.1}'))
COMMIT = {
    "batch_id": BATCH,
    "lines_in": 4,
    "rows_out": 3,
    "lines_rejected": 1,
    "parts": [{"uri": PART, "rows": 3, "size_bytes": 500}],
    "missing": [],
}


def sent(name: str, refused: str | None = None) -> SentFile:
    expected = GeneratedFile(Path(name), f"k/{name}", refused=refused)  # type: ignore[arg-type]
    return SentFile(Path(name), f"s3://in/k/{name}", f"k/{name}", "e1", 100, expected)


GOOD, BAD = sent("good.ndjson"), sent("bad.csv", "wrong_extension")
OPINIONS = {GOOD: Opinion(Counter({ONE: 2, TWO: 1}), frozenset({4}))}


def item(file: SentFile, status: str) -> dict[str, Any]:
    return {"object_key": file.key, "etag": file.etag, "status": status, "batch_id": BATCH}


EVIDENCE = Evidence(
    items=[item(GOOD, "completed#0"), item(BAD, "quarantined#0"), {"file_key": "BATCH#0"}],
    commits={BATCH: COMMIT},
    rows={GOOD.uri: Counter({ONE: 2, TWO: 1})},
    part_rows={PART: 3},
    part_bytes={PART: 500},
    rejects={GOOD.uri: Counter({4: 1})},
    quarantined={BAD.key: "wrong_extension"},
)


def check(evidence: Evidence, files: tuple[SentFile, ...] = (GOOD, BAD)) -> Reconciliation:
    return reconcile(files, evidence, OPINIONS.__getitem__)


def test_a_run_without_fault_is_accounted_for() -> None:
    result = check(EVIDENCE)
    assert (result.ok, result.problems, result.unaccounted_files, result.unaccounted_lines) == (True, (), (), 0)
    assert (result.count("completed"), result.count("quarantined")) == (1, 1)
    assert (result.lines_in, result.rows_out, result.lines_rejected) == (4, 3, 1)
    assert (result.manifests, result.parts, result.bytes_in, result.bytes_out) == (1, 1, 100, 500)


@pytest.mark.parametrize(
    ("changes", "problem", "lines_lost"),
    [
        pytest.param({"rows": {GOOD.uri: Counter({ONE: 1, TWO: 1})}}, "1 records are not in", 1, id="row lost"),
        pytest.param({"rows": {}}, "3 records are not in", 3, id="all rows lost"),
        pytest.param({"rows": {GOOD.uri: Counter({ONE: 2, TWO: 2})}}, "1 Parquet rows are", 0, id="row twice"),
        pytest.param({"rows": {GOOD.uri: Counter({ONE: 2, OTHER: 1})}}, "1 records are not in", 1, id="row altered"),
        pytest.param({"rejects": {}}, r"rejected lines \[\], expected \[4\]", 1, id="reject lost"),
        pytest.param({"rejects": {GOOD.uri: Counter({4: 2})}}, r"rejected lines \[4, 4\]", 0, id="reject twice"),
        pytest.param({"rejects": {GOOD.uri: Counter({3: 1})}}, r"rejected lines \[3\]", 1, id="other line rejected"),
        pytest.param({"commits": {}}, "has no commit record", 0, id="no commit record"),
        pytest.param({"quarantined": {}}, "does not hold it", 0, id="not in quarantine"),
        pytest.param({"quarantined": {BAD.key: "empty"}}, "quarantined as empty", 0, id="wrong reason"),
        pytest.param({"part_rows": {}}, "found no part", 0, id="part gone"),
        pytest.param({"part_rows": {PART: 4}}, "says 3 rows .* found 4", 0, id="part has more rows"),
        pytest.param({"commits": {BATCH: COMMIT | {"lines_in": 5}}}, "5 lines in, but", 0, id="lines do not add up"),
        pytest.param({"commits": {BATCH: COMMIT | {"parts": []}}}, "do not add up", 0, id="parts do not add up"),
    ],
)
def test_a_fault_is_found(changes: Mapping[str, Any], problem: str, lines_lost: int) -> None:
    result = check(replace(EVIDENCE, **changes))
    assert not result.ok
    assert any(re.search(problem, text) for text in result.problems), result.problems
    assert result.unaccounted_lines == lines_lost


@pytest.mark.parametrize(
    ("status", "fate"),
    [("pending#0", "unfinished"), ("manifested#0", "unfinished"), ("failed#0", "failed"), (None, "untracked")],
)
def test_a_file_that_did_not_finish_is_unaccounted_for(status: str | None, fate: Fate) -> None:
    items = [item(GOOD, status)] if status else []
    result = check(replace(EVIDENCE, items=items, rows={}, rejects={}), (GOOD,))
    assert (result.ok, result.count(fate), result.unaccounted_files, result.unaccounted_lines) == (False, 1, (GOOD,), 4)


def test_rows_of_a_failed_file_must_not_be_visible() -> None:
    failed = item(GOOD, "failed#0") | {"error_message": "Glue: no memory"}
    result = check(replace(EVIDENCE, items=[failed]), (GOOD,))
    assert result.problems == (
        f"{GOOD.key}: failed: Glue: no memory",
        f"{GOOD.key}: failed, but 3 of its rows are visible in the output",
    )


def test_a_missing_file_is_reported_and_so_accounted_for() -> None:
    commit = COMMIT | {"missing": [{"uri": GOOD.uri, "etag": "e1", "reason": "the object version is gone"}]}
    evidence = replace(EVIDENCE, items=[item(GOOD, "failed#0")], commits={BATCH: commit}, rows={}, rejects={})
    result = check(evidence, (GOOD,))
    assert (result.count("missing"), result.unaccounted_files, result.unaccounted_lines) == (1, (), 0)


def test_the_same_key_with_other_bytes_is_another_file() -> None:
    second = replace(GOOD, etag="e2")
    result = reconcile((GOOD, second), EVIDENCE, lambda _: OPINIONS[GOOD])
    assert [entry.fate for entry in result.files] == ["completed", "untracked"]


def test_a_file_that_should_have_been_refused_is_a_problem() -> None:
    refused = sent("good.ndjson", "too_large")
    result = reconcile((refused,), EVIDENCE, lambda _: OPINIONS[GOOD])
    assert result.problems == ("k/good.ndjson: converted, but it belongs in quarantine (too_large)",)


def parquet(rows: list[dict[str, str | None]], metadata: dict[str, dict[str, str]]) -> bytes:
    """A part as the converter writes it: string columns, types in the field metadata."""
    schema = pa.schema([pa.field(name, pa.string(), metadata=metadata.get(name)) for name in rows[0]])
    target = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), target)
    return target.getvalue()


def row(source: str, types: str | None = None, **values: str | None) -> dict[str, str | None]:
    return {**values, "_processing_timestamp": "2026-11-20T16:10:00Z", "_source_file": source, "_json_types": types}


def test_parquet_rows_become_the_records_that_were_sent() -> None:
    content = parquet(
        [
            row("s3://in/a", a="1.10", name__2="x", c=None),
            row("s3://in/a", '{"a":"string","c":"object","name__2":"null"}', a="1.10", name__2=None, c="{}"),
            row("s3://in/b", a="9", name__2=None, c=None),
        ],
        {
            "a": {"json_type": "number", "json_null": "absent"},
            "name__2": {"json_type": "string", "json_null": "absent", "json_key": "Name"},
            "c": {"json_type": "string", "json_null": "null"},
        },
    )
    assert row_count(content) == 3
    assert list(part_records(content, {"s3://in/a"})) == [
        ("s3://in/a", parse(b'{"a":1.10,"Name":"x","c":null}')),
        ("s3://in/a", parse(b'{"a":"1.10","Name":null,"c":{}}')),
    ]


def test_keys_beyond_the_last_column_come_back_from_the_overflow() -> None:
    content = parquet([row("s3://in/a", a="1", _overflow='{"z":[1.0]}')], {"a": {"json_type": "number"}})
    assert list(part_records(content, {"s3://in/a"})) == [("s3://in/a", parse(b'{"a":1,"z":[1.0]}'))]


OVERWRITTEN = replace(GOOD, etag="e2")
BOTH = replace(EVIDENCE, items=[*EVIDENCE.items, item(OVERWRITTEN, "completed#0")])
ADDED = Opinion(Counter({ONE: 1, OTHER: 1}), frozenset({4}))


def check_both(rows: Counter[bytes], rejects: Counter[int]) -> Reconciliation:
    evidence = replace(BOTH, rows={GOOD.uri: rows}, rejects={GOOD.uri: rejects})
    return reconcile((GOOD, OVERWRITTEN, BAD), evidence, {**OPINIONS, OVERWRITTEN: ADDED}.__getitem__)


def test_both_versions_of_an_overwritten_object_are_accounted_for() -> None:
    result = check_both(Counter({ONE: 3, TWO: 1, OTHER: 1}), Counter({4: 2}))
    assert (result.problems, result.unaccounted_lines, result.count("completed")) == ((), 0, 2)
    assert (result.lines_in, result.rows_out, result.lines_rejected) == (7, 5, 2)


@pytest.mark.parametrize(
    ("rows", "rejects", "problem", "lost"),
    [
        pytest.param({ONE: 2, TWO: 1}, {4: 1}, "2 records are not in", 3, id="the second lost"),
        pytest.param({ONE: 1, OTHER: 1}, {4: 1}, "2 records are not in", 4, id="the first lost"),
        pytest.param({ONE: 4, TWO: 1, OTHER: 1}, {4: 2}, "1 Parquet rows are", 0, id="a row twice"),
        pytest.param({ONE: 3, TWO: 1, OTHER: 1}, {4: 3}, "rejected lines", 0, id="a reject twice"),
    ],
)
def test_a_fault_in_one_version_of_an_object_is_found(
    rows: dict[bytes, int], rejects: dict[int, int], problem: str, lost: int
) -> None:
    result = check_both(Counter(rows), Counter(rejects))
    assert any(re.search(problem, text) for text in result.problems), result.problems
    assert result.unaccounted_lines == lost
