"""What the routes answer with, from what the use cases gave. No I/O."""

from datetime import datetime

from export_api.files import DOWNLOAD_SECONDS, StoredFile
from export_api.jobs import Job, job_time, seconds_so_far
from export_api.models import (
    ColumnAnswer,
    DownloadAnswer,
    JobAnswer,
    ManifestAnswer,
    OutputAnswer,
    OutputsAnswer,
    PipelineAnswer,
    PreviewAnswer,
    QuarantinedAnswer,
    ReasonAnswer,
    TodayAnswer,
)
from export_api.pipeline_page import ManifestRow, Page
from export_api.preview import Table


def job_answer(job: Job, now: datetime) -> JobAnswer:
    """Where a job stands."""
    return JobAnswer(
        job_id=job.job_id,
        file_name=job.file_name,
        status=job.status,
        created_at=job.created_at,
        updated_at=job.updated_at,
        processing_time=seconds_so_far(job, now),
        error_message=job.error_message,
        progress=job.progress,
        rows=job.rows,
        output_bytes=job.output_bytes,
        format=job.format,
        compression=job.compression,
    )


def preview_answer(job: Job, table: Table) -> PreviewAnswer:
    """The first rows of a job's result."""
    return PreviewAnswer(
        columns=[ColumnAnswer(name=column.name, type=column.type) for column in table.columns],
        rows=[list(row) for row in table.rows],
        truncated=table.is_cut,
        total_rows=job.rows,
    )


def download_answer(url: str, file_name: str) -> DownloadAnswer:
    return DownloadAnswer(download_url=url, file_name=file_name, expires_in=DOWNLOAD_SECONDS)


def pipeline_answer(page: Page, environment: str) -> PipelineAnswer:
    """The pipeline at one moment."""
    return PipelineAnswer(
        as_of=page.as_of,
        environment=environment,
        today=TodayAnswer(**page.today),
        oldest_pending_seconds=page.oldest_pending_seconds,
        manifests=[_manifest(row) for row in page.manifests],
        failures=[_manifest(row) for row in page.failures],
        quarantine=[ReasonAnswer(reason=reason, count=count) for reason, count in page.quarantine],
        recent_quarantine=[
            QuarantinedAnswer(key=file.key, reason=file.reason, at=file.at) for file in page.recent_quarantine
        ],
        is_cut=page.is_cut,
    )


def outputs_answer(files: list[StoredFile], token: str | None) -> OutputsAnswer:
    """Files of the pipeline."""
    return OutputsAnswer(files=[_output(file) for file in files], next_token=token)


def _output(file: StoredFile) -> OutputAnswer:
    return OutputAnswer(s3_key=file.key, size=file.size_bytes, last_modified=job_time(file.last_modified))


def _manifest(row: ManifestRow) -> ManifestAnswer:
    return ManifestAnswer(
        batch_id=row.batch_id,
        date_prefix=row.date_prefix,
        status=row.status,
        file_count=row.file_count,
        total_bytes=row.total_bytes,
        rows=row.rows,
        rejected=row.rejected,
        created_at=row.created_at,
        updated_at=row.updated_at,
        error_message=row.error_message,
    )
