"""The deployed pipeline, from files in the landing bucket to Parquet: real Terraform, real functions, real Spark."""

import gzip
import io
import json
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pyarrow.parquet as pq
import pytest

from local.generate import Recipe, generate, landing_key
from local.reconcile import SentFile
from local.sending import Outgoing, from_generator
from tests.factories import s3_record
from tests.integration.conftest import POISON, DeployedPipeline

DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def converted(deployed: DeployedPipeline, tmp_path_factory: pytest.TempPathFactory) -> list[SentFile]:
    """Files of every kind, sent and settled: good ones, ones with broken lines, and ones to be refused."""
    recipe = Recipe(files=24, file_bytes=30_000, dates=(DAY, date(2026, 11, 19)), run="pipeline", broken_every=4)
    sent = deployed.send(from_generator(generate(tmp_path_factory.mktemp("files"), recipe)))
    deployed.settle(sent)
    return sent


def test_every_record_is_in_parquet_once_and_unaltered(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    result = deployed.reconciled(converted)
    assert result.problems == ()
    assert result.unaccounted_files == ()
    assert (result.count("completed"), result.count("quarantined")) == (24, 3)
    assert result.rows_out == sum(file.expected.rows for file in converted if file.expected)
    assert result.lines_rejected == sum(len(file.expected.rejects) for file in converted if file.expected) > 0


def test_a_refused_file_lies_in_quarantine_with_its_reason(
    deployed: DeployedPipeline, converted: list[SentFile]
) -> None:
    refused = [file for file in converted if file.expected and file.expected.refused]
    for file in refused:
        reason = file.expected.refused if file.expected else None
        key = f"files/{reason}/{DAY.isoformat()}/{file.key}"
        head = deployed.clients.s3.head_object(Bucket=deployed.outputs.quarantine_bucket, Key=key)
        assert (head["Metadata"]["reason"], head["ContentLength"]) == (reason, file.size_bytes)
    assert len(refused) == 3


def test_a_broken_line_is_rejected_with_its_number_and_its_bytes(
    deployed: DeployedPipeline, converted: list[SentFile]
) -> None:
    rejects = list(read_rejects(deployed))
    [file] = [file for file in converted if file.expected and file.expected.rejects][:1]
    lines = file.path.read_bytes().split(b"\n")
    ours = {reject["line_number"]: reject for reject in rejects if reject["source"] == file.uri}
    assert file.expected is not None
    assert set(ours) == set(file.expected.rejects)
    for number, reject in ours.items():
        line = lines[number - 1].rstrip(b"\r")
        assert reject.get("raw", "").encode() == line or reject.get("raw_base64")
        assert file.path.read_bytes()[reject["byte_offset"] :].startswith(line)
        assert reject["reason"]


def test_a_gzip_file_is_converted_and_a_damaged_one_is_kept(deployed: DeployedPipeline, tmp_path: Path) -> None:
    whole = gzip.compress(b'{"id":1.10}\n{"id":"x"}\n')
    contents = {"whole.ndjson.gz": whole, "cut.ndjson.gz": whole[:-9]}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    keys = {landing_key(DAY, f"gzip/{name}"): name for name in contents}
    sent = deployed.send([Outgoing(tmp_path / name, key) for key, name in keys.items()])
    deployed.settle(sent)

    tracked = deployed.pipeline.items(sent)
    items = {keys[item["object_key"]]: item for item in tracked if item.get("object_key") in keys}
    assert {name: item["status"].partition("#")[0] for name, item in items.items()} == {
        "whole.ndjson.gz": "completed",
        "cut.ndjson.gz": "failed",
    }
    [record] = [r for r in deployed.commit_records() if r["batch_id"] == items["cut.ndjson.gz"]["batch_id"]]
    assert items["cut.ndjson.gz"]["error_message"] == record["missing"][0]["reason"]
    assert deployed.read(record["missing"][0]["quarantined_uri"]) == whole[:-9]
    [part] = deployed.parquet_keys(items["whole.ndjson.gz"]["batch_id"])
    table = pq.read_table(io.BytesIO(deployed.read(f"s3://{deployed.outputs.output_bucket}/{part}")), use_threads=False)
    assert table.column("id").to_pylist() == ["1.10", "x"]


def test_the_same_events_delivered_again_change_nothing(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    before = deployed.pipeline.items(converted)
    for file in converted:
        record = s3_record(file.key, etag=file.etag, size=file.size_bytes)
        record["s3"]["bucket"]["name"] = deployed.outputs.input_bucket
        record["s3"]["object"]["key"] = quote_plus(file.key)
        deployed.enqueue(json.dumps({"Records": [record]}))
    deployed.wait_until_queue_is_empty()
    deployed.pipeline.flush()
    deployed.settle(converted)
    assert {item["file_key"] for item in deployed.pipeline.items(converted)} == {item["file_key"] for item in before}
    assert deployed.reconciled(converted).problems == ()


def test_the_catalog_knows_every_column(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    table = deployed.clients.glue.get_table(
        DatabaseName=deployed.outputs.catalog_database, Name=deployed.outputs.catalog_table
    )["Table"]
    columns = {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
    committed = {column for record in deployed.commit_records() for column in record["columns"]}
    assert committed
    assert {column.lower() for column in committed} <= set(columns)
    assert set(columns.values()) == {"string"}


def test_an_execution_for_work_that_is_done_ends_at_once(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    record = deployed.commit_records()[0]
    runs = len(deployed.glue_runs())
    execution = deployed.execute(record["batch_id"], record["date_prefix"], attempt=7)
    assert execution["status"] == "SUCCEEDED"
    assert deployed.last_state(execution) == "AlreadyProcessed"
    assert len(deployed.glue_runs()) == runs


def test_a_failed_run_is_told_and_hidden_and_can_be_repeated(deployed: DeployedPipeline, tmp_path: Path) -> None:
    """The cause here: somebody removed the job's script."""
    alerts = deployed.subscribe_to_alerts()
    path = tmp_path / "late.ndjson"
    path.write_text('{"id": 1, "price": 1.10}\n{"id": 2, "price": 20.00}\n')
    with deployed.script_removed():
        sent = deployed.send([Outgoing(path, landing_key(DAY, f"{uuid.uuid4().hex}/late.ndjson"))])
        deployed.settle(sent)

    [item] = [item for item in deployed.pipeline.items(sent) if item.get("object_key") == sent[0].key]
    assert item["status"] == "failed#0"
    batch_id = item["batch_id"]
    manifest = deployed.manifest_item(batch_id)
    assert manifest["status"] == "failed"
    assert manifest["error_message"] == item["error_message"]
    assert "script" in item["error_message"].lower()
    assert deployed.parquet_keys(batch_id) == []
    first, *_, execution_line = deployed.next_alert(alerts).splitlines()
    assert first.endswith("Severity: ticket. Runbook: docs/runbooks/manifest-failed.md")
    assert execution_line.endswith(f":{batch_id}-1")

    execution = deployed.execute(batch_id, DAY.isoformat(), attempt=2)

    assert execution["status"] == "SUCCEEDED"
    assert deployed.manifest_item(batch_id)["status"] == "completed"
    assert deployed.reconciled(sent).problems == ()
    assert len(deployed.parquet_keys(batch_id)) == 1


def test_a_second_plan_is_empty(deployed: DeployedPipeline, converted: list[SentFile]) -> None:
    assert deployed.deployment.plan_is_empty()


def test_a_poison_message_is_a_dead_letter_and_took_nobody_with_it(
    deployed: DeployedPipeline, converted: list[SentFile]
) -> None:
    assert deployed.dead_letters() == [POISON]


def read_rejects(deployed: DeployedPipeline) -> Iterator[dict[str, Any]]:
    for record in deployed.commit_records():
        if record["rejects_uri"]:
            for line in deployed.read(record["rejects_uri"]).splitlines():
                yield json.loads(line)
