"""The built console in a browser, against the deployed export service: tokens, CORS, uploads and bytes are real."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, expect

from local.access import is_given
from local.console_site import ConsoleSite, config_of
from local.embedded_aws import EmbeddedAws
from local.exporting import ExportOutputs, People, Person
from scripts.console import NotHereError, build, chromium
from tests.console.browser import Visit, chromium_browser, visit
from tests.console.steps import a_file, choose, drop, enter, row, upload_row
from tests.integration.conftest import CONSOLE_PORT, DeployedPipeline

pytestmark = pytest.mark.skipif(is_given(), reason="no LocalStack image that is free has Cognito and HTTP APIs")

ROWS = 30_000
# Of milliseconds: a run of the job begins with a Python of its own that imports pyarrow.
CONVERTED = 120_000
STORED = "ndjson-parquet.session"


@dataclass(frozen=True)
class Console:
    """The pages' address, who may sign in, and what the service has kept."""

    address: str
    people: People
    outputs: ExportOutputs
    s3: Any
    cognito: Any

    def person(self, name: str, *groups: str) -> Person:
        return self.people.add(f"{name}-{uuid4().hex[:8]}@example.com", *groups)

    def result(self, job_id: str) -> bytes:
        """The object that was written for a job."""
        found = self.s3.list_objects_v2(Bucket=self.outputs.export_bucket, Prefix=f"results/{job_id}/")["Contents"]
        [key] = [one["Key"] for one in found]
        content: bytes = self.s3.get_object(Bucket=self.outputs.export_bucket, Key=key)["Body"].read()
        return content


@pytest.fixture(scope="module")
def console(deployed: DeployedPipeline) -> Iterator[Console]:
    try:
        chromium()
        build()
    except NotHereError as error:
        pytest.skip(str(error))
    access = deployed.aws.access if isinstance(deployed.aws, EmbeddedAws) else deployed.aws
    terraform_output = deployed.deployment.outputs_json()
    outputs = ExportOutputs.parse(terraform_output)
    site = ConsoleSite(config_of(terraform_output, access), access.endpoint, CONSOLE_PORT)
    with site.serving() as address:
        people = People(access, outputs)
        yield Console(address, people, outputs, access.client("s3"), access.client("cognito-idp"))


@pytest.fixture(scope="module")
def browser(console: Console) -> Iterator[Browser]:
    with chromium_browser() as browser:
        yield browser


NewWindow = Callable[[], Visit]


@pytest.fixture
def new_window(browser: Browser, console: Console) -> Iterator[NewWindow]:
    """Opens windows that trust the embedded AWS's certificate, and wants none of their pages to have complained."""
    opened: list[Visit] = []

    def new() -> Visit:
        opened.append(visit(browser, console.address, trusts_all=True))
        return opened[-1]

    yield new
    complaints = [complaint for window in opened for complaint in window.complaints]
    for window in opened:
        window.context.close()
    assert not complaints


@pytest.fixture
def window(new_window: NewWindow) -> Visit:
    return new_window()


def credentials(person: Person) -> tuple[str, str]:
    return person.email, person.password


def parquet(folder: Path, rows: int) -> bytes:
    """A file with values that careless converters alter."""
    table = pa.table(
        {
            "id": pa.array([9_007_199_254_740_993 + number for number in range(rows)], pa.int64()),
            "price": pa.array([Decimal(number).scaleb(-2) for number in range(rows)], pa.decimal128(12, 2)),
            "at": pa.array([datetime(2026, 11, 20, 12, number % 60, tzinfo=UTC) for number in range(rows)]),
            "name": pa.array([None if number % 9 == 0 else f"Zoë {number}" for number in range(rows)]),
        }
    )
    pq.write_table(table, folder / "made.parquet", row_group_size=max(1, rows // 4))
    return (folder / "made.parquet").read_bytes()


def test_from_a_dropped_file_to_the_bytes_of_its_json(window: Visit, console: Console, tmp_path: Path) -> None:
    enter(window, person=credentials(console.person("ana")))
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()
    choose(window, a_file("orders.parquet", parquet(tmp_path, ROWS)))
    link = row(window, "orders.parquet").get_by_role("link")
    link.click()
    expect(window.page.get_by_text("Ready", exact=True)).to_be_visible(timeout=CONVERTED)
    expect(window.page.get_by_text(f"The first 100 of {ROWS:,} rows")).to_be_visible()
    cells = window.page.get_by_role("region", name="First rows").get_by_role("row").nth(2).get_by_role("cell")
    expect(cells).to_have_text(["9007199254740994", "0.01", "2026-11-20T12:01:00.000000Z", "Zoë 1"])

    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="Download").click()
    download.value.save_as(tmp_path / "result")
    content = (tmp_path / "result").read_bytes()
    assert download.value.suggested_filename == "orders.ndjson"
    assert content == console.result(window.page.url.rpartition("/")[2])
    at = "2026-11-20T12:01:00.000000Z"
    objects = [json.loads(line, parse_float=str) for line in content.splitlines()]
    assert [one["id"] for one in objects] == [9_007_199_254_740_993 + number for number in range(ROWS)]
    assert objects[1] == {"id": 9_007_199_254_740_994, "price": "0.01", "at": at, "name": "Zoë 1"}


def test_the_list_tells_by_itself_when_it_is_ready(window: Visit, console: Console, tmp_path: Path) -> None:
    enter(window, person=credentials(console.person("ana")))
    drop(window, "orders.parquet", parquet(tmp_path, 4))
    news = window.page.get_by_role("list", name="News")
    expect(news).to_contain_text("orders.parquet is ready", timeout=CONVERTED)
    expect(row(window, "orders.parquet")).to_contain_text("4 rows")


def test_a_file_that_only_looks_like_parquet_fails_with_a_sentence(window: Visit, console: Console) -> None:
    enter(window, person=credentials(console.person("ana")))
    choose(window, a_file("broken.parquet"), a_file("notes.txt", b"no table"))
    expect(upload_row(window, "notes.txt").get_by_role("alert")).to_contain_text("its name does not end in .parquet")
    row(window, "broken.parquet").get_by_role("link").click()
    alert = window.page.get_by_role("alert")
    expect(alert).to_contain_text("This file could not be converted", timeout=CONVERTED)
    expect(alert.get_by_role("paragraph")).not_to_contain_text("Error")
    assert window.violations() == []


def test_a_token_that_the_api_refuses_is_renewed_unseen(window: Visit, console: Console) -> None:
    enter(window, person=credentials(console.person("ana")))
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()
    _change_session(window, "accessToken", "forged")
    window.page.reload()
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()
    # The browser says so itself when it hides the refusal from the page.
    window.complaints = [one for one in window.complaints if "blocked by CORS policy" not in one]


def test_a_session_that_ended_asks_for_the_password_and_goes_on_there(window: Visit, console: Console) -> None:
    ana = console.person("ana", "operators")
    enter(window, "/pipeline", credentials(ana))
    expect(window.page.get_by_role("heading", name="Recent batches")).to_be_visible()
    refresh = window.page.evaluate(f"JSON.parse(sessionStorage['{STORED}']).refreshToken")
    console.cognito.revoke_token(Token=refresh, ClientId=console.outputs.export_user_pool_client_id)
    _change_session(window, "expiresAt", 0)
    window.page.reload()
    expect(window.page.get_by_text("Your session has ended")).to_be_visible()
    window.sign_in(*credentials(ana))
    expect(window.page.get_by_role("heading", name="Recent batches")).to_be_visible()


def test_two_people_see_their_own_conversions_only(new_window: NewWindow, console: Console, tmp_path: Path) -> None:
    ana, ben = new_window(), new_window()
    enter(ana, person=credentials(console.person("ana")))
    choose(ana, a_file("salaries.parquet", parquet(tmp_path, 2)))
    row(ana, "salaries.parquet").get_by_role("link").click()
    expect(ana.page.get_by_role("heading", name="salaries.parquet")).to_be_visible()
    mine = ana.page.url.partition("#")[2]

    enter(ben, person=credentials(console.person("ben")))
    expect(ben.page.get_by_text("No conversions yet")).to_be_visible()
    ben.open(mine)
    expect(ben.page.get_by_role("heading", name="No such conversion")).to_be_visible()
    expect(ben.page.get_by_text("salaries")).to_have_count(0)


def test_the_pipeline_is_for_operators(new_window: NewWindow, console: Console) -> None:
    operator, other = new_window(), new_window()
    enter(operator, "/pipeline", credentials(console.person("olga", "operators")))
    expect(operator.page.get_by_role("heading", name="Today")).to_be_visible()
    assert operator.violations() == []
    enter(other, "/pipeline", credentials(console.person("ben")))
    expect(other.page.get_by_role("alert")).to_contain_text("may see the pipeline")


def test_the_first_visit_asks_for_a_password_of_ones_own(window: Visit, console: Console) -> None:
    email = f"new-{uuid4().hex[:8]}@example.com"
    console.cognito.admin_create_user(
        UserPoolId=console.outputs.export_user_pool_id,
        Username=email,
        TemporaryPassword="Temporary-123456",
        MessageAction="SUPPRESS",
    )
    window.open()
    window.sign_in(email, "Temporary-123456")
    window.page.get_by_label("New password").fill("Correct-horse-7")
    window.page.get_by_role("button", name="Set the password").click()
    expect(window.page.get_by_text("No conversions yet")).to_be_visible()


def _change_session(window: Visit, name: str, value: object) -> None:
    window.page.evaluate(
        """([key, name, value]) => {
            sessionStorage[key] = JSON.stringify({...JSON.parse(sessionStorage[key]), [name]: value});
        }""",
        [STORED, name, value],
    )
