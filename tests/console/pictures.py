"""Draws every page of the console, light and dark, wide and narrow, into docs/console.

python -m tests.console.pictures [FOLDER]
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from scripts.console import ROOT, build
from tests.console.browser import NARROW, WIDE, Scheme, Visit, chromium_browser, visit
from tests.console.mock_service import ADA, MockService, mock_service

FOLDER = ROOT / "docs" / "console"
RUNNING, READY, FAILED = (f"/jobs/00000000-0000-4000-8000-{number:012}" for number in (1, 3, 5))

Scene = Callable[[Visit, MockService], None]


def _sign_in(window: Visit, _: MockService) -> None:
    window.open()
    window.page.get_by_role("heading", name="Sign in").wait_for()


def _expired(window: Visit, service: MockService) -> None:
    _signed_in(window, "/")
    service.end_sessions()
    window.page.reload()
    window.page.get_by_text("Your session has ended").first.wait_for()


def _conversions(window: Visit, _: MockService) -> None:
    _signed_in(window, "/")
    window.page.get_by_text("orders-2026-11.parquet").wait_for()


def _uploads(window: Visit, _: MockService) -> None:
    _signed_in(window, "/")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 500_000}
    window.context.new_cdp_session(window.page).send("Network.emulateNetworkConditions", slow)
    content = b"PAR1" + bytes(3_000_000) + b"PAR1"
    files = [
        ("shop-visits.parquet", content),
        ("stock.parquet", content),
        ("prices.parquet", content),
        ("holiday-photos.zip", b"PK"),
    ]
    payload = [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    window.page.get_by_label("Parquet files").set_input_files(payload)  # type: ignore[arg-type]
    window.page.get_by_text("not a Parquet file").wait_for()
    window.page.get_by_text(re.compile(r"[1-9] MB of 3.0 MB")).first.wait_for()


def _running(window: Visit, _: MockService) -> None:
    _signed_in(window, RUNNING)
    window.page.get_by_text("64 %").wait_for()


def _ready(window: Visit, _: MockService) -> None:
    _signed_in(window, READY)
    window.page.get_by_text("Walnut desk").first.wait_for()


def _row(window: Visit, service: MockService) -> None:
    _ready(window, service)
    window.page.get_by_role("button", name="Open row 4", exact=True).click()
    window.page.get_by_role("dialog").wait_for()


def _failed(window: Visit, _: MockService) -> None:
    _signed_in(window, FAILED)
    window.page.get_by_text("This file could not be converted").wait_for()


def _pipeline(window: Visit, _: MockService) -> None:
    _signed_in(window, "/pipeline")
    window.page.get_by_text("Recent batches").wait_for()


def _pipeline_file(window: Visit, _: MockService) -> None:
    _signed_in(window, "/")
    window.page.get_by_role("button", name="Pick a file of the pipeline").click()
    window.page.get_by_label("Day").fill("2026-11-21")
    window.page.get_by_role("dialog").get_by_role("button", name="Convert").first.wait_for()


def _signed_in(window: Visit, path: str) -> None:
    window.open(path)
    window.sign_in(*ADA)
    window.page.get_by_role("button", name="Sign out").wait_for()


SCENES: dict[str, Scene] = {
    "sign-in": _sign_in,
    "session-ended": _expired,
    "conversions": _conversions,
    "uploads": _uploads,
    "job-running": _running,
    "job-ready": _ready,
    "job-row": _row,
    "job-failed": _failed,
    "pipeline": _pipeline,
    "pipeline-file": _pipeline_file,
}
DIALOGS = ("job-row", "pipeline-file")
NARROW_SCENES = ("sign-in", "conversions", "job-ready", "pipeline")


def draw(folder: Path) -> None:
    """Draw all of them."""
    build()
    folder.mkdir(parents=True, exist_ok=True)
    schemes: tuple[Scheme, ...] = ("light", "dark")
    with mock_service() as service, chromium_browser() as browser:
        for scheme in schemes:
            for suffix, size, names in (("", WIDE, tuple(SCENES)), ("-narrow", NARROW, NARROW_SCENES)):
                for name in names:
                    service.reset()
                    window = visit(browser, service.address, scheme=scheme, size=size)
                    SCENES[name](window, service)
                    window.page.screenshot(path=folder / f"{name}{suffix}-{scheme}.png", full_page=name not in DIALOGS)
                    window.context.close()


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
