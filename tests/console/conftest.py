"""The built console, a browser, and a service in memory. Without Node.js or Chromium these tests are skipped."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from scripts.console import NotHereError, build, chromium, install
from tests.console.browser import Scheme, Visit, chromium_browser, visit
from tests.console.mock_service import MockService, mock_service

OpenWindow = Callable[..., Visit]


@pytest.fixture(scope="session")
def built() -> None:
    try:
        chromium()
        build()
    except NotHereError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def installed() -> None:
    try:
        install()
    except NotHereError as error:
        pytest.skip(str(error))


# A browser of a module's own: while one is open, nothing else in the process can run an event loop.
@pytest.fixture(scope="module")
def browser(built: None) -> Iterator[Browser]:
    with chromium_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def running_service(built: None) -> Iterator[MockService]:
    with mock_service() as service:
        yield service


@pytest.fixture
def service(running_service: MockService) -> MockService:
    """A world in which nothing has happened yet."""
    running_service.reset()
    return running_service


@pytest.fixture
def new_window(browser: Browser, service: MockService) -> Iterator[OpenWindow]:
    """Opens windows, each of another person, and wants none of their pages to have complained."""
    opened: list[Visit] = []

    def new(scheme: Scheme = "light", size: Any = None) -> Visit:
        opened.append(visit(browser, service.address, scheme=scheme, size=size))
        return opened[-1]

    yield new
    complaints = [complaint for window in opened for complaint in window.complaints]
    for window in opened:
        window.context.close()
    assert not complaints


@pytest.fixture
def window(new_window: OpenWindow) -> Visit:
    return new_window()
