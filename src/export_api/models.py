"""What is asked and answered, as the OpenAPI document describes it. Names are snake_case here and camelCase outside."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from export_api.jobs import Compression, Format, Status
from export_api.preview import ColumnType

UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"

JobId = Annotated[str, Field(pattern=UUID, description="Names the job.")]
Bytes = Annotated[int, Field(ge=0)]


class _Request(BaseModel):
    """Nothing that is not described, and no value that has to be turned into its type first."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class UploadRequest(_Request):
    """A file that somebody is about to upload."""

    file_name: str = Field(min_length=1, max_length=255, description="Its name, which ends in .parquet.")
    size: int = Field(ge=1, description="Its size in bytes.")
    format: Format = Field("ndjson", description="One object a line, or one JSON array.")
    compression: Compression = "none"


class UploadAnswer(_Answer):
    """Post the file as `multipart/form-data` to `uploadUrl`: all of `uploadFields` first, the file last as `file`."""

    job_id: JobId
    message: str
    upload_url: str
    upload_fields: dict[str, str]


class StartUploaded(_Request):
    """Start the conversion of a file that was uploaded."""

    job_id: JobId


class StartPipelineFile(_Request):
    """Start the conversion of a file that the pipeline wrote."""

    s3_key: str = Field(min_length=1, max_length=1024, description="Its key in the output bucket.")
    format: Format = "ndjson"
    compression: Compression = "none"


class StartAnswer(_Answer):
    """The conversion was started, or had been before."""

    job_id: JobId
    status: Status
    message: str


class JobAnswer(_Answer):
    """Where a job stands. `processingTime` is in seconds, times are ISO 8601 UTC, `progress` is a percentage."""

    job_id: JobId
    file_name: str
    status: Status
    created_at: str
    updated_at: str
    processing_time: float | None
    error_message: str | None
    progress: Annotated[int, Field(ge=0, le=100)]
    rows: Bytes | None
    output_bytes: Bytes | None
    format: Format
    compression: Compression


class JobsAnswer(_Answer):
    """A page of the caller's jobs, newest first; `nextToken` asks for the next page."""

    jobs: list[JobAnswer]
    next_token: str | None


class ColumnAnswer(_Answer):
    """A column; its type is that of all its values in these rows."""

    name: str
    type: ColumnType


class PreviewAnswer(_Answer):
    """The first rows of a result. A cell is text: a string's own, of anything else its JSON text."""

    columns: list[ColumnAnswer]
    rows: list[list[str | None]]
    truncated: bool
    total_rows: Bytes | None


class DownloadAnswer(_Answer):
    """A link that works for `expiresIn` seconds."""

    download_url: str
    file_name: str
    expires_in: int


class TodayAnswer(_Answer):
    """Files of the current UTC date, by state."""

    pending: Bytes
    manifested: Bytes
    completed: Bytes
    failed: Bytes
    quarantined: Bytes
    released: Bytes


class ManifestAnswer(_Answer):
    """One manifest. `rows` and `rejected` are known once it was converted."""

    batch_id: str
    date_prefix: str
    status: str
    file_count: Bytes
    total_bytes: Bytes
    rows: Bytes | None
    rejected: Bytes | None
    created_at: str
    updated_at: str
    error_message: str | None


class ReasonAnswer(_Answer):
    """Files of today in quarantine for one reason."""

    reason: str
    count: Bytes


class QuarantinedAnswer(_Answer):
    """One file of today in quarantine."""

    key: str
    reason: str
    at: str


class PipelineAnswer(_Answer):
    """The pipeline at one moment. `isCut`: there is more than one page of it shows."""

    as_of: str
    environment: str
    today: TodayAnswer
    oldest_pending_seconds: Bytes | None
    manifests: list[ManifestAnswer]
    failures: list[ManifestAnswer]
    quarantine: list[ReasonAnswer]
    recent_quarantine: list[QuarantinedAnswer]
    is_cut: bool


class OutputAnswer(_Answer):
    """A Parquet file of the pipeline."""

    s3_key: str
    size: Bytes
    last_modified: str


class OutputsAnswer(_Answer):
    """A page of the files of a date."""

    files: list[OutputAnswer]
    next_token: str | None


class ErrorBody(_Answer):
    """`code` is for programs, `message` for people."""

    code: Annotated[str, Field(pattern="^[a-z_]+$")]
    message: str


class ErrorAnswer(_Answer):
    """Why something was not done."""

    error: ErrorBody


class GatewayAnswer(_Answer):
    """An answer of API Gateway itself, which the function never saw."""

    message: str
