"""Every handler imports and answers from its built zip, beside nothing but what the Lambda runtime has: boto3."""

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.cold_start.budget import budget_of
from local.emulator import lambda_modules
from scripts.prerequisites import find_python
from tests.unit.test_settings import COMPLETE

ROOT = Path(__file__).parents[2]
ZIPS = ROOT / "build" / "lambda"
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")
LAMBDA_PYTHON = "3.13"
TEST_EVENT = {"Records": [{"messageId": "1", "body": '{"Event": "s3:TestEvent"}', "eventSource": "aws:sqs"}]}
HTTP_EVENT = {
    "version": "2.0",
    "rawPath": "/jobs",
    "headers": {},
    "requestContext": {"http": {"method": "GET", "path": "/jobs"}, "stage": "$default", "requestId": "r"},
}
NOT_SIGNED_IN = {
    "statusCode": 401,
    "body": '{"error": {"code": "not_signed_in", '
    '"message": "Sign in first: this request carries no token that was checked."}}',
    "isBase64Encoded": False,
    "headers": {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json"},
    "cookies": [],
}
COMPILED = ("export_api",)
PROGRAM = """
import importlib, json, sys, types
handler = importlib.import_module(sys.argv[1] + ".handler").handler
names = ("function_name", "memory_limit_in_mb", "invoked_function_arn", "aws_request_id")
context = types.SimpleNamespace(**{name: "1" for name in names}, get_remaining_time_in_millis=lambda: 1000)
try:
    print(json.dumps({"answer": handler(json.loads(sys.argv[2]), context)}))
except Exception as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}))
"""


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the Lambda runtime brings, taken from the emulator's environment."""
    folder = tmp_path_factory.mktemp("runtime")
    [packages] = (ROOT / ".venv-emulator" / "lib").glob("python3*/site-packages")
    for name in RUNTIME_PACKAGES:
        (folder / name).symlink_to(packages / name)
    return folder


def interpreters() -> list[str]:
    """The one that runs the tests and, where it is found, the one of the Lambda runtime."""
    return [sys.executable, *filter(None, [find_python(LAMBDA_PYTHON)])]


@pytest.fixture(params=interpreters(), ids=lambda path: Path(path).name)
def interpreter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def loadable(request: pytest.FixtureRequest, interpreter: str, tmp_path: Path) -> None:
    """What a zip holds compiled is for Lambda's Python and processor; the project's Python has it for itself."""
    if request.node.callspec.params.get("package") not in COMPILED:
        return
    if interpreter != sys.executable:
        pytest.skip(f"{interpreter} has no pydantic_core for itself, and the zip's is for Lambda's processor")
    with zipfile.ZipFile(ZIPS / f"{request.node.callspec.params['package']}.zip") as archive:
        archive.extractall(tmp_path)
    lambda_modules.complete(tmp_path, Path(sysconfig.get_path("platlib")))


def call(interpreter: str, runtime: Path, folder: Path, package: str, event: Any, settings: dict[str, str]) -> Any:
    with zipfile.ZipFile(ZIPS / f"{package}.zip") as archive:
        archive.extractall(folder)
    environment = {
        "PYTHONPATH": f"{folder}{os.pathsep}{runtime}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "POWERTOOLS_METRICS_NAMESPACE": "Test",
        "POWERTOOLS_SERVICE_NAME": package,
        **settings,
    }
    run = subprocess.run(
        [interpreter, "-s", "-S", "-c", PROGRAM, package, json.dumps(event)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("package", "event", "expected"),
    [
        ("manifest_builder", TEST_EVENT, {"answer": {"batchItemFailures": []}}),
        ("status_updater", {"outcome": "done"}, {"error": "MalformedEventError"}),
        ("stream_manifest_creator", {"Records": []}, {"error": "UnexpectedBatchTypeError"}),
        ("state_manager", {"action": "dance"}, {"error": "MalformedEventError"}),
        ("export_api", HTTP_EVENT, {"answer": NOT_SIGNED_IN}),
    ],
)
def test_the_handler_answers(
    interpreter: str, runtime: Path, tmp_path: Path, package: str, event: Any, expected: dict[str, Any]
) -> None:
    answer = call(interpreter, runtime, tmp_path, package, event, COMPLETE)
    assert {name: answer[name] for name in expected} == expected


@pytest.mark.parametrize("package", sorted(path.parent.name for path in (ROOT / "src").glob("*/handler.py")))
def test_a_missing_setting_is_told_when_it_is_called(
    interpreter: str, runtime: Path, tmp_path: Path, package: str
) -> None:
    event = {"outcome": "completed", "batch_id": "b", "date_prefix": "2026-11-20"}
    answer = call(interpreter, runtime, tmp_path, package, event, {"TTL_DAYS": "soon"})
    assert answer["error"] == "SettingsError"
    if package.startswith("lake_"):
        assert "LAKE_BUCKET is not set" in answer["message"]
    else:
        assert "TRACKING_TABLE is not set" in answer["message"]
        assert "TTL_DAYS='soon' is not a whole number" in answer["message"]


@pytest.mark.parametrize("path", sorted(ZIPS.glob("*.zip")), ids=lambda path: path.stem)
def test_the_zip_is_within_its_budget(path: Path) -> None:
    assert path.stat().st_size <= budget_of(path.stem)[1], f"{path.name} is larger: look at requirements/lambda*.txt"
