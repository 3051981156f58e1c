"""The lake's jobs on real Spark: every table against an independent computation, kills, re-runs, odd files."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from local.lake.folder_bucket import FolderBucket
from local.lake.generate import Month, write_month
from local.lake.world import World
from ndjson_converter.job import Job as ConverterJob
from ndjson_lake.arguments import Arguments
from ndjson_lake.errors import InternalError, SecretError, SourceError, StorageError
from ndjson_lake.job import Context, Made, Output, run
from ndjson_lake.partitions import Partitions
from ndjson_lake.pii import protected
from ndjson_lake.reading import read_raw
from ndjson_lake.seam import MirroredSeam
from ndjson_lake.typed_rows import Day, part
from ndjson_parquet_lake.datasets import CLICKSTREAM, PRODUCTS, TRANSACTIONS, Dataset
from ndjson_parquet_lake.tables import REJECTS, TABLES, Table
from ndjson_parquet_lake.tables import TRANSACTIONS as TRANSACTIONS_TABLE
from tests.converter_support import PART_PREFIX, InProcessCluster, MemoryStore, put_batch
from tests.converter_support import arguments as converter_arguments
from tests.deep import DEEP
from tests.lake_oracle import Oracle
from tests.lake_support import (
    JOBS,
    TOKEN_KEY,
    UNCLOSED,
    DyingBucket,
    KilledError,
    RefusingBucket,
    contents,
    run_job,
    small_spark,
)

pytestmark = pytest.mark.filterwarnings(f"ignore:{UNCLOSED}:ResourceWarning")

# Two days suffice for late rows and orders that are sent again; a month has every weekday and every defect of rows.
MONTH = Month(date(2026, 10, 3), 30 if DEEP else 2, World(scale=1.0 if DEEP else 0.3), defects=())
LAST = MONTH.dates[-1].isoformat()
VISIBLE = ("processed/", "curated/", "rejects/")
DAY = "2026-10-03"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    # As on Glue: with compiled plans.
    with small_spark({}) as session:
        yield session


@pytest.fixture(scope="module")
def lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> FolderBucket:
    """A lake in which each day of the month has been run."""
    folder = tmp_path_factory.mktemp("lake")
    bucket = FolderBucket(folder / "bucket")
    write_month(bucket.folder, MONTH)
    for day in MONTH.dates:
        for name in JOBS:
            run_job(spark, bucket, folder / "mirror", name, day.isoformat())
    return bucket


@pytest.fixture(scope="module")
def oracle(lake: FolderBucket) -> Oracle:
    return Oracle(lake.folder, TOKEN_KEY)


@pytest.mark.parametrize("table", [table for table in TABLES if table is not REJECTS], ids=lambda table: table.name)
def test_every_value_is_what_an_independent_computation_says(oracle: Oracle, table: Table) -> None:
    assert oracle.rows(table) > 0
    assert oracle.differences(table) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_rows_are_stored_in_the_order_of_their_key(lake: FolderBucket, table: Table) -> None:
    objects = lake.objects(f"{table.location}/")
    assert objects
    for stored in objects:
        rows = pq.read_table(lake.folder / stored.key, columns=list(table.key), partitioning=None).to_pylist()
        keys = [tuple(row[name] for name in table.key) for row in rows]
        assert keys == sorted(keys)


def test_rows_are_rejected_for_the_reasons_that_an_independent_computation_finds(oracle: Oracle) -> None:
    assert oracle.stored_rejects() == oracle.rejects() != {}


def test_each_row_that_arrived_is_accepted_or_rejected(lake: FolderBucket) -> None:
    for name in ("transaction_etl", "product_enrichment", "clickstream_aggregation"):
        report = json.loads(lake.read(f"reports/{name}/date={LAST}/jr_test.json"))
        for counts in report["rows"].values():
            assert counts["rows_in"] == counts["accepted"] + sum(counts["rejected"].values()) > 0
        assert report["status"] == "succeeded"
        assert report["bytes_in"] > report["bytes_out"] > 0


def test_no_personal_data_leaves_raw(lake: FolderBucket) -> None:
    text = b"".join(lake.read(stored.key) for prefix in ("processed/", "curated/") for stored in lake.objects(prefix))
    assert b"tok_" in text
    for person in (b"@example.", b"Okafor"):
        assert person not in text


@pytest.mark.parametrize("name", JOBS if DEEP else ("transaction_etl", "master_data_merge"))
def test_a_killed_run_is_mended_by_the_next(spark: SparkSession, lake: FolderBucket, tmp_path: Path, name: str) -> None:
    before = contents(lake, *VISIBLE)
    report = json.loads(lake.read(f"reports/{name}/date={LAST}/jr_test.json"))
    owned = {table.partition(".")[0]: set(figures["days"]) for table, figures in report["tables"].items()}
    # As if the day had never been run; one table keeps an object too many.
    lost = [key for key in before if key.split("date=")[1][:10] in owned.get(key.split("/")[1], ())]
    lake.delete(lost)
    lake.write(lost[0].replace("part-00000", "part-00007"), b"of a larger run")
    with pytest.raises(KilledError):
        run_job(spark, DyingBucket(lake.folder, 2), tmp_path, name, LAST)
    assert contents(lake, *VISIBLE) != before
    run_job(spark, lake, tmp_path, name, LAST)
    assert contents(lake, *VISIBLE) == before


def test_a_run_that_cannot_publish_fails_and_shows_nothing(
    spark: SparkSession, lake: FolderBucket, tmp_path: Path
) -> None:
    before = contents(lake, *VISIBLE)
    with pytest.raises(StorageError, match="SlowDown"):
        run_job(spark, RefusingBucket(lake.folder), tmp_path, "product_enrichment", LAST)
    assert contents(lake, *VISIBLE) == before


def test_a_day_without_files_has_empty_partitions(spark: SparkSession, tmp_path: Path) -> None:
    bucket = FolderBucket(tmp_path / "bucket")
    bucket.write("processed/transactions/date=2026-10-03/part-00000.parquet", b"of files that are gone")
    report = run_job(spark, bucket, tmp_path / "mirror", "transaction_etl", DAY)
    assert report["rows"]["transactions"] == {"rows_in": 0, "accepted": 0, "rejected": {}}
    assert contents(bucket, *VISIBLE) == {}


def test_rows_outside_the_run_s_partitions_end_the_run(spark: SparkSession, tmp_path: Path) -> None:
    def job(context: Context) -> Made:
        rows = Partitions(context.spark, context.bucket, context.seam).read(TRANSACTIONS_TABLE, [])
        stray = context.spark.sql("select date '2026-01-01' as date").unionByName(rows, allowMissingColumns=True)
        return Made([Output(TRANSACTIONS_TABLE, stray, (DAY,))])

    bucket = FolderBucket(tmp_path / "bucket")
    context = Context(arguments_of(bucket), spark, bucket, MirroredSeam(bucket, tmp_path / "mirror"))
    with pytest.raises(InternalError, match="a partition that the run does not own"):
        run("stray", job, context)
    assert contents(bucket, *VISIBLE) == {}


def arguments_of(bucket: FolderBucket) -> Arguments:
    return Arguments(DAY, bucket.name, "jr_test")


class Rows:
    """Raw files of one dataset, read and parted."""

    def __init__(self, spark: SparkSession, folder: Path, dataset: Dataset) -> None:
        self._spark, self._folder, self._dataset = spark, folder, dataset
        self.bucket = FolderBucket(folder / "bucket")

    def write(self, name: str, content: bytes) -> str:
        key = self._dataset.raw_prefix(DAY) + name
        self.bucket.write(key, content)
        return key

    def part(self) -> Day:
        seam = MirroredSeam(self.bucket, self._folder / "mirror")
        raw = read_raw(self._spark, self.bucket, seam, self._dataset, self.bucket.objects("raw/"))
        self.undeclared = raw.undeclared
        return part(raw.rows, self._dataset, DAY, 1)


HEADER = ",".join(column.name for column in TRANSACTIONS.columns)
ORDER = 'T-1,CU-1,P-1,2,10.00,0.1,EUR,card,a@b.example,"Korea, Republic of",2026-10-03T10:00:00+02:00,completed'


def test_odd_csv(spark: SparkSession, tmp_path: Path) -> None:
    rows = Rows(spark, tmp_path, TRANSACTIONS)
    second = HEADER.split(",")[::-1]
    lines = [
        HEADER,
        ORDER,
        ORDER.replace("T-1", "T-2").replace(",2,", ", 2,"),
        ORDER.replace("T-1", "T-3").replace("10.00", "1e1"),
        ORDER.replace("T-1", "T-4").replace("10.00", "10.001"),
        ORDER.replace("T-1", "T-5").replace(",2,", ",2147483648,"),
        ORDER.replace("T-1", "T-6").replace("2026-10-03T10", "2026-10-03T00"),
        ORDER.replace("T-1", "T-7").replace("2026-10-03", "2026-09-30"),
        ORDER.replace("T-1", "T-8").replace("2026-10-03", "2026-10-05"),
        "",
        ORDER.replace("T-1", '"T-9'),
        ORDER + ",one more",
    ]
    rows.write("with bom + [brackets] ü.csv", "\r\n".join(lines).encode("utf-8-sig"))
    values = dict(zip(HEADER.split(","), ORDER.replace('"Korea, Republic of"', "Ghana").split(","), strict=True))
    reversed_line = ",".join(values[name] for name in second)
    rows.write("z.csv", f"{','.join(second)},coupon\n{reversed_line},X\n".encode())
    day = rows.part()
    accepted = {row["transaction_id"]: row for row in day.accepted.collect()}
    assert accepted.keys() == {"T-1", "T-3", "T-6"}
    # Of two with one key the one of the last file.
    assert accepted["T-1"]["shipping_country"] == "Ghana"
    assert accepted["T-1"]["source_file"] == "raw/transactions/date=2026-10-03/z.csv"
    assert accepted["T-3"]["source_file"].endswith("with bom + [brackets] ü.csv")
    assert accepted["T-3"]["unit_price"] == Decimal("10.00")
    # Two o'clock in the zone that was sent is the day before in UTC.
    assert (accepted["T-6"]["late_days"], accepted["T-1"]["late_days"]) == (1, 0)
    rejected = {(row["reason"], row["column_name"]) for row in day.rejected.collect()}
    assert rejected == {
        ("type", "quantity"),
        ("type", "unit_price"),
        ("late", "transaction_timestamp"),
        ("future", "transaction_timestamp"),
        ("malformed", None),
        ("duplicate", None),
    }
    assert day.counts.rejected == {"duplicate": 1, "future": 1, "late": 1, "malformed": 2, "type": 3}
    assert rows.undeclared == ("coupon",)


def test_odd_json(spark: SparkSession, tmp_path: Path) -> None:
    rows = Rows(spark, tmp_path, PRODUCTS)
    product = (
        '{"product_id":"P-1","name":"a } { b","category_id":"C","category":"c","price":0.10,"cost":"0.05",'
        '"stock_quantity":5.0,"reorder_level":1,"supplier_id":"S","updated_at":"2026-10-03T10:00:00Z","brand":""}'
    )
    texts = [
        product,
        product.replace("P-1", "P-2").replace("0.10", "12345678901234567.89"),
        product.replace("P-1", "P-3").replace("0.10", '"dear"'),
        product.replace("P-1", "P-4").replace("0.10", "null"),
        product.replace("P-1", "P-5").replace("5.0", "5.5"),
        product + product,
        f"[{product}]",
        product[:-1],
        "12",
    ]
    rows.write("a.jsonl", "\n".join(texts).encode() + b'\n{"product_id":"\xff"}\n')
    day = rows.part()
    (accepted,) = day.accepted.collect()
    assert (accepted["price"], accepted["cost"], accepted["brand"]) == (Decimal("0.10"), Decimal("0.05"), None)
    found = sorted((row["reason"], row["column_name"] or "") for row in day.rejected.collect())
    numbers = [("type", "price"), ("type", "price"), ("type", "stock_quantity")]
    assert found == [("malformed", "")] * 5 + [("missing", "price"), *numbers]


def test_parquet_of_the_ndjson_pipeline_is_a_source(spark: SparkSession, tmp_path: Path) -> None:
    rows = Rows(spark, tmp_path, TRANSACTIONS)
    order = (
        '{"transaction_id":"T-%d","customer_id":"CU-1","product_id":"P-1","quantity":%s,"unit_price":10.10,"discount":0,'
        '"currency":"EUR","payment_method":"card","customer_email":null,"app_version":5,'
        '"transaction_timestamp":"2026-10-03T10:00:00Z","status":"completed"}\n'
    )
    store = MemoryStore()
    put_batch(store, {"orders.ndjson": (order % (1, "2") + order % (2, '"two"')).encode()})
    ConverterJob(converter_arguments(), store, InProcessCluster()).run()
    (converted,) = [content for uri, content in store.objects.items() if uri.startswith(PART_PREFIX)]
    rows.write("batch-00000.parquet", converted)
    rows.write("plain.csv", f"{HEADER}\n{ORDER.replace('T-1', 'T-9')}\n".encode())
    day = rows.part()
    accepted = {row["transaction_id"]: row for row in day.accepted.collect()}
    assert accepted.keys() == {"T-1", "T-9"}
    assert (accepted["T-1"]["quantity"], accepted["T-1"]["unit_price"]) == (2, Decimal("10.10"))
    assert accepted["T-1"]["shipping_country"] is None
    (rejected,) = day.rejected.collect()
    assert (rejected["reason"], rejected["column_name"]) == ("type", "quantity")
    assert json.loads(rejected["line"])["quantity"] == "two"
    assert rows.undeclared == ("app_version",)
    pq.write_table(pa.table({"quantity": [1]}), rows.bucket.folder / TRANSACTIONS.raw_prefix(DAY) / "typed.parquet")
    with pytest.raises(SourceError, match="quantity has another type than text"):
        rows.part()


def test_a_csv_without_a_required_column_is_refused_unless_the_validator_kept_it_away(
    spark: SparkSession, tmp_path: Path
) -> None:
    rows = Rows(spark, tmp_path, TRANSACTIONS)
    good = rows.write("good.csv", f"{HEADER}\n{ORDER}\n".encode())
    rows.write("old.csv", b"transaction_id\nT-1\n")
    with pytest.raises(SourceError, match=r"old.csv: .* has no column customer_id.* move the file to quarantine"):
        rows.part()
    rows.bucket.write("reports/accepted.json", json.dumps({"keys": [good]}).encode())
    report = run_job(spark, rows.bucket, tmp_path / "mirror", "transaction_etl", DAY, accepted="reports/accepted.json")
    assert report["rows"]["transactions"]["accepted"] == 1
    rows.bucket.write("reports/accepted.json", b"[]")
    with pytest.raises(SourceError, match="not JSON of the form"):
        run_job(spark, rows.bucket, tmp_path / "mirror", "transaction_etl", DAY, accepted="reports/accepted.json")


def test_masks_and_tokens(spark: SparkSession) -> None:
    people = ["Ada@b.example ", "ada@B.example", None]
    rows = spark.createDataFrame([(text,) for text in people], "customer_email string")
    found = [row[0] for row in protected(spark, rows, TRANSACTIONS, TOKEN_KEY).collect()]
    digest = hmac.new(TOKEN_KEY, b"ada@b.example", hashlib.sha256).hexdigest()
    assert found == [f"tok_{digest[:32]}", f"tok_{digest[:32]}", None]
    long = bytes(range(100))
    (first, *_) = protected(spark, rows, TRANSACTIONS, long).collect()
    assert first[0] == f"tok_{hmac.new(long, b'ada@b.example', hashlib.sha256).hexdigest()[:32]}"
    with pytest.raises(SecretError, match="customer_email must become tokens"):
        protected(spark, rows, TRANSACTIONS, None)
    plan = protected(spark, rows, TRANSACTIONS, TOKEN_KEY)._jdf.queryExecution().toString()
    assert TOKEN_KEY.hex() not in plan.lower()
    assert "pads" in plan

    addresses = ["203.0.113.77", "2001:db8:1:2::77", "::1", "Ada", "a@b.example", None]
    rows = spark.createDataFrame([(text,) for text in addresses], "ip_address string")
    found = [row[0] for row in protected(spark, rows, CLICKSTREAM, None).collect()]
    assert found == ["203.0.113.0", "2001:db8:1::", "::", "A***", "a***@b.example", None]
