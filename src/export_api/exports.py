"""What people do with their jobs: upload, start, watch, look, download. Each sees their own and nobody else's."""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from export_api.errors import BadRequestError, NotFoundError, TooLargeError, TooManyError, WrongStateError
from export_api.files import Files, Upload
from export_api.job_table import JobTable
from export_api.jobs import (
    Job,
    Source,
    Status,
    Wanted,
    execution_input,
    file_name_problem,
    is_overdue,
    new_job,
    result_name,
    upload_key,
)
from export_api.page_tokens import bad_token, position_of, token_of
from export_api.preview import READ_BYTES, Table, table_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

OUTPUT_PREFIX = "pipeline/output/"
LOOKED_AT = 1_000
"""Jobs that one call reads at most, whatever it looks for among them."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of a deployment. `longest` is beyond the time that any execution can take."""

    max_upload_bytes: int
    max_running_jobs: int
    longest: timedelta
    ttl: timedelta


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, and the token of those after them."""

    jobs: list[Job]
    next_token: str | None


def utc_now() -> datetime:
    return datetime.now(UTC)


class Exports:
    """The use cases. `results` is the export bucket, `outputs` the pipeline's."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        table: JobTable,
        results: Files,
        outputs: Files,
        states: "SFNClient",
        state_machine_arn: str,
        *,
        rules: Rules,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._table = table
        self._results = results
        self._outputs = outputs
        self._states = states
        self._state_machine_arn = state_machine_arn
        self._rules = rules
        self._clock = clock

    def upload(self, owner: str, file_name: str, size: int, wanted: Wanted) -> tuple[Job, Upload]:
        """A job for a file, and the form with which its owner uploads it.

        Raises:
            BadRequestError: no Parquet file is called so.
            TooLargeError: it is larger than allowed.
        """
        if problem := file_name_problem(file_name):
            raise BadRequestError("bad_file_name", f"{file_name[:255]!r} cannot be taken: {problem}.")
        if size > self._rules.max_upload_bytes:
            raise TooLargeError(
                "file_too_large",
                f"The file has {size} bytes, and this service takes {self._rules.max_upload_bytes} at most: split it.",
            )
        job_id = str(uuid.uuid4())
        source = Source(key=upload_key(job_id, file_name))
        job = self._new(job_id, owner, file_name, source, wanted)
        return job, self._results.upload(upload_key(job_id, file_name), size)

    def start_uploaded(self, owner: str, job_id: str) -> Job:
        """Start the conversion of an uploaded file; once, however often this is asked for.

        Raises:
            NotFoundError: the caller has no such job.
            WrongStateError: nothing was uploaded yet, or it failed.
            TooManyError: so many of the caller's jobs run already.
        """
        job = self.job(owner, job_id)
        if job.status is Status.FAILED:
            raise WrongStateError(
                "job_failed", f"Job {job_id} has failed and stays so; convert the file again, as a new job."
            )
        if job.status is not Status.PENDING:
            return job
        if job.input_s3_key is not None:
            size = self._results.size(job.input_s3_key)
            if size is None:
                raise WrongStateError("not_uploaded", f"The file of job {job_id} is not there yet; upload it first.")
            self._table.uploaded(job, size, self._clock())
        self._refuse_too_many(owner)
        return self._start(job)

    def start_pipeline_file(self, owner: str, s3_key: str, wanted: Wanted) -> Job:
        """Start the conversion of a file that the pipeline wrote.

        Raises:
            BadRequestError: it is no key of a Parquet file of the pipeline.
            NotFoundError: there is no such file.
            TooManyError: so many of the caller's jobs run already.
        """
        name = PurePosixPath(s3_key).name
        if not s3_key.startswith(OUTPUT_PREFIX) or file_name_problem(name):
            raise BadRequestError(
                "bad_key",
                f"{s3_key[:200]!r} names no Parquet file of the pipeline: its keys begin with {OUTPUT_PREFIX}.",
            )
        size = self._outputs.size(s3_key)
        if size is None:
            raise NotFoundError("no_such_file", f"The pipeline has no file {s3_key}; look at its list of files again.")
        self._refuse_too_many(owner)
        uri = f"s3://{self._outputs.bucket}/{s3_key}"
        return self._start(self._new(str(uuid.uuid4()), owner, name, Source(uri=uri, size_bytes=size), wanted))

    def job(self, owner: str, job_id: str) -> Job:
        """One of the caller's jobs. NotFoundError for anybody else's too."""
        job = self._table.find(job_id)
        if job is None or job.owner != owner:
            raise NotFoundError(
                "no_such_job", f"You have no job {job_id}; jobs are kept for {self._rules.ttl.days} days."
            )
        return self._settled(job)

    def jobs(self, owner: str, status: Status | None, limit: int, token: str | None) -> JobPage:
        """A page of the caller's jobs, newest first, of one status or of all. BadRequestError for a forged token."""
        after = self._job_of(owner, token) if token else None
        chosen, last, seen = list[Job](), None, 0
        for job in islice(self._table.of_owner(owner, limit + 1, after), LOOKED_AT):
            if len(chosen) == limit:
                return JobPage(chosen, token_of(chosen[-1].job_id))
            settled, last, seen = self._settled(job), job, seen + 1
            if status is None or settled.status is status:
                chosen.append(settled)
        return JobPage(chosen, token_of(last.job_id) if last and seen == LOOKED_AT else None)

    def preview(self, owner: str, job_id: str, limit: int) -> tuple[Job, Table]:
        """The first rows of a result. NotFoundError, WrongStateError."""
        job = self._completed(owner, job_id)
        content = self._results.beginning(job.output_s3_key, READ_BYTES)
        if content is None:
            raise self._result_gone(job_id)
        is_whole = len(content) < READ_BYTES
        return job, table_of(content, is_gzip=job.compression == "gzip", is_whole=is_whole, limit=limit)

    def download(self, owner: str, job_id: str) -> tuple[str, str]:
        """A link to a result, and its file name. NotFoundError, WrongStateError."""
        job = self._completed(owner, job_id)
        if self._results.size(job.output_s3_key) is None:
            raise self._result_gone(job_id)
        return self._results.download(job.output_s3_key, result_name(job)), result_name(job)

    def _new(self, job_id: str, owner: str, file_name: str, source: Source, wanted: Wanted) -> Job:
        now, ttl = self._clock(), self._rules.ttl
        job = new_job(job_id, owner, file_name, source=source, wanted=wanted, now=now, ttl=ttl)
        self._table.add(job)
        return job

    def _start(self, job: Job) -> Job:
        """Start the job's one execution; that it was started before is no error."""
        try:
            self._states.start_execution(
                stateMachineArn=self._state_machine_arn,
                name=job.job_id,
                input=json.dumps(execution_input(job, self._results.bucket)),
            )
        except self._states.exceptions.ExecutionAlreadyExists:
            return self._table.find(job.job_id) or job
        return job

    def _refuse_too_many(self, owner: str) -> None:
        """So that one person's jobs leave room for others'."""
        newest = islice(self._table.of_owner(owner, LOOKED_AT), LOOKED_AT)
        running = sum(self._settled(job).status is Status.RUNNING for job in newest)
        if running >= self._rules.max_running_jobs:
            raise TooManyError(
                "too_many_jobs",
                f"{running} of your jobs are running, as many as may; start this one when one has ended.",
            )

    def _settled(self, job: Job) -> Job:
        """The job; one whose execution ended without a word is failed first, so that none runs for ever."""
        now = self._clock()
        if not is_overdue(job, now, self._rules.longest):
            return job
        self._table.give_up(job, now)
        return self._table.find(job.job_id) or job

    def _completed(self, owner: str, job_id: str) -> Job:
        job = self.job(owner, job_id)
        if job.status is Status.FAILED:
            raise WrongStateError("job_failed", f"Job {job_id} has failed: {job.error_message or 'nobody knows why'}")
        if job.status is not Status.COMPLETED:
            raise WrongStateError("not_completed", f"Job {job_id} is {job.status}; wait until it is COMPLETED.")
        return job

    def _job_of(self, owner: str, token: str) -> Job:
        job = self._table.find(position_of(token))
        if job is None or job.owner != owner:
            raise bad_token()
        return job

    def _result_gone(self, job_id: str) -> NotFoundError:
        return NotFoundError("result_expired", f"The result of job {job_id} was deleted; convert the file again.")
