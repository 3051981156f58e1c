"""The deployed export service: real API Gateway rules, real tokens, real functions and runs, IAM and TLS enforced."""

import gzip
import io
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.access import is_given
from local.embedded_aws import EmbeddedAws
from local.evidence import read_uri
from local.exporting import ExportApi, ExportOutputs, People
from local.generate import landing_key
from local.sending import Outgoing
from tests.integration.conftest import DeployedPipeline
from tests.integration.test_pipeline import DAY

pytestmark = pytest.mark.skipif(is_given(), reason="no LocalStack image that is free has Cognito and HTTP APIs")

CRASH = "import os, sys\nsys.stderr.write('out of memory')\nos._exit(137)\n"
SLEEP = "import time\ntime.sleep(600)\n"


@dataclass(frozen=True)
class Exported:
    """The service, and two people who use it; Ana is in the group that may see the pipeline."""

    deployed: DeployedPipeline
    outputs: ExportOutputs
    people: People
    ana: ExportApi
    bob: ExportApi
    cloudwatch: Any

    @contextmanager
    def script(self, text: str) -> Iterator[None]:
        """Runs of the Glue job run this instead, whatever the file."""
        glue: Any = self.deployed.clients.glue
        bucket, key = self.deployed.outputs.scripts_bucket, "glue/export-test.py"
        self.deployed.clients.s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
        job = glue.get_job(JobName=self.outputs.export_glue_job)["Job"]
        kept = {name: job[name] for name in ("Role", "Command", "DefaultArguments", "Timeout", "ExecutionProperty")}
        broken = {**kept, "Command": {**job["Command"], "ScriptLocation": f"s3://{bucket}/{key}"}}
        glue.update_job(JobName=job["Name"], JobUpdate=broken)
        try:
            yield
        finally:
            glue.update_job(JobName=job["Name"], JobUpdate=kept)

    def counted(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> float:
        """The sum of a metric, of the last hour."""
        now, wanted = time.time(), [{"Name": name, "Value": value} for name, value in dimensions.items()]
        found = self.cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=wanted,
            StartTime=now - 3600,
            EndTime=now + 60,
            Period=3660,
            Statistics=["Sum"],
        )
        return float(sum(point["Sum"] for point in found["Datapoints"]))

    def runs(self, job_id: str) -> list[dict[str, Any]]:
        """The Glue runs of a job."""
        glue: Any = self.deployed.clients.glue
        found = glue.get_job_runs(JobName=self.outputs.export_glue_job)["JobRuns"]
        return [run for run in found if run["Arguments"].get("--job_id") == job_id]


@pytest.fixture(scope="module")
def exported(deployed: DeployedPipeline) -> Exported:
    outputs = ExportOutputs.parse(deployed.deployment.outputs_json())
    access = deployed.aws.access if isinstance(deployed.aws, EmbeddedAws) else deployed.aws
    people = People(access, outputs)
    ana, bob = people.add("ana@example.com", "operators"), people.add("bob@example.com")
    return Exported(deployed, outputs, people, people.sign_in(ana), people.sign_in(bob), access.client("cloudwatch"))


def parquet(**columns: list[Any]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def test_from_upload_to_download(exported: Exported) -> None:
    content = parquet(id=[1, 2, 3], name=["ä", None, '"'], tags=[["x"], [], None])
    rows = [
        {"id": 1, "name": "ä", "tags": ["x"]},
        {"id": 2, "name": None, "tags": []},
        {"id": 3, "name": '"', "tags": None},
    ]
    job_id = exported.ana.upload("Größe 1.parquet", content)
    exported.ana.start(job_id)
    job = exported.ana.ended(job_id)
    name, result = exported.ana.download(job_id)
    assert (job["status"], job["errorMessage"], job["rows"], job["progress"]) == ("COMPLETED", None, 3, 100)
    assert (name, job["outputBytes"]) == ("Größe 1.ndjson", len(result))
    assert [json.loads(line) for line in result.splitlines()] == rows
    preview = exported.ana.get(f"/preview/{job_id}", limit=2).body
    assert preview["rows"] == [["1", "ä", '["x"]'], ["2", None, "[]"]]
    assert (preview["truncated"], preview["totalRows"]) == (True, 3)


def test_a_file_of_the_pipeline_gives_back_what_was_sent(exported: Exported, tmp_path: Path) -> None:
    files = pipeline_files(exported)
    if not files:
        path = tmp_path / "export.ndjson"
        path.write_bytes(b'{"id": 1, "price": 1.10, "deep": {"a": [1e2, null]}}\n{"id": 2, "more": "x"}\n')
        exported.deployed.settle(exported.deployed.send([Outgoing(path, landing_key(DAY, path.name))]))
        files = pipeline_files(exported)
    answer = exported.ana.post("/trigger-job", {"s3Key": files[0]})
    assert answer.status == 202, answer
    job = exported.ana.ended(answer.body["jobId"])
    assert job["status"] == "COMPLETED", job
    _, result = exported.ana.download(job["jobId"])
    rows = [told(line) for line in result.splitlines()]
    assert len(rows) == job["rows"] > 0
    assert set(rows) <= {told(line) for line in landed_lines(exported, files[0])}


def pipeline_files(exported: Exported) -> list[str]:
    """The keys of the Parquet files of a date, as somebody who picks one sees them."""
    return [str(file["s3Key"]) for file in exported.ana.get("/pipeline/outputs", date=DAY.isoformat()).body["files"]]


def landed_lines(exported: Exported, key: str) -> Iterator[bytes]:
    """The lines of all files of the manifest that a Parquet file is of."""
    batch, outputs = Path(key).stem.rpartition("-")[0], exported.deployed.outputs
    s3 = exported.deployed.clients.s3
    manifest = json.loads(read_uri(s3, f"s3://{outputs.manifest_bucket}/manifests/{DAY}/{batch}.json"))
    for file in manifest["files"]:
        content = read_uri(s3, file["uri"])
        yield from (gzip.decompress(content) if file["uri"].endswith(".gz") else content).splitlines()


def told(line: bytes) -> str:
    """What an object says, token for token; nothing for what is no object."""
    try:
        return json.dumps(json.loads(line, parse_float=str, parse_int=str))
    except ValueError:
        return ""


def test_the_pipeline_is_for_its_group(exported: Exported) -> None:
    page = exported.ana.get("/pipeline")
    assert (page.status, page.body["environment"]) == (200, "local")
    refused = [
        exported.bob.get("/pipeline"),
        exported.bob.get("/pipeline/outputs", date=DAY.isoformat()),
        exported.bob.post("/trigger-job", {"s3Key": "pipeline/output/a.parquet"}),
    ]
    assert [(answer.status, answer.code) for answer in refused] == [(403, "not_in_group")] * 3


def test_nobody_sees_a_job_of_somebody_else(exported: Exported) -> None:
    job_id = exported.ana.upload("a.parquet", parquet(a=[1]))
    exported.ana.start(job_id)
    assert exported.ana.ended(job_id)["status"] == "COMPLETED"
    answers = [
        exported.bob.get(f"/job-status/{job_id}"),
        exported.bob.get(f"/preview/{job_id}"),
        exported.bob.get(f"/download/{job_id}"),
        exported.bob.post("/trigger-job", {"jobId": job_id}),
    ]
    assert [(answer.status, answer.code) for answer in answers] == [(404, "no_such_job")] * 4
    assert job_id in [job["jobId"] for job in exported.ana.get("/jobs").body["jobs"]]
    assert job_id not in [job["jobId"] for job in exported.bob.get("/jobs").body["jobs"]]


@pytest.mark.parametrize("content", [b"this is no Parquet", parquet(a=[1])[:-7], b"PAR1" + b"\0" * 20 + b"PAR1"])
def test_what_is_no_parquet_fails_with_a_sentence(exported: Exported, content: bytes) -> None:
    job_id = exported.ana.upload("bad.parquet", content)
    exported.ana.start(job_id)
    job = exported.ana.ended(job_id)
    assert (job["status"], len(exported.runs(job_id))) == ("FAILED", 1)
    assert job["errorMessage"] and "Traceback" not in job["errorMessage"]
    assert exported.ana.get(f"/download/{job_id}").code == "job_failed"


def test_a_run_that_crashes_is_tried_again_and_then_the_job_has_failed(exported: Exported) -> None:
    job_id = exported.ana.upload("a.parquet", parquet(a=[1]))
    with exported.script(CRASH):
        exported.ana.start(job_id)
        job = exported.ana.ended(job_id)
    assert (job["status"], len(exported.runs(job_id))) == ("FAILED", 2)
    assert job["errorMessage"].startswith("The conversion stopped unexpectedly.")
    assert job["processingTime"] > 0


def test_an_execution_that_is_stopped_leaves_a_failed_job_and_no_run(exported: Exported) -> None:
    job_id = exported.ana.upload("a.parquet", parquet(a=[1]))
    states = exported.deployed.clients.stepfunctions
    with exported.script(SLEEP):
        exported.ana.start(job_id)
        exported.deployed.wait(lambda: bool(exported.runs(job_id)), "no run was started")
        arn = exported.outputs.export_state_machine_arn.replace(":stateMachine:", ":execution:")
        states.stop_execution(executionArn=f"{arn}:{job_id}")
        job = exported.ana.ended(job_id)
        exported.deployed.wait(lambda: exported.runs(job_id)[0]["JobRunState"] == "STOPPED", "the run goes on")
    assert (job["status"], job["errorMessage"]) == ("FAILED", "The conversion was stopped by an operator.")


def test_a_job_is_started_once_however_often_it_is_asked_for(exported: Exported) -> None:
    job_id = exported.ana.upload("a.parquet", parquet(a=[1]))
    for _ in range(3):
        exported.ana.start(job_id)
    assert exported.ana.ended(job_id)["status"] == "COMPLETED"
    assert len(exported.runs(job_id)) == 1


def test_what_is_asked_and_done_is_counted(exported: Exported) -> None:
    watched = [
        ("NdjsonParquet", "ExportJobsCompleted", {"service": "ndjson-parquet-local"}),
        ("AWS/ApiGateway", "4xx", {"ApiId": exported.outputs.export_api_id}),
        ("AWS/ApiGateway", "5xx", {"ApiId": exported.outputs.export_api_id}),
    ]
    before = [exported.counted(*metric) for metric in watched]
    job_id = exported.ana.upload("a.parquet", parquet(a=[1]))
    exported.ana.start(job_id)
    exported.ana.ended(job_id)
    assert exported.bob.get(f"/job-status/{job_id}").status == 404
    exported.deployed.wait(lambda: exported.counted(*watched[0]) > before[0], "the job is not counted")
    after = [exported.counted(*metric) for metric in watched]
    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 0]


def test_links_are_the_only_way_to_the_files(exported: Exported) -> None:
    announced = exported.ana.post("/upload", {"fileName": "a.parquet", "size": 10}).body
    url, form = announced["uploadUrl"], announced["uploadFields"]
    assert exported.ana.send(url, form, "a.parquet", b"x" * 11) == 400
    assert exported.ana.send(url, {**form, "key": "results/x"}, "a.parquet", b"x") == 403
    assert exported.ana.send(url, {"key": form["key"]}, "a.parquet", b"x") == 403
    assert exported.ana.send(url, form, "a.parquet", b"x" * 10) in (200, 204)
