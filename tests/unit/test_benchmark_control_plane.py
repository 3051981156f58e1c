"""The benchmark's own rules: DynamoDB's units, the keys a call writes, the backlog, the targets."""

from collections import Counter
from typing import Any

import pytest

from benchmarks.control_plane.backlog import FILES_PER_MANIFEST, SHARDS, batches, items, pending_files
from benchmarks.control_plane.metering import written_keys
from benchmarks.control_plane.processor import resolve
from benchmarks.control_plane.result import BASELINE, OURS, Design, Measurement, targets
from benchmarks.control_plane.units import item_bytes, read_units, write_units
from ndjson_parquet.items import to_item

KEYS = {"date_prefix": {"S": "d"}, "file_key": {"S": "f"}}
NAMED = ("d", "f")


def item(size: int, **attributes: str) -> dict[str, Any]:
    """An item of so many bytes."""
    values = {**KEYS, **{name: {"S": value} for name, value in attributes.items()}, "filler": {"S": ""}}
    return values | {"filler": {"S": "x" * (size - item_bytes(values))}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "é"}, 2),
        ({"N": "7"}, 2),
        ({"N": "1732118400"}, 5),
        ({"N": "-12.5"}, 4),
        ({"N": "0"}, 1),
        ({"NULL": True}, 1),
        ({"BOOL": False}, 1),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + 3 + 2),
        ({"M": {"key": {"S": "value"}}}, 3 + 1 + 3 + 5),
    ],
)
def test_size_of_an_attribute(value: dict[str, Any], size: int) -> None:
    assert item_bytes({"n": value}) == 1 + size


def test_a_type_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="'SS'"):
        item_bytes({"n": {"SS": ["a"]}})


@pytest.mark.parametrize(
    ("sizes", "consistent", "units"),
    [([], True, 1), ([], False, 0.5), ([4096], True, 1), ([4097], True, 2), ([3000, 3000], False, 1)],
)
def test_read_units(sizes: list[int], consistent: bool, units: float) -> None:
    """What one call reads is rounded up together, not item by item."""
    assert read_units([item(size) for size in sizes], consistent=consistent) == units


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        pytest.param(None, item(1024), 1, id="put"),
        pytest.param(None, item(1025), 2, id="put of more than a KB"),
        pytest.param(item(3000), item(100), 3, id="the larger image counts"),
        pytest.param(item(3000), None, 3, id="delete"),
        pytest.param(None, None, 1, id="delete of nothing"),
        pytest.param(None, item(100, status="a"), 2, id="put into the index"),
        pytest.param(item(100, status="a"), None, 2, id="delete from the index"),
        pytest.param(item(100, status="a"), item(100, status="b"), 3, id="moved within the index"),
        pytest.param(item(100, status="a"), item(1500, status="a"), 4, id="changed in its place"),
        pytest.param(item(100, status="a"), item(100, status="a"), 1, id="nothing changed"),
        pytest.param(item(100, status="a"), item(100), 2, id="leaves the index"),
    ],
)
def test_write_units(before: Any, after: Any, units: int) -> None:
    assert write_units(before, after, transactional=False) == units


def test_a_transaction_doubles_the_table_and_not_the_index() -> None:
    assert write_units(None, item(1500, status="a"), transactional=True) == 2 * 2 + 2


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("PutItem", {"Item": {**KEYS, "status": {"S": "s"}}}),
        ("UpdateItem", {"Key": KEYS}),
        ("TransactWriteItems", {"TransactItems": [{"Put": {"Item": {**KEYS}}}]}),
        ("TransactWriteItems", {"TransactItems": [{"Delete": {"Key": KEYS}}]}),
        (
            "BatchExecuteStatement",
            {
                "Statements": [
                    {
                        "Statement": 'UPDATE "t" SET "a" = ? WHERE "date_prefix" = ? AND "file_key" = ? AND "a" IN [?]',
                        "Parameters": [{"S": "new"}, {"S": "d"}, {"S": "f"}, {"S": "old"}],
                    }
                ]
            },
        ),
    ],
)
def test_keys_that_a_call_writes(operation: str, params: dict[str, Any]) -> None:
    assert written_keys(operation, params) == [NAMED]


def test_reads_write_nothing() -> None:
    assert written_keys("Query", {"TableName": "t", "KeyConditionExpression": "a = :a"}) == []


@pytest.mark.parametrize(
    ("operation", "params"), [("Scan", {}), ("Query", {"FilterExpression": "a = :a"}), ("BatchWriteItem", {})]
)
def test_a_call_whose_units_cannot_be_told_is_refused(operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"units of {operation}"):
        written_keys(operation, params)


def test_paths_of_a_task_are_resolved() -> None:
    parameters = {"TableName": "t", "Key": {"file_key": {"S.$": "$.file_key"}, "fixed": {"S": "$.x"}}}
    assert resolve(parameters, {"$.file_key": "f"}) == {
        "TableName": "t",
        "Key": {"file_key": {"S": "f"}, "fixed": {"S": "$.x"}},
    }


@pytest.mark.parametrize("files", [0, 10, 1_000, 10_000, 100_001])
def test_a_backlog_holds_every_file_once(files: int) -> None:
    held = batches(files)
    assert sum(batch.file_count for batch in held) == files
    assert [batch.first_file for batch in held[1:]] == [b.first_file + b.file_count for b in held[:-1]]
    assert all(0 < batch.file_count <= FILES_PER_MANIFEST for batch in held)


def test_a_backlog_has_files_of_every_status_in_every_shard() -> None:
    written = [item for batch in batches(10_000) for item in items(batch, "in", "manifests", "arn")]
    by_status = Counter(item["status"].split("#")[0] for item in written if "object_key" in item)
    assert by_status == {"pending": 2_000, "manifested": 3_000, "completed": 5_000}
    open_batches = [item for item in written if item["file_key"].startswith("BATCH#")]
    assert {(item["status"], item["file_count"]) for item in open_batches} == {
        (f"open#{n}", 100) for n in range(SHARDS)
    }
    assert len({(item["date_prefix"], item["file_key"]) for item in written}) == len(written)
    assert pending_files(10_000) == 2_000


def test_the_members_lists_of_a_pending_batch_hold_its_files() -> None:
    batch = batches(10_000)[0]
    written = list(items(batch, "in", "manifests", "arn"))
    listed = [file["uri"] for item in written for file in item.get("files", [])]
    assert sorted(listed) == sorted(f"s3://in/{item['object_key']}" for item in written if "object_key" in item)
    assert all(item_bytes(to_item(item)) < 4096 for item in written)


def measured(design: Design, backlog_files: int, calls: int, files: int = 1000) -> Measurement:
    return Measurement(design, backlog_files, files, {"dynamodb:GetItem": calls}, 10.0, 20)


def test_numbers_are_per_thousand_files() -> None:
    measurement = measured(BASELINE, 0, calls=100, files=200)
    assert measurement.calls_per_thousand == 500
    assert (measurement.read_units_per_thousand, measurement.write_units_per_thousand) == (50, 100)


@pytest.mark.parametrize(
    ("ours", "baseline", "met"),
    [
        pytest.param((400, 408), (4080, 4080), [True, True, True], id="just reached"),
        pytest.param((501, 501), (9000, 9000), [False, True, True], id="too many calls"),
        pytest.param((400, 409), (9000, 9000), [True, False, True], id="grows with the backlog"),
        pytest.param((400, 400), (4000, 3999), [True, True, False], id="too close to the baseline"),
    ],
)
def test_targets(ours: tuple[int, int], baseline: tuple[int, int], met: list[bool]) -> None:
    counts = [(OURS, ours), (BASELINE, baseline)]
    measurements = [measured(design, n * 1000, calls) for design, both in counts for n, calls in enumerate(both)]
    assert [target.met for target in targets(measurements)] == met
