"""Finding what a person names: files and manifests."""

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from ndjson_parquet_cli.errors import NotFoundError
from ndjson_parquet_cli.reference import FileReference, day_of_batch, file_reference
from ndjson_parquet_cli.standing import last_days
from ndjson_parquet_cli.tool import Tool
from ndjson_parquet_cli.values import Manifest, StoredObject, TrackedFile

if TYPE_CHECKING:
    from ndjson_parquet_cli.pipeline import Pipeline

MATCHES_AT_MOST = 20
_NAME_SEARCH_DAYS = 2
_KEY_SEARCH_DAYS = 7


def find_files(tool: Tool, text: str, date: str | None) -> list[TrackedFile]:
    """Files that a text names; where it is no whole key, all of a date's files may have to be read."""
    pipeline, today = tool.pipeline, tool.now.date()
    wanted = file_reference(text, pipeline.deployment.landing_prefix)
    known = date or wanted.date
    for day in [known] if known else last_days(today, _KEY_SEARCH_DAYS):
        if found := _by_key(pipeline, wanted, day):
            return found
    if wanted.is_whole:
        return []
    days = [known] if known else last_days(today, _NAME_SEARCH_DAYS)
    tool.output.say(f"looking through all files of {', '.join(days)}; a whole key is found at once", "dim")
    matches = (
        file for day in days for file in pipeline.tracking.files_containing(day, wanted.name) if _is(wanted, file)
    )
    return list(islice(matches, MATCHES_AT_MOST))


def found_in_s3(pipeline: "Pipeline", text: str) -> tuple[str, StoredObject | None]:
    """The URI of what a text names as a whole key, and the object as it is now."""
    wanted = file_reference(text, pipeline.deployment.landing_prefix)
    bucket = wanted.bucket or pipeline.deployment.input_bucket
    stored = pipeline.objects.head(bucket, wanted.name)
    is_other = stored is not None and wanted.etag is not None and stored.etag != wanted.etag
    return f"s3://{bucket}/{wanted.name}", None if is_other else stored


def find_manifest(tool: Tool, batch_id: str, date: str | None = None) -> Manifest:
    """A manifest by its id: of the given date, else of the id's own, else of any that has manifests.

    Raises:
        NotFoundError: there is none.
    """
    pipeline = tool.pipeline
    opened = day_of_batch(batch_id)
    if found := pipeline.tracking.manifest(date or opened, batch_id):
        return found
    if date is None:
        folders = pipeline.objects.folders(pipeline.deployment.manifest_bucket, "manifests/")
        days = sorted({*folders, *last_days(tool.now.date() + timedelta(days=1), 3)} - {opened}, reverse=True)
        if found := pipeline.tracking.manifest_among(batch_id, days):
            return found
    raise NotFoundError(
        f"no manifest {batch_id} in {pipeline.deployment.tracking_table}" + (f" of {date}" if date else ""),
        "ndjson-parquet manifests lists them; one that was completed is forgotten after ttl_days",
    )


def _by_key(pipeline: "Pipeline", wanted: FileReference, day: str) -> list[TrackedFile]:
    prefixes = wanted.key_prefixes(pipeline.deployment.landing_prefix)
    found = [file for prefix in prefixes for file in pipeline.tracking.files_named(day, prefix)]
    return [file for file in found if _is(wanted, file)]


def _is(wanted: FileReference, file: TrackedFile) -> bool:
    return wanted.matches(file.object_key, file.etag) and wanted.bucket in (None, file.bucket)
