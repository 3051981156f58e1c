"""From a file to its JSON, as a person goes through it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.browser import Visit
from tests.console.mock_service import MockService
from tests.console.steps import PARQUET, a_file, choose, drop, enter, row, upload_row


def test_a_dropped_file_is_uploaded_converted_looked_at_and_downloaded(
    window: Visit, service: MockService, tmp_path: Path
) -> None:
    enter(window)
    window.page.get_by_label("One list of records").check()
    window.page.get_by_label("Compress it").check()
    drop(window, "orders.parquet")
    expect(row(window, "orders.parquet")).to_contain_text("Waiting")
    expect(row(window, "orders.parquet")).to_contain_text("JSON array, gzip")
    job_id = service.jobs()[0]["jobId"]

    service.change(job_id, status="RUNNING", progress=30, rows=3)
    expect(row(window, "orders.parquet").get_by_role("progressbar")).to_have_attribute("aria-valuenow", "30")
    row(window, "orders.parquet").get_by_role("link").click()
    expect(window.page.get_by_role("heading", name="orders.parquet")).to_be_focused()
    expect(window.page.get_by_role("main")).to_contain_text("30 % · 3 rows so far")

    service.change(job_id, status="COMPLETED", progress=100, rows=12, outputBytes=2_048, processingTime=4.5)
    expect(window.page.get_by_role("region", name="First rows").get_by_role("row")).to_have_count(13)
    expect(window.page.get_by_text("All 12 rows")).to_be_visible()
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "orders.json.gz"
    download.value.save_as(tmp_path / "result")
    assert len((tmp_path / "result").read_text().splitlines()) == 12


def test_the_end_of_a_conversion_is_told_on_every_page(window: Visit, service: MockService) -> None:
    job = service.jobs()[0]
    enter(window, "/pipeline")
    expect(window.page.get_by_role("heading", name="Recent batches")).to_be_visible()
    service.change(job["jobId"], status="FAILED", errorMessage="The file is encrypted.")
    news = window.page.get_by_role("list", name="News")
    expect(news).to_contain_text("orders-2026-11.parquet could not be converted")
    news.get_by_role("link", name="Open").click()
    expect(window.page.get_by_role("alert")).to_contain_text("The file is encrypted.")
    expect(news.get_by_role("listitem")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("photo.jpg", b"\xff\xd8", "its name does not end in .parquet"),
        ("table.parquet", b"a,b\n1,2\n", "holds something else"),
        ("cut.parquet", PARQUET[:-2], "its end is missing"),
        ("secret.parquet", b"PARE and the rest PARE", "is encrypted"),
        ("nothing.parquet", b"", "is empty"),
    ],
)
def test_what_cannot_be_converted_is_refused_at_once(
    window: Visit, service: MockService, name: str, content: bytes, problem: str
) -> None:
    enter(window)
    before = service.jobs()
    choose(window, a_file(name, content))
    expect(upload_row(window, name).get_by_role("alert")).to_contain_text(problem)
    expect(upload_row(window, name).get_by_role("button", name="Try again")).to_have_count(0)
    upload_row(window, name).get_by_role("button", name="Remove").click()
    expect(window.page.get_by_role("region", name="Uploads")).to_have_count(0)
    assert service.jobs() == before


def test_a_broken_upload_is_tried_again(window: Visit, service: MockService) -> None:
    enter(window)
    service.fail_next("/storage", 403)
    choose(window, a_file("orders.parquet"))
    expect(upload_row(window, "orders.parquet").get_by_role("alert")).to_contain_text(
        "The time to upload this file is over"
    )
    upload_row(window, "orders.parquet").get_by_role("button", name="Try again").click()
    # With a new ticket, since the time of the first is over.
    expect(row(window, "orders.parquet")).to_have_count(2)


def test_a_service_in_trouble_says_so_and_recovers(window: Visit, service: MockService) -> None:
    enter(window)
    service.fail_next("/upload", 503)
    choose(window, a_file("orders.parquet"))
    expect(upload_row(window, "orders.parquet").get_by_role("alert")).to_contain_text("being repaired")
    upload_row(window, "orders.parquet").get_by_role("button", name="Try again").click()
    expect(row(window, "orders.parquet")).to_be_visible()


def test_no_connection_says_so_and_recovers(window: Visit) -> None:
    enter(window)
    expect(row(window, "customers.parquet")).to_be_visible()
    window.page.route("**/mock/api/**", lambda route: route.abort())
    expect(window.page.get_by_role("alert").first).to_contain_text("cannot be reached")
    window.page.unroute("**/mock/api/**")
    window.page.get_by_role("button", name="Try again").click()
    expect(window.page.get_by_role("alert")).to_have_count(0)


def test_the_list_is_filtered_and_goes_on_page_by_page(window: Visit) -> None:
    enter(window)
    choose(window, *[a_file(f"part-{number:02}.parquet") for number in range(30)])
    expect(window.page.get_by_role("region", name="Uploads")).to_have_count(0)
    items = window.page.get_by_role("list", name="Conversions").get_by_role("listitem")
    expect(items).to_have_count(25)
    window.page.get_by_role("button", name="Show older ones").click()
    expect(items).to_have_count(38)
    expect(window.page.get_by_role("button", name="Show older ones")).to_have_count(0)
    window.page.get_by_role("button", name="Failed").click()
    expect(items).to_have_count(2)
    expect(items.first).to_contain_text("export (3).parquet")


def test_every_value_of_a_row_can_be_read(window: Visit, service: MockService) -> None:
    enter(window, f"/jobs/{service.jobs()[2]['jobId']}")
    window.page.get_by_role("button", name="Open row 3", exact=True).click()
    dialog = window.page.get_by_role("dialog", name="Row 3")
    expect(dialog).to_contain_text(re.compile(r"ordered_at\s*null"))
    expect(dialog).to_contain_text('{\n  "town": "Graz",\n  "post_code": "1026"\n}', use_inner_text=True)
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(window.page.get_by_role("button", name="Open row 3", exact=True)).to_be_focused()


def test_a_row_that_is_too_large_for_a_preview_says_so(window: Visit, service: MockService) -> None:
    large = next(job for job in service.jobs() if job["fileName"] == "satellite-tiles.parquet")
    enter(window, f"/jobs/{large['jobId']}")
    expect(window.page.get_by_text("The first row is too large for a preview")).to_be_visible()
    expect(window.page.get_by_role("button", name="Download")).to_be_visible()


def test_a_file_of_the_pipeline_is_converted_without_an_upload(window: Visit) -> None:
    enter(window)
    window.page.get_by_role("button", name="Pick a file of the pipeline").click()
    dialog = window.page.get_by_role("dialog", name="Files of the pipeline")
    dialog.get_by_label("Day").fill("2026-11-20")
    expect(dialog.get_by_text("No files of this day")).to_be_visible()
    dialog.get_by_label("Day").fill("2026-11-21")
    dialog.get_by_role("button", name="Convert 2026-11-21-p9xd-00001.parquet").click()
    expect(window.page.get_by_role("heading", name="2026-11-21-p9xd-00001.parquet")).to_be_visible()
    expect(window.page.get_by_text("It starts in a moment")).to_be_visible()


def test_leaving_during_an_upload_asks_first(window: Visit) -> None:
    enter(window)
    window.page.route("**/storage/upload", lambda _: None)
    choose(window, a_file("orders.parquet"))
    expect(upload_row(window, "orders.parquet")).to_be_visible()
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    window.page.on("dialog", stay)
    window.page.close(run_before_unload=True)
    expect(upload_row(window, "orders.parquet")).to_be_visible()
    assert asked == ["beforeunload"]


def test_an_upload_is_cancelled(window: Visit) -> None:
    enter(window)
    window.page.route("**/storage/upload", lambda _: None)
    choose(window, a_file("orders.parquet"))
    upload_row(window, "orders.parquet").get_by_role("button", name="Cancel the upload").click()
    expect(window.page.get_by_role("region", name="Uploads")).to_have_count(0)
