"""Terraform's answers: outputs, progress."""

import json
from dataclasses import fields

import pytest

from local.deployment import DeploymentError, Outputs, Progress, read_progress

NAMES = [field.name for field in fields(Outputs)]


def test_outputs_are_read_and_unknown_ones_ignored() -> None:
    text = json.dumps({name: {"value": f"the {name}"} for name in [*NAMES, "something_else"]})
    assert Outputs.parse(text).input_bucket == "the input_bucket"


def test_an_absent_output_is_named() -> None:
    text = json.dumps({name: {"value": name} for name in NAMES if name != "glue_job"})
    with pytest.raises(DeploymentError, match="no output glue_job"):
        Outputs.parse(text)


def test_progress_counts_changes_and_not_what_is_read() -> None:
    events = [
        {"type": "version"},
        {"type": "change_summary", "changes": {"add": 2, "change": 0, "remove": 0, "operation": "plan"}},
        {"type": "apply_complete", "hook": {"action": "read", "resource": {"addr": "data.x"}}},
        {"type": "apply_complete", "hook": {"action": "create", "resource": {"addr": "a.b"}}},
        {"type": "change_summary", "changes": {"add": 1, "change": 0, "remove": 0, "operation": "apply"}},
    ]
    lines = ["not json\n", *(json.dumps(event) for event in events)]
    assert list(read_progress(iter(lines))) == [Progress(0, 2, ""), Progress(1, 2, "a.b")]
