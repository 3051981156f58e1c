"""What people do in the console, and what they see."""

from playwright.sync_api import FilePayload, Locator, expect

from tests.console.browser import Visit
from tests.console.mock_service import ADA

PARQUET = b"PAR1 what is in it does not matter here PAR1"


def enter(window: Visit, path: str = "/", person: tuple[str, str] = ADA) -> None:
    """Open a page and sign in."""
    window.open(path)
    window.sign_in(*person)
    expect(window.page.get_by_role("button", name="Sign out")).to_be_visible()


def a_file(name: str, content: bytes = PARQUET) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(window: Visit, *files: FilePayload) -> None:
    """Choose files with the button."""
    with window.page.expect_file_chooser() as chooser:
        window.page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(list(files))


def drop(window: Visit, name: str, content: bytes = PARQUET) -> None:
    """Drag a file over the page and let it go, as the browser tells a page of it."""
    transfer = window.page.evaluate_handle(
        """([name, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            return transfer;
        }""",
        [name, list(content)],
    )
    zone = window.page.get_by_test_id("drop-zone")
    zone.dispatch_event("dragenter", {"dataTransfer": transfer})
    expect(zone).to_contain_text("Let go to upload")
    zone.dispatch_event("drop", {"dataTransfer": transfer})


def row(window: Visit, name: str) -> Locator:
    """A row of the list of conversions."""
    return window.page.get_by_role("list", name="Conversions").get_by_role("listitem").filter(has_text=name)


def upload_row(window: Visit, name: str) -> Locator:
    """A row of the list of uploads."""
    return window.page.get_by_role("region", name="Uploads").get_by_role("listitem").filter(has_text=name)
