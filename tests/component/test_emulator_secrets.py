"""Secrets of the embedded AWS: versions as on AWS."""

import uuid

import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import EmbeddedAws


def test_a_secret_without_a_value_has_no_version(emulator: EmbeddedAws) -> None:
    secrets, name = emulator.client("secretsmanager"), uuid.uuid4().hex
    made = secrets.create_secret(Name=name)
    assert "VersionId" not in made
    assert not secrets.describe_secret(SecretId=made["ARN"]).get("VersionIdsToStages")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        secrets.get_secret_value(SecretId=name)


def test_the_value_of_a_version_never_changes(emulator: EmbeddedAws) -> None:
    secrets, name, version = emulator.client("secretsmanager"), uuid.uuid4().hex, str(uuid.uuid4())
    secrets.create_secret(Name=name)
    secrets.put_secret_value(SecretId=name, SecretString="first", ClientRequestToken=version)
    secrets.put_secret_value(SecretId=name, SecretString="first", ClientRequestToken=version)
    with pytest.raises(ClientError, match="ResourceExistsException"):
        secrets.put_secret_value(SecretId=name, SecretString="second", ClientRequestToken=version)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "first"
