"""schemathesis asks the export API whatever its served document allows, and much that it does not."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    missing_required_header,
    positive_data_acceptance,
    unsupported_method,
)

from local.access import is_given
from local.embedded_aws import EmbeddedAws
from tests.deep import DEEP
from tests.integration.test_export import Exported, exported

__all__ = ["exported"]

pytestmark = pytest.mark.skipif(is_given(), reason="no LocalStack image that is free has Cognito and HTTP APIs")

OPERATIONS = [
    ("/upload", "POST"),
    ("/trigger-job", "POST"),
    ("/job-status/{job_id}", "GET"),
    ("/jobs", "GET"),
    ("/preview/{job_id}", "GET"),
    ("/download/{job_id}", "GET"),
    ("/pipeline", "GET"),
    ("/pipeline/outputs", "GET"),
    ("/openapi.json", "GET"),
]
# A file name, a key and a date follow rules that no schema can say; the gateway answers to unknown methods by itself;
# bad tokens have tests of their own.
NOT_CHECKED = [positive_data_acceptance, unsupported_method, missing_required_header, ignored_auth]


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_it_keeps_to_its_document(exported: Exported, path: str, method: str) -> None:
    schema = schemathesis.openapi.from_dict(exported.ana.get("/openapi.json").body)
    assert sum(len(methods) for methods in schema.raw_schema["paths"].values()) == len(OPERATIONS)
    assert isinstance(exported.deployed.aws, EmbeddedAws)
    trusted = exported.deployed.aws.access.ca_bundle

    @given(case=schema[path][method].as_strategy())
    @settings(
        max_examples=200 if DEEP else 12,
        deadline=None,
        derandomize=not DEEP,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {exported.ana.token}"}
        answer = case.call(base_url=exported.ana.url, headers=headers, verify=trusted or True)
        case.validate_response(answer, excluded_checks=NOT_CHECKED)

    ask()
