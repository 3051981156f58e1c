"""What the demo shows: sending the user's own files, the bars, the query."""

import io
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from local.live import Steps, plain, render
from local.pipeline import Snapshot
from local.report import SALES, first_columns, query
from local.sending import NoDataError, from_folder

TODAY = date(2026, 11, 20)
SNAPSHOT = Snapshot(
    files={"landed": 8, "pending": 12, "manifested": 20, "completed": 24, "quarantined": 3},
    manifests={"open": 2, "completed": 1},
    executions={"RUNNING": 1, "SUCCEEDED": 1},
    glue_runs={"STARTING": 1, "RUNNING": 1},
    waiting=("a.ndjson: landed",),
)


def printed(width: int, shown: object) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [80, 100])
def test_the_view_fits_and_names_every_state(width: int) -> None:
    lines = printed(width, render(SNAPSHOT, 12.3)).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    assert all(part in text for part in ("8 landed", "24 completed", "3 quarantined", "2 open", "2 running"))


def test_without_a_terminal_the_view_is_one_plain_line() -> None:
    assert plain(SNAPSHOT) == (
        "files: 8 landed, 12 pending, 20 manifested, 24 completed, 3 quarantined; manifests: 2 open, 1 completed; "
        "executions: 1 running, 1 succeeded; Glue runs: 2 running"
    )


def test_a_step_prints_its_summary_without_escapes() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=False)
    steps = Steps(console)
    with steps.step("upload") as step:
        step.advance(1, 2, "[bold]key")
        step.summary = "2 files [as sent]"
    assert "2 files [as sent]" in console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in console.file.getvalue()  # type: ignore[attr-defined]
    assert list(steps.seconds) == ["upload"]


def test_own_files_land_under_the_date_in_their_name_or_folder_else_today(tmp_path: Path) -> None:
    for name in ("a.ndjson", "2026-01-31/b.NDJSON", "x/c-2026-02-28 1.ndjson", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert sorted(file.key for file in from_folder(tmp_path, "run", TODAY)) == [
        "landing/ndjson/2026-01-31/run/2026-01-31/b.NDJSON",
        "landing/ndjson/2026-02-28/run/x/c-2026-02-28 1.ndjson",
        "landing/ndjson/2026-11-20/run/a.ndjson",
    ]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match="absent is not a folder"):
        from_folder(tmp_path / "absent", "run", TODAY)


def test_a_folder_without_ndjson_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(NoDataError, match=r"holds 1 files, but none named \*\.ndjson"):
        from_folder(tmp_path, "run", TODAY)


def test_the_example_query_adds_exact_decimals(tmp_path: Path) -> None:
    orders = {
        "currency": ["EUR", "EUR", None],
        "amount": ["1.10", "20.00", None],
        "order_id": ["1" * 30, "2" * 30, None],
    }
    pq.write_table(pa.table(orders), tmp_path / "a.parquet")
    assert query([tmp_path / "a.parquet"], SALES).rows == (("EUR", "2", "21.10", "2" * 30),)


def test_unknown_data_shows_its_first_columns_whatever_their_names(tmp_path: Path) -> None:
    pq.write_table(pa.table({'a "b"': ["1"], "select": [None], "": ["x"]}), tmp_path / "a.parquet")
    answer = query([tmp_path / "a.parquet"], first_columns({"columns": ['a "b"', "select"]}))
    assert (answer.columns, answer.rows) == (('a "b"', "select"), (("1", "null"),))
