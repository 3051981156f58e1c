"""How SDKs, the AWS CLI and Terraform are led to an AWS that is not the real one, whatever the user's shell says."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

HOST = "127.0.0.1"
REGION = "us-east-1"
# Access key and secret of the account's root, in MiniStack and in LocalStack.
KEY = "test"
PROFILE = "ndjson-parquet-local"
ENDPOINT = "NDJSON_PARQUET_AWS_ENDPOINT"


@dataclass(frozen=True)
class Access:
    """An AWS at `endpoint`. `config_file`: an AWS configuration of its own; `ca_bundle`: what to trust for https."""

    endpoint: str
    config_file: Path
    ca_bundle: str | None = None

    def write_profile(self) -> None:
        """Write the AWS configuration, with one profile that leads here."""
        lines = [f"aws_access_key_id = {KEY}", f"aws_secret_access_key = {KEY}", f"region = {REGION}"]
        lines.append(f"endpoint_url = {self.endpoint}")
        sections = [f"[{name}]\n" + "\n".join(lines) for name in ("default", f"profile {PROFILE}", PROFILE)]
        self.config_file.write_text("\n\n".join(sections) + "\n")

    def environment(self, shell: Mapping[str, str] = os.environ) -> dict[str, str]:
        """AWS_* variables that lead any AWS SDK, the AWS CLI and Terraform here, to lay over the caller's environment.

        A profile, CA bundle or service endpoint of the user's shell is overridden: nothing can reach a real account.
        """
        services = (name for name in shell if name.startswith("AWS_ENDPOINT_URL_"))
        no_proxy = ",".join(filter(None, [shell.get("NO_PROXY"), HOST, "localhost"]))
        return {
            **dict.fromkeys(services, self.endpoint),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_SESSION_TOKEN": "",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            # An empty AWS_PROFILE is an error to botocore, so it names a profile that exists.
            "AWS_PROFILE": PROFILE,
            "AWS_CONFIG_FILE": str(self.config_file),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.config_file),
            "AWS_CA_BUNDLE": self.ca_bundle or "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }

    def client(self, service: str, config: Config | None = None) -> Any:
        """A boto3 client of this AWS, whatever the AWS settings of this process are."""
        core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
        core.set_config_variable("config_file", str(self.config_file))
        core.set_config_variable("credentials_file", str(self.config_file))
        session = boto3.Session(
            botocore_session=core, aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION
        )
        return session.client(  # type: ignore[call-overload]
            service, endpoint_url=self.endpoint, verify=self.ca_bundle, config=config
        )


def is_given(shell: Mapping[str, str] = os.environ) -> bool:
    """Whether the caller names an AWS in NDJSON_PARQUET_AWS_ENDPOINT, such as a LocalStack in Docker."""
    return bool(shell.get(ENDPOINT))


def given_access(home: Path, shell: Mapping[str, str] = os.environ) -> Access | None:
    """The AWS that the caller names, or None."""
    if not is_given(shell):
        return None
    access = Access(shell[ENDPOINT], home / "aws-config")
    access.write_profile()
    return access
