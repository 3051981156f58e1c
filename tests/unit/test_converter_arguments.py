"""The job's arguments: what Glue adds is ignored, what is wrong is said."""

import pytest

from ndjson_converter.arguments import Arguments, parse_arguments

REQUIRED = [
    *("--manifest_path", "s3://m/manifests/2026-11-20/b.json"),
    *("--output_bucket", "out"),
    *("--manifest_bucket", "m"),
    *("--quarantine_bucket", "q"),
]


def test_defaults() -> None:
    assert parse_arguments(REQUIRED) == Arguments("s3://m/manifests/2026-11-20/b.json", "out", "m", "q")


def test_everything_given_and_glues_own_arguments_ignored() -> None:
    given = [
        *("--batch_id", "b", "--date_prefix", "2026-11-20", "--attempt", "3", "--execution_arn", "arn:x"),
        *("--catalog_database", "db", "--catalog_table", "t", "--max_reject_percent", "0.5", "--max_columns", "7"),
        *("--on_duplicate_key", "last", "--JOB_RUN_ID", "jr_1", "--JOB_NAME", "job", "--TempDir", "s3://t/"),
        *("--enable-metrics", "true", "--job-language", "python"),
    ]

    arguments = parse_arguments(REQUIRED + given)

    assert (arguments.attempt, arguments.max_reject_percent, arguments.max_columns) == (3, 0.5, 7)
    assert (arguments.on_duplicate_key, arguments.job_run_id, arguments.catalog_table) == ("last", "jr_1", "t")


def test_empty_optional_arguments_mean_none() -> None:
    assert parse_arguments([*REQUIRED, "--batch_id", "", "--execution_arn", ""]).execution_arn is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--max_reject_percent", "101"], "'101' is not a number from 0 to 100"),
        (["--max_reject_percent", "nan"], "'nan' is not a number from 0 to 100"),
        (["--max_reject_percent", "ten"], "'ten' is not a number from 0 to 100"),
        (["--max_columns", "0"], "'0' is not a whole number from 1"),
        (["--attempt", "1.5"], "'1.5' is not a whole number from 1"),
        (["--on_duplicate_key", "first"], "invalid choice: 'first'"),
        (["--manifest_path", "m/b.json"], "'m/b.json' is not s3://bucket/key"),
        (["--manifest_path", "s3://m"], "'s3://m' is not s3://bucket/key"),
        (["--catalog_database", "db"], "--catalog_database and --catalog_table go together"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_argument_ends_the_program(given: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_arguments(REQUIRED + given)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_missing_argument_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(REQUIRED[2:])

    assert "--manifest_path" in capsys.readouterr().err.splitlines()[-1]


def test_abbreviations_are_not_accepted() -> None:
    assert parse_arguments([*REQUIRED, "--max_rej", "50"]).max_reject_percent == 10
