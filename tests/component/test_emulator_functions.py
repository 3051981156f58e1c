"""A Lambda function finds in its environment what AWS gives it, and nothing of the server."""

import io
import json
import zipfile

from local.embedded_aws import EmbeddedAws
from tests.component.emulator_tools import ROLE

CODE = """
import os, sys
def handler(event, context):
    return {"environment": dict(os.environ), "path": sys.path, "here": os.getcwd()}
"""


def test_the_environment_is_that_of_aws(emulator: EmbeddedAws) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("app.py", CODE)
    functions = emulator.client("lambda")
    functions.create_function(
        FunctionName="environment",
        Runtime="python3.11",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        # GATEWAY_PORT is a setting of the server as well: the function's own value counts.
        Environment={"Variables": {"MINE": "1", "GATEWAY_PORT": "of the function"}},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="environment")
    answer = functions.invoke(FunctionName="environment", Payload=b"{}")
    found = json.loads(answer["Payload"].read())
    environment = found["environment"]
    others = [name for name in environment if not name.startswith(("AWS_", "_", "LAMBDA_"))]
    assert set(others) <= {"PATH", "TMPDIR", "LANG", "LC_CTYPE", "TZ", "MINE", "GATEWAY_PORT"}
    assert (environment["MINE"], environment["GATEWAY_PORT"]) == ("1", "of the function")
    assert environment["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.11"
    running = emulator.running()
    assert running is not None
    assert environment["AWS_ENDPOINT_URL"] == running.endpoint
    assert not [entry for entry in found["path"] if entry.endswith(("/src", "/glue", "/local"))]
