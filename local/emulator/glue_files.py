"""The files of a Glue run: they are in S3, and are read with the rights of the job's role."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# Each session reads botocore's descriptions of the services anew; one session makes no two clients at once.
_session = boto3.Session()
_one_at_a_time = threading.Lock()


class LaunchError(Exception):
    """The run cannot start: its script or its files cannot be had, or it asks for what is not supported here."""


def listed(arguments: Mapping[str, str], name: str) -> list[str]:
    """A comma-separated argument; empty when it is absent."""
    return [entry.strip() for entry in arguments.get(name, "").split(",") if entry.strip()]


def download(s3: Any, uri: str, folder: Path) -> Path:
    """The file below its own name in the folder. Raises LaunchError."""
    bucket, key = _address(uri)
    target = folder / Path(key).name
    try:
        target.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ClientError as error:
        raise _unreadable(uri, error) from error
    return target


def require(s3: Any, uri: str) -> None:
    """Raises LaunchError when the file is not there or the role may not read it; nothing is transferred."""
    bucket, key = _address(uri)
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        raise _unreadable(uri, error) from error


def client(service: str, aws: Mapping[str, str]) -> Any:
    """A client with the rights of the job's role, as Glue itself uses them for scripts and logs."""
    with _one_at_a_time:
        return _session.client(  # type: ignore[call-overload]
            service,
            aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=aws["AWS_SESSION_TOKEN"] or None,
            region_name=aws["AWS_REGION"],
            endpoint_url=aws["AWS_ENDPOINT_URL"],
            verify=aws.get("AWS_CA_BUNDLE"),
            config=Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}),
        )


def _address(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not (uri.startswith("s3://") and bucket and key):
        raise LaunchError(f"{uri!r} is not the s3:// URI of a file")
    return bucket, key


def _unreadable(uri: str, error: ClientError) -> LaunchError:
    return LaunchError(f"{uri} cannot be read with the job's role: {error}")
