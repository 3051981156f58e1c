"""The endpoints: what is asked is checked against its model, and handed to a use case."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from export_api.answers import (
    download_answer,
    job_answer,
    outputs_answer,
    pipeline_answer,
    preview_answer,
)
from export_api.callers import Caller, caller_of
from export_api.exports import Exports
from export_api.jobs import Status, Wanted
from export_api.models import (
    DATE,
    UUID,
    DownloadAnswer,
    JobAnswer,
    JobsAnswer,
    OutputsAnswer,
    PipelineAnswer,
    PreviewAnswer,
    StartAnswer,
    StartPipelineFile,
    StartUploaded,
    UploadAnswer,
    UploadRequest,
)
from export_api.openapi import answers
from export_api.pipeline_reads import PipelineReads
from export_api.preview import MAX_ROWS

JobPath = Annotated[str, Path(pattern=UUID, description="Names the job.")]
Token = Annotated[str | None, Query(alias="nextToken", min_length=1, max_length=2048)]


@dataclass(frozen=True)
class Services:
    """What the routes call. `pipeline_group` may see the pipeline; everybody may when it is None."""

    exports: Exports
    pipeline: PipelineReads
    environment: str
    pipeline_group: str | None
    groups_claim: str
    clock: Callable[[], datetime]


def add_job_routes(app: APIGatewayHttpResolver, services: Callable[[], Services]) -> None:
    """The endpoints of people's own jobs."""

    def caller() -> Caller:
        return caller_of(app.current_event.raw_event, services().groups_claim)

    @app.post("/upload", summary="Announce a file and get a form to upload it", **answers(400, 413, done=201))
    def upload(request: Annotated[UploadRequest, Body()]) -> UploadAnswer:
        wanted = Wanted(request.format, request.compression)
        job, form = services().exports.upload(caller().owner, request.file_name, request.size, wanted)
        message = f"Upload {job.file_name} to uploadUrl within 15 minutes, then start job {job.job_id}."
        return UploadAnswer(job_id=job.job_id, message=message, upload_url=form.url, upload_fields=form.fields)

    @app.post("/trigger-job", summary="Start a conversion", **answers(400, 403, 404, 409, 429, done=202))
    def trigger_job(request: Annotated[StartUploaded | StartPipelineFile, Body()]) -> StartAnswer:
        who, of = caller(), services()
        if isinstance(request, StartUploaded):
            job = of.exports.start_uploaded(who.owner, request.job_id)
        else:
            who.require(of.pipeline_group)
            wanted = Wanted(request.format, request.compression)
            job = of.exports.start_pipeline_file(who.owner, request.s3_key, wanted)
        message = f"The conversion of {job.file_name} is {'started' if job.status is Status.PENDING else job.status}."
        return StartAnswer(job_id=job.job_id, status=job.status, message=message)

    @app.get("/job-status/<job_id>", summary="Where a job stands", **answers(400, 404))
    def job_status(job_id: JobPath) -> JobAnswer:
        return job_answer(services().exports.job(caller().owner, job_id), services().clock())

    @app.get("/jobs", summary="Your jobs, newest first", **answers(400))
    def jobs(
        status: Annotated[Status | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 25,
        next_token: Token = None,
    ) -> JobsAnswer:
        page = services().exports.jobs(caller().owner, status, limit, next_token)
        now = services().clock()
        return JobsAnswer(jobs=[job_answer(job, now) for job in page.jobs], next_token=page.next_token)

    @app.get("/preview/<job_id>", summary="The first rows of a result", **answers(400, 404, 409))
    def preview(job_id: JobPath, limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = 20) -> PreviewAnswer:
        return preview_answer(*services().exports.preview(caller().owner, job_id, limit))

    @app.get("/download/<job_id>", summary="A link to a result", **answers(400, 404, 409))
    def download(job_id: JobPath) -> DownloadAnswer:
        return download_answer(*services().exports.download(caller().owner, job_id))


def add_pipeline_routes(app: APIGatewayHttpResolver, services: Callable[[], Services]) -> None:
    """The endpoints of the pipeline, which nothing here changes."""

    def require_group() -> None:
        caller_of(app.current_event.raw_event, services().groups_claim).require(services().pipeline_group)

    @app.get("/pipeline", summary="Where the pipeline's files stand", **answers(403))
    def pipeline() -> PipelineAnswer:
        require_group()
        return pipeline_answer(services().pipeline.page(services().clock()), services().environment)

    @app.get("/pipeline/outputs", summary="The Parquet files of a date", **answers(400, 403))
    def pipeline_outputs(
        date: Annotated[str, Query(pattern=DATE, description="Such as 2026-11-21.")],
        next_token: Token = None,
    ) -> OutputsAnswer:
        require_group()
        return outputs_answer(*services().pipeline.outputs(date, next_token))
