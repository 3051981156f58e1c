"""Signing in and out, and a session that ends."""

from playwright.sync_api import Route, expect

from tests.console.browser import Visit
from tests.console.conftest import OpenWindow
from tests.console.mock_service import ADA, BEN, MockService
from tests.console.steps import PARQUET, a_file, choose, enter, row, upload_row


def test_a_wrong_password_is_said_and_the_right_one_leads_in(window: Visit) -> None:
    window.open()
    window.sign_in(ADA[0], "wrong")
    expect(window.page.get_by_role("alert")).to_have_text("The user name or the password is not right.")
    window.sign_in(*ADA)
    expect(window.page.get_by_role("heading", name="Conversions", exact=True)).to_be_visible()
    expect(window.page).to_have_title("Conversions · Parquet to JSON")


def test_the_password_can_be_looked_at(window: Visit) -> None:
    window.open()
    window.page.get_by_label("Password", exact=True).fill("secret")
    show = window.page.get_by_role("button", name="Show the password")
    show.click()
    expect(window.page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")


def test_the_first_visit_asks_for_a_password_of_ones_own(window: Visit) -> None:
    window.open()
    window.sign_in("new@example.com", "Temporary-1")
    field = window.page.get_by_label("New password")
    field.fill("short")
    window.page.get_by_role("button", name="Set the password").click()
    expect(window.page.get_by_role("alert")).to_contain_text("not long enough")
    field.fill("Correct-horse-9")
    window.page.get_by_role("button", name="Set the password").click()
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()


def test_a_forgotten_password_is_replaced(window: Visit) -> None:
    window.open()
    page = window.page
    page.get_by_role("button", name="Forgot your password?").click()
    page.get_by_label("User name or e-mail").fill(ADA[0])
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the e-mail").fill("123456")
    page.get_by_label("New password").fill("Correct-horse-7")
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_role("status")).to_contain_text("The new password is set")
    window.sign_in(*ADA)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_a_reload_stays_signed_in_and_signing_out_ends_it(window: Visit) -> None:
    enter(window)
    window.page.reload()
    window.page.get_by_role("button", name="Sign out").click()
    expect(window.page.get_by_role("heading", name="Sign in")).to_be_visible()
    window.page.reload()
    expect(window.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_session_that_ends_leads_back_to_where_one_was(window: Visit, service: MockService) -> None:
    job_id = service.jobs()[0]["jobId"]
    enter(window, f"/jobs/{job_id}")
    expect(window.page.get_by_role("heading", name="orders-2026-11.parquet")).to_be_visible()
    service.end_sessions()
    expect(window.page.get_by_text("Your session has ended")).to_be_visible()
    window.sign_in(*ADA)
    expect(window.page.get_by_role("heading", name="orders-2026-11.parquet")).to_be_visible()


def test_an_upload_outlives_its_session(window: Visit, service: MockService) -> None:
    enter(window)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    window.page.route("**/storage/upload", hold)
    with window.page.expect_request("**/storage/upload"):
        choose(window, a_file("late.parquet"))
    expect(upload_row(window, "late.parquet")).to_be_visible()
    service.end_sessions()
    expect(window.page.get_by_text("Your uploads wait for you")).to_be_visible()
    with window.page.expect_response("**/storage/upload"):
        held[0].continue_()
    window.sign_in(*ADA)
    upload_row(window, "late.parquet").get_by_role("button", name="Try again").click()
    expect(row(window, "late.parquet")).to_be_visible()


def test_nobody_sees_what_another_has_done(new_window: OpenWindow, service: MockService) -> None:
    ada, ben = new_window(), new_window()
    enter(ada)
    choose(ada, a_file("salaries.parquet"))
    expect(row(ada, "salaries.parquet")).to_be_visible()
    mine = service.jobs()[0]["jobId"]
    enter(ben, person=BEN)
    expect(ben.page.get_by_text("No conversions yet")).to_be_visible()
    ben.open(f"/jobs/{mine}")
    expect(ben.page.get_by_role("heading", name="No such conversion")).to_be_visible()
    expect(ben.page.get_by_text("salaries")).to_have_count(0)


def test_what_one_has_seen_is_gone_for_the_next_in_the_same_window(window: Visit, service: MockService) -> None:
    enter(window)
    choose(window, a_file("notes.txt", PARQUET))
    expect(upload_row(window, "notes.txt")).to_be_visible()
    window.page.get_by_role("button", name="Sign out").click()
    window.sign_in(*BEN)
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()
    expect(window.page.get_by_text("notes.txt")).to_have_count(0)
