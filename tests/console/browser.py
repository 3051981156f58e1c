"""A browser for the console's tests: Chromium, and what a page must never do in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.console import MODULES, chromium

AXE = MODULES / "axe-core" / "axe.min.js"
WIDE = {"width": 1280, "height": 860}
NARROW = {"width": 390, "height": 844}
# What a page asks for and does not get is written to the console by the browser itself.
EXPECTED = "Failed to load resource"

Scheme = Literal["light", "dark"]

# How long a page may take for what it should show, on a machine that is busy with other tests.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with sync_playwright() as playwright:
        # Containers have no user namespaces, and little of /dev/shm.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield browser
        browser.close()


@dataclass
class Visit:
    """One person's window. `complaints` are errors of the page, and what its security policy refused."""

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        """Load a page of the console, by its address behind the #."""
        self.page.goto(f"{self.address}/#{path}")

    def sign_in(self, name: str, password: str) -> None:
        """Through the form, as a person does."""
        self.page.get_by_label("User name or e-mail").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it is, one line each."""
        self.page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then(result => result.violations)")
        return [f"{one['id']}: {one['help']} ({node['html'][:160]})" for one in found for node in one["nodes"]]


def visit(
    browser: Browser,
    address: str,
    *,
    scheme: Scheme = "light",
    size: dict[str, int] | None = None,
    trusts_all: bool = False,
) -> Visit:
    """A window with no memory of any other; `trusts_all`: with certificates that nobody has signed too."""
    context = browser.new_context(
        color_scheme=scheme,
        viewport=size or WIDE,  # type: ignore[arg-type]  # Playwright's own type is private
        reduced_motion="reduce",
        timezone_id="Europe/Berlin",
        accept_downloads=True,
        ignore_https_errors=trusts_all,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    window = Visit(context, page, address)
    page.on("pageerror", lambda error: window.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            window.complaints.append(message.text)
            if message.type in ("error", "warning") and EXPECTED not in message.text
            else None
        ),
    )
    return window
