"""The export API's endpoints against a real table, buckets and state machine: what they answer, error by error."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import urllib3

from export_api.openapi import document
from export_api.page_tokens import token_of
from export_api.preview import READ_BYTES
from local.embedded_aws import EmbeddedAws
from tests.component.control_plane import ControlPlane, PlaneClients
from tests.export_world import ExportWorld, Said
from tests.factories import NOW

NOBODYS = "12345678-1234-4123-8123-123456789abc"
DATE = "2026-11-20"


@pytest.fixture
def world(emulator: EmbeddedAws, plane: ControlPlane) -> ExportWorld:
    return ExportWorld(emulator, plane)


@pytest.fixture(scope="module")
def shared(emulator: EmbeddedAws, clients: PlaneClients) -> ExportWorld:
    """One world for requests that are refused, and so do not meet."""
    return ExportWorld(emulator, ControlPlane(clients))


@pytest.fixture(scope="module")
def broken(emulator: EmbeddedAws, clients: PlaneClients) -> ExportWorld:
    """A world whose tables and bucket of outputs are gone."""
    world = ExportWorld(emulator, ControlPlane(clients))
    world.table = world.plane.table = world.outputs = "gone"
    return world


def test_from_the_upload_to_the_start(world: ExportWorld) -> None:
    job_id = world.upload("örders.parquet", format="json", compression="gzip")
    assert world.item(job_id)["owner"] == "ana"
    started = world.ask("POST", "/trigger-job", {"jobId": job_id})
    assert (started.status, started.body["status"]) == (202, "PENDING")
    assert world.executions() == [job_id]
    [execution] = world.states.list_executions(stateMachineArn=world.state_machine)["executions"]
    described = world.states.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(described["input"]) == {
        "jobId": job_id,
        "inputUri": f"s3://{world.bucket}/uploads/{job_id}/örders.parquet",
        "outputUri": f"s3://{world.bucket}/results/{job_id}/örders.json.gz",
        "format": "json",
        "compression": "gzip",
    }
    assert world.item(job_id)["inputBytes"] > 0
    again = world.ask("POST", "/trigger-job", {"jobId": job_id})
    assert (again.status, world.executions()) == (202, [job_id])


def test_a_started_job_is_answered_for_as_it_stands(world: ExportWorld) -> None:
    job_id = world.upload()
    for status in ("RUNNING", "COMPLETED"):
        world.change(job_id, status=status)
        said = world.ask("POST", "/trigger-job", {"jobId": job_id})
        assert (said.status, said.body["status"], world.executions()) == (202, status, [])


def test_the_status_of_a_job(world: ExportWorld) -> None:
    job_id = world.upload()
    world.change(job_id, status="RUNNING", startedAt=world.item(job_id)["createdAt"], progress=40, rows=12)
    world.now += timedelta(seconds=90)
    said = world.ask("GET", f"/job-status/{job_id}")
    assert said.status == 200
    assert {name: said.body[name] for name in ("fileName", "status", "progress", "rows", "errorMessage")} == {
        "fileName": "orders.parquet",
        "status": "RUNNING",
        "progress": 40,
        "rows": 12,
        "errorMessage": None,
    }
    assert said.body["processingTime"] == pytest.approx(90, abs=1)


def test_a_job_whose_execution_cannot_be_going_any_more_has_failed(world: ExportWorld) -> None:
    job_id = world.upload()
    world.change(job_id, status="RUNNING", startedAt=world.item(job_id)["createdAt"])
    world.now += timedelta(hours=5, minutes=1)
    said = world.ask("GET", f"/job-status/{job_id}")
    assert (said.body["status"], world.item(job_id)["status"]) == ("FAILED", "FAILED")
    assert "did not end in time" in said.body["errorMessage"]


def test_jobs_come_in_pages_newest_first(world: ExportWorld) -> None:
    made = []
    for _ in range(5):
        made.append(world.upload())
        world.now += timedelta(seconds=1)
    world.upload(who="bob")
    world.change(made[1], status="FAILED")
    world.change(made[3], status="FAILED")
    pages, token = [], None
    while True:
        said = world.ask("GET", "/jobs", limit="2", **({"nextToken": token} if token else {}))
        assert said.status == 200, said
        pages.append([job["jobId"] for job in said.body["jobs"]])
        token = said.body["nextToken"]
        if token is None:
            break
    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]
    failed = world.ask("GET", "/jobs", status="FAILED", limit="1")
    assert [job["jobId"] for job in failed.body["jobs"]] == [made[3]]
    rest = world.ask("GET", "/jobs", status="FAILED", nextToken=failed.body["nextToken"])
    assert ([job["jobId"] for job in rest.body["jobs"]], rest.body["nextToken"]) == ([made[1]], None)


def test_a_preview_and_a_download(world: ExportWorld, emulator: EmbeddedAws) -> None:
    job_id = world.upload("a b.parquet")
    world.complete(job_id, b'{"a": 1.10, "b": null}\n{"a": 2}\n', rows=2)
    said = world.ask("GET", f"/preview/{job_id}", limit="1")
    assert said.body == {
        "columns": [{"name": "a", "type": "number"}, {"name": "b", "type": "null"}],
        "rows": [["1.10", None]],
        "truncated": True,
        "totalRows": 2,
    }
    link = world.ask("GET", f"/download/{job_id}").body
    assert (link["fileName"], link["expiresIn"]) == ("a b.ndjson", 300)
    answer = urllib3.request("GET", link["downloadUrl"])
    assert answer.data == b'{"a": 1.10, "b": null}\n{"a": 2}\n'
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="a b.ndjson"')


@pytest.mark.parametrize("content", [b"", b'{"a": "' + b"x" * READ_BYTES + b'"}\n'], ids=["empty", "one-huge-row"])
def test_a_preview_of_the_extremes(world: ExportWorld, content: bytes) -> None:
    job_id = world.upload()
    world.complete(job_id, content)
    said = world.ask("GET", f"/preview/{job_id}")
    assert (said.status, said.body["rows"], said.body["truncated"]) == (200, [], bool(content))


def test_a_form_takes_the_announced_file_and_no_other(world: ExportWorld) -> None:
    said = world.ask("POST", "/upload", {"fileName": "a.parquet", "size": 5})
    key = f"uploads/{said.body['jobId']}/a.parquet"

    def post(content: bytes, **changed: str) -> int:
        fields: dict[str, Any] = {**said.body["uploadFields"], **changed, "file": ("a.parquet", content)}
        return urllib3.request("POST", said.body["uploadUrl"], fields=fields).status

    assert [post(b"x" * 6), post(b""), post(b"x", key="uploads/other.parquet")] == [400, 400, 403]
    assert post(b"x", **{"Content-Type": "text/html"}) == 403
    assert not world.s3.list_objects_v2(Bucket=world.bucket)["KeyCount"]
    assert post(b"x" * 5) in (200, 204)
    assert world.s3.head_object(Bucket=world.bucket, Key=key)["ContentLength"] == 5


def test_a_file_of_the_pipeline(world: ExportWorld) -> None:
    key = f"pipeline/output/merged-parquet-{DATE}/b-00000.parquet"
    world.s3.put_object(Bucket=world.outputs, Key=key, Body=b"x" * 7)
    said = world.ask("POST", "/trigger-job", {"s3Key": key}, groups="operators")
    assert said.status == 202
    job_id = said.body["jobId"]
    item = world.item(job_id)
    assert (item["inputS3Uri"], item["inputBytes"]) == (f"s3://{world.outputs}/{key}", 7)
    assert world.executions() == [job_id]


def test_the_pipelines_files_of_a_date(world: ExportWorld) -> None:
    keys = [f"pipeline/output/merged-parquet-{DATE}/b-{number:05d}.parquet" for number in range(103)]
    for key in (*keys, f"pipeline/output/merged-parquet-{DATE}/_SUCCESS"):
        world.s3.put_object(Bucket=world.outputs, Key=key, Body=b"x")
    first = world.ask("GET", "/pipeline/outputs", groups="operators", date=DATE)
    rest = world.ask("GET", "/pipeline/outputs", groups="operators", date=DATE, nextToken=first.body["nextToken"])
    assert [file["s3Key"] for said in (first, rest) for file in said.body["files"]] == keys
    assert rest.body["nextToken"] is None
    assert world.ask("GET", "/pipeline/outputs", groups="operators", date="2026-01-01").body["files"] == []


def test_the_page_of_the_pipeline(world: ExportWorld) -> None:
    plane = world.plane
    world.now = plane.now = NOW
    builder = plane.builder(max_files=2)
    builder.receive({str(n): plane.body(f"{NOW.date()}/f{n}.ndjson", etag=f"e{n}") for n in range(5)})
    builder.receive({"bad": plane.body(f"{NOW.date()}/f.csv", etag="e")})
    world.now = NOW + timedelta(minutes=2)
    said = world.ask("GET", "/pipeline", groups="operators")
    assert said.status == 200, said
    assert (said.body["environment"], said.body["oldestPendingSeconds"], said.body["isCut"]) == ("test", 120, False)
    assert sum(said.body["today"].values()) == said.body["today"]["pending"] + said.body["today"]["quarantined"]
    assert all(row["fileCount"] == 2 for row in said.body["manifests"])


# Every error that the document names, by who can bring it about: (method, path, status) -> the request.


def _failed(world: ExportWorld) -> str:
    job_id = world.upload()
    world.change(job_id, status="FAILED", errorMessage="it is not Parquet")
    return job_id


def _too_many(world: ExportWorld) -> Said:
    for _ in range(2):
        world.change(world.upload(), status="RUNNING", startedAt="2999-01-01T00:00:00.000Z")
    return world.ask("POST", "/trigger-job", {"jobId": world.upload()})


def _never_uploaded(world: ExportWorld) -> Said:
    job_id = world.ask("POST", "/upload", {"fileName": "a.parquet", "size": 1}).body["jobId"]
    return world.ask("POST", "/trigger-job", {"jobId": job_id})


def _expired(world: ExportWorld, path: str) -> Said:
    job_id = world.upload()
    world.change(job_id, status="COMPLETED")
    return world.ask("GET", f"{path}/{job_id}")


def _others(world: ExportWorld, method: str, path: str, *, body: bool = False) -> Said:
    job_id = world.upload(who="bob")
    return world.ask(method, path, {"jobId": job_id}) if body else world.ask(method, f"{path}/{job_id}")


def _foreign_token(world: ExportWorld) -> Said:
    for _ in range(2):
        world.upload(who="bob")
    return world.ask("GET", "/jobs", nextToken=world.ask("GET", "/jobs", who="bob", limit="1").body["nextToken"])


def _token_of_another_date(world: ExportWorld) -> Said:
    token = token_of("pipeline/output/merged-parquet-2026-11-19/b.parquet")
    return world.ask("GET", "/pipeline/outputs", groups="operators", date=DATE, nextToken=token)


Request = Callable[[ExportWorld], Said]
ERRORS: list[tuple[str, str, int, str, Request]] = [
    ("post", "/upload", 400, "bad_file_name", lambda w: w.ask("POST", "/upload", {"fileName": "a.csv", "size": 1})),
    ("post", "/upload", 400, "invalid_request", lambda w: w.ask("POST", "/upload", {"fileName": "a.parquet"})),
    ("post", "/upload", 400, "invalid_request", lambda w: w.ask("POST", "/upload", "{")),
    ("post", "/upload", 400, "invalid_request", lambda w: w.ask("POST", "/upload")),
    (
        "post",
        "/upload",
        400,
        "invalid_request",
        lambda w: w.ask("POST", "/upload", {"fileName": "a.parquet", "size": 0}),
    ),
    (
        "post",
        "/upload",
        413,
        "file_too_large",
        lambda w: w.ask("POST", "/upload", {"fileName": "a.parquet", "size": 1001}),
    ),
    ("post", "/trigger-job", 400, "invalid_request", lambda w: w.ask("POST", "/trigger-job", {"jobId": "x"})),
    (
        "post",
        "/trigger-job",
        400,
        "invalid_request",
        lambda w: w.ask("POST", "/trigger-job", {"jobId": NOBODYS, "x": 1}),
    ),
    (
        "post",
        "/trigger-job",
        400,
        "bad_key",
        lambda w: w.ask("POST", "/trigger-job", {"s3Key": "uploads/a.parquet"}, groups="operators"),
    ),
    (
        "post",
        "/trigger-job",
        403,
        "not_in_group",
        lambda w: w.ask("POST", "/trigger-job", {"s3Key": "pipeline/output/a.parquet"}, groups="operator"),
    ),
    ("post", "/trigger-job", 404, "no_such_job", lambda w: w.ask("POST", "/trigger-job", {"jobId": NOBODYS})),
    ("post", "/trigger-job", 404, "no_such_job", lambda w: _others(w, "POST", "/trigger-job", body=True)),
    (
        "post",
        "/trigger-job",
        404,
        "no_such_file",
        lambda w: w.ask("POST", "/trigger-job", {"s3Key": "pipeline/output/a.parquet"}, groups="operators"),
    ),
    ("post", "/trigger-job", 409, "job_failed", lambda w: w.ask("POST", "/trigger-job", {"jobId": _failed(w)})),
    ("post", "/trigger-job", 409, "not_uploaded", _never_uploaded),
    ("post", "/trigger-job", 429, "too_many_jobs", _too_many),
    ("get", "/job-status/{job_id}", 400, "invalid_request", lambda w: w.ask("GET", "/job-status/1")),
    ("get", "/job-status/{job_id}", 404, "no_such_job", lambda w: w.ask("GET", f"/job-status/{NOBODYS}")),
    ("get", "/job-status/{job_id}", 404, "no_such_job", lambda w: _others(w, "GET", "/job-status")),
    ("get", "/jobs", 400, "invalid_request", lambda w: w.ask("GET", "/jobs", limit="0")),
    ("get", "/jobs", 400, "invalid_request", lambda w: w.ask("GET", "/jobs", status="DONE")),
    ("get", "/jobs", 400, "bad_token", lambda w: w.ask("GET", "/jobs", nextToken="forged")),
    ("get", "/jobs", 400, "bad_token", _foreign_token),
    ("get", "/preview/{job_id}", 400, "invalid_request", lambda w: w.ask("GET", f"/preview/{NOBODYS}", limit="101")),
    ("get", "/preview/{job_id}", 404, "no_such_job", lambda w: _others(w, "GET", "/preview")),
    ("get", "/preview/{job_id}", 404, "result_expired", lambda w: _expired(w, "/preview")),
    ("get", "/preview/{job_id}", 409, "not_completed", lambda w: w.ask("GET", f"/preview/{w.upload()}")),
    ("get", "/preview/{job_id}", 409, "job_failed", lambda w: w.ask("GET", f"/preview/{_failed(w)}")),
    ("get", "/download/{job_id}", 400, "invalid_request", lambda w: w.ask("GET", "/download/x")),
    ("get", "/download/{job_id}", 404, "no_such_job", lambda w: _others(w, "GET", "/download")),
    ("get", "/download/{job_id}", 404, "result_expired", lambda w: _expired(w, "/download")),
    ("get", "/download/{job_id}", 409, "not_completed", lambda w: w.ask("GET", f"/download/{w.upload()}")),
    ("get", "/pipeline", 403, "not_in_group", lambda w: w.ask("GET", "/pipeline")),
    ("get", "/pipeline/outputs", 403, "not_in_group", lambda w: w.ask("GET", "/pipeline/outputs", date=DATE)),
    (
        "get",
        "/pipeline/outputs",
        400,
        "invalid_request",
        lambda w: w.ask("GET", "/pipeline/outputs", groups="operators"),
    ),
    (
        "get",
        "/pipeline/outputs",
        400,
        "bad_date",
        lambda w: w.ask("GET", "/pipeline/outputs", groups="operators", date="2026-02-30"),
    ),
    ("get", "/pipeline/outputs", 400, "bad_token", _token_of_another_date),
]


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "request_"),
    ERRORS,
    ids=[f"{method}{path}-{status}-{code}-{number}" for number, (method, path, status, code, _) in enumerate(ERRORS)],
)
def test_each_error(shared: ExportWorld, method: str, path: str, status: int, code: str, request_: Request) -> None:
    said = request_(shared)
    assert (said.status, said.code) == (status, code), said
    assert said.body["error"]["message"].endswith(".") or code == "job_failed"
    assert said.headers["Cache-Control"] == "no-store"


def test_every_error_that_is_documented_is_tried(shared: ExportWorld) -> None:
    """401 and 429 come from API Gateway, which the integration tests ask; 500 has a test of its own."""
    documented = {
        (method, path, int(status))
        for path, methods in document(shared.app)["paths"].items()
        for method, operation in methods.items()
        for status in operation["responses"]
        if int(status) >= 400 and int(status) not in (401, 500)
    }
    tried = {(method, path, status) for method, path, status, _, _ in ERRORS}
    assert tried <= documented
    assert {one for one in documented - tried if one[2] != 429} == set()


REQUESTS = [
    ("POST", "/upload", {"fileName": "a.parquet", "size": 1}),
    ("POST", "/trigger-job", {"jobId": NOBODYS}),
    ("GET", f"/job-status/{NOBODYS}", None),
    ("GET", "/jobs", None),
    ("GET", f"/preview/{NOBODYS}", None),
    ("GET", f"/download/{NOBODYS}", None),
    ("GET", "/pipeline", None),
    ("GET", "/pipeline/outputs", None),
    ("GET", "/openapi.json", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS)
def test_no_endpoint_answers_what_no_authorizer_has_seen(
    shared: ExportWorld, method: str, path: str, body: Any
) -> None:
    query = {"date": DATE} if path.endswith("outputs") else {}
    said = shared.ask(method, path, body, who=None, **query)
    assert (said.status, said.code) == (401, "not_signed_in")


@pytest.mark.parametrize(("method", "path", "body"), REQUESTS[:-1])
def test_what_fails_inside_is_told_without_its_inside(broken: ExportWorld, method: str, path: str, body: Any) -> None:
    query = {"date": DATE} if path.endswith("outputs") else {}
    said = broken.ask(method, path, body, groups="operators", **query)
    assert (said.status, said.code) == (500, "internal_error")
    assert "request-1" in said.body["error"]["message"]
    assert "gone" not in json.dumps(said.body)


def test_there_is_nothing_else(shared: ExportWorld) -> None:
    assert [shared.ask("GET", "/").status, shared.ask("DELETE", "/jobs").status] == [404, 404]


def test_the_document_is_served(shared: ExportWorld) -> None:
    assert shared.ask("GET", "/openapi.json").body == document(shared.app)
