"""The three jobs that turn a day's raw files into typed tables, and clicks into sessions and hours."""

import json

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from ndjson_lake import clickstream, curated, products, reviews, transactions
from ndjson_lake.bucket import StoredObject
from ndjson_lake.errors import SourceError
from ndjson_lake.job import Context, Made, Output
from ndjson_lake.partitions import as_stored
from ndjson_lake.pii import protected
from ndjson_lake.reading import read_raw
from ndjson_lake.sessions import VISITOR, sessions
from ndjson_lake.typed_rows import part
from ndjson_parquet_lake import datasets, tables
from ndjson_parquet_lake.datasets import Dataset
from ndjson_parquet_lake.days import arrivals_of, business_days_of
from ndjson_parquet_lake.tables import PARTITION, Table

# Raw bytes for one object of a typed table: about 80 MB of Parquet. A function of the raw files alone, so that a re-run
# writes the same objects.
RAW_BYTES_PER_PART = 256 * 1024 * 1024


def transaction_etl(context: Context) -> Made:
    """raw transactions -> processed.transactions and rejects."""
    made = Made()
    rows = _accepted(context, datasets.TRANSACTIONS, made)
    _add(made, context, tables.TRANSACTIONS, transactions.enriched(rows))
    return made


def product_enrichment(context: Context) -> Made:
    """raw products and reviews -> processed.products, processed.reviews and rejects."""
    made = Made()
    rows = _accepted(context, datasets.PRODUCTS, made)
    _add(made, context, tables.PRODUCTS, products.enriched(context.spark, rows, context.arguments.date))
    rows = _accepted(context, datasets.REVIEWS, made)
    _add(made, context, tables.REVIEWS, reviews.enriched(rows))
    return made


def clickstream_aggregation(context: Context) -> Made:
    """raw clickstream -> processed.clickstream_events and rejects; what is made of the business dates touched."""
    made = Made()
    day = context.arguments.date
    events = clickstream.enriched(_accepted(context, datasets.CLICKSTREAM, made))
    own = _add(made, context, tables.CLICKSTREAM_EVENTS, events)
    late_days = datasets.CLICKSTREAM.late_days
    touched = business_days_of(day, late_days)
    partitions = context.partitions
    stored = partitions.read(
        tables.CLICKSTREAM_EVENTS, [arrival for arrival in arrivals_of(touched, late_days) if arrival != day]
    )
    tasks = context.expect(made.bytes_in + partitions.bytes_read)
    newest = curated.newest(stored.unionByName(own), datasets.CLICKSTREAM.key, "event_date", touched)
    # Several tables are made of it, and of these columns alone. By visitor: sessions and hours need no shuffle then.
    known = newest.drop("event_date", "late_days", "ip_address", "source_file").repartition(tasks, *VISITOR).persist()
    parts = parts_for(made.bytes_in)
    made.outputs.append(Output(tables.CLICKSTREAM_SESSIONS, sessions(known), touched, parts))
    made.outputs.append(Output(tables.CLICKSTREAM_HOURLY, clickstream.hourly(known), touched))
    made.outputs.append(Output(tables.CLICKSTREAM_PRODUCTS, clickstream.products(known), touched))
    made.bytes_in += partitions.bytes_read
    return made


def _accepted(context: Context, dataset: Dataset, made: Made) -> DataFrame:
    """The day's accepted rows, personal data replaced; rejects and counts are added to `made`."""
    files = raw_files(context, dataset)
    size = sum(stored.size for stored in files)
    context.expect(size)
    raw = read_raw(context.spark, context.bucket, context.seam, dataset, files)
    day = part(raw.rows, dataset, context.arguments.date, parts_for(size))
    made.counts[dataset.name] = day.counts
    made.undeclared[dataset.name] = raw.undeclared
    made.files_in += len(files)
    made.bytes_in += size
    _add(made, context, tables.REJECTS, day.rejected, dataset)
    return protected(context.spark, day.accepted, dataset, context.token_key)


def raw_files(context: Context, dataset: Dataset) -> list[StoredObject]:
    """The day's files that the job reads. Raises SourceError when the list of accepted ones is no such list."""
    found = context.bucket.objects(dataset.raw_prefix(context.arguments.date))
    usable = [stored for stored in found if stored.key.endswith(dataset.suffixes)]
    accepted = context.arguments.accepted
    if accepted is None:
        return usable
    try:
        keys = set(json.loads(context.bucket.read(accepted))["keys"])
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f'--accepted {accepted}: not JSON of the form {{"keys": [...]}}: {error}') from error
    return [stored for stored in usable if stored.key in keys]


def parts_for(raw_bytes: int) -> int:
    """Into how many objects the rows of so many raw bytes go."""
    return max(1, -(-raw_bytes // RAW_BYTES_PER_PART))


def _add(made: Made, context: Context, table: Table, rows: DataFrame, dataset: Dataset | None = None) -> DataFrame:
    """Add the day's partition of the table; its rows as they will be stored."""
    day = context.arguments.date
    stored = as_stored(table, rows.withColumn(PARTITION.name, F.lit(day)))
    made.outputs.append(Output(table, stored, (day,), parts=None, dataset=dataset.name if dataset else None))
    return stored
