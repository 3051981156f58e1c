"""One run of the Glue job: read the object, write the result, and keep the job's item up to date."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ndjson_export.arguments import Arguments
from ndjson_export.errors import ExportError, JobEndedError
from ndjson_export.export import Progress, export
from ndjson_export.jobs import JobItem
from ndjson_export.objects import ObjectFile, uploading
from ndjson_export.source import Source

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_logger = logging.getLogger(__name__)


def run(arguments: Arguments, s3: S3Client, item: JobItem) -> Progress:
    """Export, and write to the item how far it is and why it failed.

    Raises what the export raises, after the item says why.
    """
    try:
        item.begin()
        done = _export(arguments, s3, item)
        item.finish(done)
    except JobEndedError:
        raise
    except Exception as error:
        _tell(item, error)
        raise
    _logger.info("exported", extra={"rows": done.rows, "output_bytes": done.output_bytes})
    return done


def _export(arguments: Arguments, s3: S3Client, item: JobItem) -> Progress:
    framing = arguments.framing
    with ObjectFile(s3, arguments.input) as file:
        source = Source(file)
        with uploading(s3, arguments.output, framing.content_type) as sink:
            return export(source, sink, framing, item.report)


def _tell(item: JobItem, error: Exception) -> None:
    """The error of the export counts, not one of telling about it."""
    try:
        item.fail(error)
    except ExportError as failure:
        _logger.warning("the item does not say why the export failed: %s", failure)
