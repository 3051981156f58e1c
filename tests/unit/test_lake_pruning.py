"""A reader of the lake reads the partitions and columns that it asks for, by the kernel's count of bytes."""

import duckdb
import pytest

from benchmarks.lake.pruning import Scan, scans

DAYS = [f"2026-10-{day:02d}" for day in range(1, 11)]
# Texts that do not compress, so that the bytes of a partition are many beside those of its footer.
ROWS = "select md5(i::varchar) as {text}, random() as net_usd, md5((-i)::varchar) as more from range(20000) as _ (i)"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scan]:
    lake = tmp_path_factory.mktemp("lake")
    for table, text in (("transactions", "transaction_id"), ("clickstream_events", "anonymous_id")):
        for day in DAYS:
            folder = lake / "processed" / table / f"date={day}"
            folder.mkdir(parents=True)
            duckdb.sql(f"copy ({ROWS.format(text=text)}) to '{folder}/part-00000.parquet' (format parquet)")
    return {scan.query: scan for scan in scans(lake, DAYS[4])}


@pytest.mark.parametrize("what", ["all columns", "revenue", "one visitor"])
def test_a_day_is_read_of_a_day(found: dict[str, Scan], what: str) -> None:
    day, month = found[f"{what}, one day"], found[f"{what}, whole month"]
    assert 0 < day.bytes_read < 0.2 * month.bytes_read
    assert month.bytes_read < 1.5 * month.table_bytes


def test_a_column_is_read_of_its_columns(found: dict[str, Scan]) -> None:
    assert found["revenue, whole month"].bytes_read < 0.5 * found["all columns, whole month"].bytes_read
