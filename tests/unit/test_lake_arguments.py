"""The arguments of the lake's jobs, and the key of the tokens."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ndjson_lake.arguments import Arguments, parse_arguments
from ndjson_lake.errors import SecretError
from ndjson_lake.pii import read_token_key

GIVEN = ["--date", "2026-10-03", "--lake", "s3://lake-bucket"]


def test_what_glue_gives_is_read_and_the_rest_ignored() -> None:
    more = [
        "--JOB_NAME",
        "x",
        "--JOB_RUN_ID",
        "jr_1",
        "--accepted",
        "s3://lake-bucket/reports/a.json",
        "--tokens_secret",
        "",
    ]
    expected = Arguments("2026-10-03", "lake-bucket", "jr_1", accepted="reports/a.json")
    assert parse_arguments("transaction_etl", [*GIVEN, *more]) == expected


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (["--lake", "s3://lake-bucket"], "--date"),
        (["--date", "2026-02-30", "--lake", "s3://lake-bucket"], "not a calendar date of the form YYYY-MM-DD"),
        (["--date", "20261003", "--lake", "s3://lake-bucket"], "not a calendar date of the form YYYY-MM-DD"),
        (["--date", "2026-10-03", "--lake", "lake-bucket"], "'lake-bucket' is not s3://bucket"),
        (["--date", "2026-10-03", "--lake", "s3://lake-bucket/raw"], "is not s3://bucket"),
        ([*GIVEN, "--accepted", "s3://other/a.json"], "is not an object of s3://lake-bucket"),
    ],
)
def test_a_wrong_argument_ends_the_program_and_is_named(
    given: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse_arguments("transaction_etl", given)
    assert problem in capsys.readouterr().err


class Secrets:
    """Secrets Manager with one secret, or none."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:  # noqa: N803
        if self._text is None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetSecretValue")
        return {"SecretString": self._text}


def test_the_key_of_the_tokens_is_the_text_of_the_secret() -> None:
    assert read_token_key("key", Secrets("0123456789abcdef")) == b"0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (None, None, "--tokens_secret is not given: name the Secrets Manager secret"),
        ("key", None, "--tokens_secret key cannot be read with the job's role"),
        ("key", "short", "--tokens_secret key holds 5 bytes: a key has 16 or more"),
    ],
)
def test_without_a_key_nothing_is_read(name: str | None, text: str | None, problem: str) -> None:
    with pytest.raises(SecretError, match=problem):
        read_token_key(name, Secrets(text))
