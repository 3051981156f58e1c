"""The console as it is served on this machine, and the programs that it is built and tested with."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.access import Access
from local.console_site import ConsoleSite, config_of, require_free, security_headers
from local.exporting import ExportError
from scripts.console import NotHereError, chromium, install_result, node

ENDPOINT = "https://127.0.0.1:4566"
CONFIG = {"apiUrl": "https://api.example.com", "maxUploadMb": 1, "auth": {"type": "cognito", "clientId": "c"}}


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "assets" / "index-1.js").write_text("")
    with ConsoleSite(CONFIG, ENDPOINT, port=0, folder=tmp_path).serving() as address:
        yield address


def headers_of(url: str) -> dict[str, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
        return dict(answer.headers)


def test_a_port_that_is_taken_is_told_with_another_one(address: str) -> None:
    port = int(address.rpartition(":")[2])
    with pytest.raises(OSError, match=rf'^port {port} cannot be used \(.+\); .+--port {port + 1}"$'):
        require_free(port)


def test_pages_are_fresh_and_assets_are_kept(address: str) -> None:
    page, asset = headers_of(address), headers_of(f"{address}/assets/index-1.js")
    assert (page["Content-type"], page["Cache-Control"]) == ("text/html; charset=utf-8", "no-store")
    assert (asset["Content-type"], asset["Cache-Control"]) == ("text/javascript; charset=utf-8", "max-age=31536000")


def test_every_answer_has_the_security_headers(address: str) -> None:
    for path in ("/", "/config.json", "/assets/index-1.js"):
        assert security_headers(ENDPOINT).items() <= headers_of(address + path).items()
    assert f"connect-src 'self' {ENDPOINT};" in security_headers(ENDPOINT)["Content-Security-Policy"]


def test_the_configuration_is_told_and_folders_are_not(address: str) -> None:
    with urllib.request.urlopen(f"{address}/config.json", timeout=10) as answer:  # noqa: S310 - our own server
        assert json.load(answer) == CONFIG
    with pytest.raises(urllib.error.HTTPError, match="404"):
        headers_of(f"{address}/assets/")


def test_a_console_that_was_not_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"index\.html is not there: run make console-build"):
        ConsoleSite(CONFIG, ENDPOINT, port=0, folder=tmp_path)


def test_terraforms_configuration_gets_addresses_that_answer_here(tmp_path: Path) -> None:
    named = ["export_api_url", "export_issuer", "export_user_pool_id", "export_user_pool_client_id", "export_bucket"]
    named += ["export_jobs_table", "export_state_machine_arn", "export_glue_job", "output_bucket", "tracking_table"]
    outputs: dict[str, Any] = {name: {"value": name} for name in named}
    outputs |= {"export_api_id": {"value": "abc"}, "export_console_config": {"value": CONFIG}}
    access = Access(ENDPOINT, tmp_path / "config")
    assert config_of(json.dumps(outputs), access) == {
        "apiUrl": f"{ENDPOINT}/_aws/execute-api/abc/$default",
        "maxUploadMb": 1,
        "auth": {"type": "cognito", "clientId": "c", "endpoint": f"{ENDPOINT}/"},
    }
    with pytest.raises(ExportError, match="enable_export_api"):
        config_of("{}", access)


def test_programs_that_are_missing_are_named_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotHereError, match=r"Node\.js 20\.19"):
        node()
    with pytest.raises(NotHereError, match="apt-get install chromium"):
        chromium()
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(NotHereError, match="CHROMIUM is '/nowhere/chromium'"):
        chromium()


def test_what_came_of_an_installation_is_one_line() -> None:
    assert install_result(0, "") == "installed Debian's Chromium, which tests the console"
    said = install_result(100, "Reading\nE: Unable to locate package chromium\n")
    assert said == "skipping browser tests: apt-get install chromium failed (E: Unable to locate package chromium)"
