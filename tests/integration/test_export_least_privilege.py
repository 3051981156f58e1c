"""No statement of the export's roles is unnecessary, and none is missing: as for the pipeline's roles."""

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from local.access import Access
from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.exporting import ExportApi, ExportOutputs, People
from tests.component.emulator_tools import QUICK
from tests.deep import DEEP
from tests.integration.test_export import parquet
from tests.integration.test_least_privilege import (
    NOT_ENFORCED,
    SETTLING_SECONDS,
    Bench,
    Roles,
    missed_without,
)

PIPELINE_KEY = "pipeline/output/merged-parquet-2026-11-20/b-00000.parquet"
WORKS = ["export-api", "export-job", "export-states", "export-settle", "export-ended"]


class Work:
    """What each role is there for, done once; that something is refused is seen elsewhere."""

    def __init__(self, access: Access, outputs: ExportOutputs) -> None:
        people = People(access, outputs)
        self._api: ExportApi = people.sign_in(people.add("ana@example.com", "operators"))
        self._states = access.client("stepfunctions")
        self._executions = outputs.export_state_machine_arn.replace(":stateMachine:", ":execution:")
        access.client("s3").put_object(Bucket=outputs.output_bucket, Key=PIPELINE_KEY, Body=parquet(a=[1]))
        self._completed = self._api.upload("a.parquet", parquet(a=[1]))
        self._api.start(self._completed)
        self._api.ended(self._completed)

    def api(self) -> None:
        """Every endpoint."""
        self._upload(parquet(a=[1]))
        for path in (f"/preview/{self._completed}", f"/download/{self._completed}", "/jobs", "/pipeline"):
            self._api.get(path)
        self._api.get("/pipeline/outputs", date="2026-11-20")
        self._api.post("/trigger-job", {"s3Key": PIPELINE_KEY})

    def job(self) -> None:
        """An uploaded file, and one of the pipeline."""
        self._upload(parquet(a=[1]))
        self._api.post("/trigger-job", {"s3Key": PIPELINE_KEY})

    def failure(self) -> None:
        """A conversion that fails, so that what follows is done too."""
        self._upload(b"no Parquet")

    def stop(self) -> None:
        """A conversion that is stopped before it says how it ends: a run of the job takes seconds to begin."""
        job_id = self._upload(parquet(a=[1]))
        self._states.stop_execution(executionArn=f"{self._executions}:{job_id}")

    def _upload(self, content: bytes) -> str | None:
        """The job's id, when there was one to be had."""
        said = self._api.post("/upload", {"fileName": "a.parquet", "size": len(content)})
        if said.status != 201:
            return None
        self._api.send(said.body["uploadUrl"], said.body["uploadFields"], "a.parquet", content)
        self._api.post("/trigger-job", {"jobId": said.body["jobId"]})
        return str(said.body["jobId"])


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("export")
    aws = EmbeddedAws(home / "aws", settings=QUICK)
    aws.start(port=0, auth=True, tls=True)
    try:
        settings = {"enable_export_api": True, "export_max_running_jobs": 1000, "export_max_concurrent_runs": 20}
        deployment = Deployment(aws.environment(), home / "terraform", {**settings, "enable_schedule": False})
        deployment.apply()
        work = Work(aws.access, ExportOutputs.parse(deployment.outputs_json()))
        dones: list[Callable[[], None]] = [work.api, work.job, work.failure, work.stop, work.stop]
        yield Bench(Roles(aws), dict(zip(WORKS, dones, strict=True)))
    finally:
        aws.stop()


@pytest.mark.skipif(not DEEP, reason="minutes: make test-deep")
@pytest.mark.parametrize("work", WORKS)
def test_every_statement_is_needed_and_none_is_missing(
    bench: Bench, work: str, capsys: pytest.CaptureFixture[str]
) -> None:
    roles, do, role = bench.roles, bench.works[work], f"ndjson-parquet-{work}-local"
    before = roles.mark()
    do()
    time.sleep(SETTLING_SECONDS)
    assert roles.denied_since(before, role) == []
    statements = [statement for statement in roles.statements(role) if statement["Sid"] not in NOT_ENFORCED]
    missed = {statement["Sid"]: missed_without(roles, role, statement, do) for statement in statements}
    with capsys.disabled():
        for sid, denied in missed.items():
            sys.stdout.write(f"\n{role} without {sid}: {f'{denied.action} on {denied.resource}' if denied else '-'}")
    assert [sid for sid, denied in missed.items() if denied is None] == []
