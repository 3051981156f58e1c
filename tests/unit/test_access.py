"""The way to an AWS that is not the real one: nothing of the user's shell may lead elsewhere."""

from pathlib import Path

import boto3
import pytest

from local.access import ENDPOINT, PROFILE, Access, given_access

HERE = "http://127.0.0.1:4566"


def test_what_the_shell_says_about_aws_is_overridden(tmp_path: Path) -> None:
    shell = {"AWS_ENDPOINT_URL_S3": "https://elsewhere", "NO_PROXY": "internal", "AWS_PROFILE": "production"}
    environment = Access(HERE, tmp_path / "config").environment(shell)
    assert environment["AWS_ENDPOINT_URL_S3"] == environment["AWS_ENDPOINT_URL"] == HERE
    assert environment["NO_PROXY"] == "internal,127.0.0.1,localhost"
    assert (environment["AWS_PROFILE"], environment["AWS_SESSION_TOKEN"]) == (PROFILE, "")


def test_its_profile_leads_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access = Access(HERE, tmp_path / "config")
    access.write_profile()
    for name, value in access.environment({}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert boto3.Session().client("sqs").meta.endpoint_url == HERE


def test_no_endpoint_means_none_is_given(tmp_path: Path) -> None:
    assert given_access(tmp_path, {}) is None
    assert given_access(tmp_path, {ENDPOINT: ""}) is None


def test_an_endpoint_is_taken_and_its_profile_written(tmp_path: Path) -> None:
    access = given_access(tmp_path, {ENDPOINT: HERE})
    assert access == Access(HERE, tmp_path / "aws-config")
    assert HERE in access.config_file.read_text()
