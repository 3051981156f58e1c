"""Every page, light and dark, wide and narrow: for those who see, those who listen and those who press keys."""

import pytest
from playwright.sync_api import expect

from tests.console.browser import Scheme, Visit
from tests.console.conftest import OpenWindow
from tests.console.mock_service import ADA, BEN, MockService
from tests.console.pictures import SCENES
from tests.console.steps import enter, row


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scene", SCENES)
def test_axe_finds_nothing_wrong(new_window: OpenWindow, service: MockService, scene: str, scheme: Scheme) -> None:
    window = new_window(scheme)
    SCENES[scene](window, service)
    assert window.violations() == []


@pytest.mark.parametrize("path", ["/", "/pipeline", "/jobs/00000000-0000-4000-8000-000000000003", "/nowhere"])
def test_no_page_is_wider_than_its_window(window: Visit, path: str) -> None:
    enter(window, path)
    window.page.wait_for_load_state("networkidle")
    for width in (320, 390, 768, 1280, 2200):
        window.page.set_viewport_size({"width": width, "height": 800})
        assert window.page.evaluate("document.documentElement.scrollWidth") <= width


def test_everything_can_be_done_with_the_keyboard(window: Visit) -> None:
    window.open()
    press = window.page.keyboard.press
    expect(window.page.get_by_label("User name or e-mail")).to_be_focused()
    window.page.keyboard.type(ADA[0])
    press("Tab")
    window.page.keyboard.type(ADA[1])
    press("Enter")
    expect(row(window, "product-catalogue.parquet")).to_be_visible()

    press("Tab")
    expect(window.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press("Enter")
    expect(window.page.get_by_role("main")).to_be_focused()
    press("Tab")
    expect(window.page.get_by_role("button", name="Choose files")).to_be_focused()
    window.page.get_by_role("link", name="product-catalogue.parquet").focus()
    press("Enter")
    expect(window.page.get_by_role("heading", name="product-catalogue.parquet")).to_be_focused()


def test_the_theme_follows_the_system_until_somebody_chooses(new_window: OpenWindow) -> None:
    window = new_window("dark")
    window.open()
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = window.page.evaluate(ground)
    window.page.get_by_role("button", name="Colours: as the system has it").click()
    assert window.page.evaluate(ground) != dark
    window.page.reload()
    expect(window.page.get_by_role("button", name="Colours: light")).to_be_visible()
    window.page.get_by_role("button", name="Colours: light").click()
    assert window.page.evaluate(ground) == dark


def test_the_pipeline_is_for_its_group(window: Visit) -> None:
    enter(window, "/pipeline", person=BEN)
    expect(window.page.get_by_role("alert")).to_have_text("The pipeline is shown to operators only.")
    expect(window.page.get_by_role("link", name="Pipeline")).to_have_count(0)
    window.page.get_by_role("link", name="Conversions", exact=True).click()
    expect(window.page.get_by_role("button", name="Pick a file of the pipeline")).to_have_count(0)


def test_the_pipeline_shows_what_goes_on(window: Visit) -> None:
    enter(window, "/pipeline")
    main = window.page.get_by_role("main")
    expect(main).to_contain_text("9,972 files · oldest waiting file: 6 min 52 s")
    expect(main.get_by_role("table").get_by_role("row")).to_have_count(8)
    expect(main).to_contain_text("12.4 % of the lines were rejected")
    expect(main).to_contain_text("landing/ndjson/2026-11-21/readme.txt")


def test_an_unknown_address_leads_back(window: Visit) -> None:
    enter(window, "/nowhere")
    window.page.get_by_role("link", name="To your conversions").click()
    expect(window.page.get_by_role("heading", name="Conversions", exact=True)).to_be_focused()


@pytest.mark.parametrize(("status", "body"), [(404, ""), (200, '{"apiUrl": "nowhere"}')])
def test_a_console_that_nobody_configured_says_so(window: Visit, status: int, body: str) -> None:
    window.page.route("**/config.json", lambda route: route.fulfill(status=status, body=body))
    window.open()
    expect(window.page.get_by_role("alert")).to_contain_text("config.json")
