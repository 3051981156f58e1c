"""`--help` is complete, fits 80 columns, and needs no AWS SDK."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from local.command_line import asks_for_help, is_local
from ndjson_parquet_cli.app import app, globals_first, run

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = (ROOT / "docs" / "command-line.md").read_text()


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, by the words that call it."""

    def below(words: str, command: Any) -> Iterator[tuple[str, Any]]:
        for name, child in getattr(command, "commands", {}).items():
            yield from below(f"{words} {name}".strip(), child)
        if not hasattr(command, "commands"):
            yield words, command

    return below("", typer.main.get_command(app))


COMMANDS = dict(commands())


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_described_with_an_example(words: str) -> None:
    command = COMMANDS[words]
    assert command.help
    assert command.epilog.startswith("Example: ndjson-parquet ")
    assert f" {words} " in f"{command.epilog} "


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_and_argument_is_described(words: str) -> None:
    assert [parameter.name for parameter in COMMANDS[words].params if not parameter.help] == []


def test_every_global_option_is_described() -> None:
    assert [option.name for option in typer.main.get_command(app).params if not option.help] == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("words", ["", *COMMANDS])
def test_help_fits_80_columns(words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run([*words.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert "Usage: ndjson-parquet" in out
    assert [line for line in out.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_is_in_the_documentation(words: str) -> None:
    assert f"\n## {words}\n" in DOCUMENTED or f"\n### {words}\n" in DOCUMENTED


def test_help_imports_no_aws_sdk() -> None:
    code = "import sys, ndjson_parquet_cli.app; sys.exit(bool({'boto3', 'botocore'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")


def test_global_options_may_stand_anywhere() -> None:
    assert globals_first(["files", "--json", "--env", "dev", "--limit", "3"]) == [
        "--json",
        "--env",
        "dev",
        "files",
        "--limit",
        "3",
    ]
    assert globals_first(["trace", "--", "--json"]) == ["trace", "--", "--json"]
    assert globals_first(["--profile=on-call", "health", "--env"]) == ["--profile=on-call", "--env", "health"]


@pytest.mark.parametrize(
    ("arguments", "shell", "local"),
    [
        (["health"], {}, True),
        (["health", "--env", "local"], {"NDJSON_PARQUET_ENV": "prod"}, True),
        (["health", "--env=prod"], {}, False),
        (["health"], {"NDJSON_PARQUET_ENV": "prod"}, False),
        (["health", "--profile", "mine"], {}, False),
        (["health"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:4510"}, False),
        (["trace", "--", "--env=prod"], {}, True),
    ],
    ids=["default", "named", "other", "shell", "profile", "endpoint", "argument"],
)
def test_only_the_local_environment_is_led_to_the_embedded_aws(
    arguments: list[str], shell: dict[str, str], local: bool
) -> None:
    assert is_local(arguments, shell) is local


def test_help_needs_no_aws() -> None:
    assert [asks_for_help(words) for words in ([], ["status", "--help"], ["status"])] == [True, True, False]


def test_the_script_says_what_is_missing(tmp_path: Path) -> None:
    script = tmp_path / "ndjson-parquet"
    script.write_bytes((ROOT / "ndjson-parquet").read_bytes())
    script.chmod(0o755)
    ended = subprocess.run([script, "health"], capture_output=True, text=True, check=False)
    assert (ended.returncode, "make setup" in ended.stderr) == (2, True)
