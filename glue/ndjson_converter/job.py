"""A run of the job: manifest -> sample -> write -> commit, and the report of it.

Every part has the columns of all files. So a sample of the lines says which columns to expect, and parts are written
while the files are read. Should the keys of all lines make other columns, the parts are written anew.

`_processing_timestamp` is the start of the run, one value for all rows: rows of a repeated run differ in it and in
nothing else.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from ndjson_converter.arguments import Arguments
from ndjson_converter.catalog import Catalog
from ndjson_converter.cluster import Cluster
from ndjson_converter.columns import Schema, unite
from ndjson_converter.commit import Batch, Committer, check_sources_remain, is_committed, nothing_left_behind
from ndjson_converter.errors import ManifestError, NotFoundError, StorageError, one_line
from ndjson_converter.layout import Layout
from ndjson_converter.manifest import Manifest, SourceFile, parse_manifest
from ndjson_converter.parsed import Rules
from ndjson_converter.parts import Part, plan_parts
from ndjson_converter.read_ahead import read_ahead
from ndjson_converter.rejects import check_reject_limit
from ndjson_converter.report import RunReport, iso_8601, utc_now
from ndjson_converter.s3 import Store
from ndjson_converter.sampling import sample
from ndjson_converter.tasks import MissingSource, Reader, WriteTask, WrittenPart

REPORT_VERSION = 1
_REJECTS_IN_ERROR = 3
# The driver looks at the sample itself: to start Spark's workers for it would take longer.
_SAMPLE_THREADS = 16

_logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    COMMITTED = "committed"
    ALREADY_COMMITTED = "already committed"


@dataclass(frozen=True)
class Job:
    """One run. `now` is asked for the start of the run and for the time of the commit."""

    arguments: Arguments
    store: Store
    cluster: Cluster
    catalog: Catalog | None = None
    now: Callable[[], datetime] = utc_now
    read_ahead: int = 2

    def run(self) -> Outcome:
        """Convert the manifest.

        Raises ConversionError, with nothing committed and no upload left open, when it cannot.
        """
        outcome = self._outcome()
        _logger.info("the run ended", extra={"outcome": outcome})
        return outcome

    def _outcome(self) -> Outcome:
        arguments = self.arguments
        if arguments.batch_id and arguments.date_prefix:
            # Before the manifest: a batch that is done stays done when its manifest has expired.
            layout = Layout.of(arguments, arguments.batch_id, arguments.date_prefix)
            if is_committed(self.store, layout):
                return Outcome.ALREADY_COMMITTED
        manifest = self._read_manifest()
        layout = Layout.of(arguments, manifest.batch_id, manifest.date_prefix)
        if is_committed(self.store, layout):
            return Outcome.ALREADY_COMMITTED
        return self._convert(manifest, layout)

    def _read_manifest(self) -> Manifest:
        uri = self.arguments.manifest_path
        try:
            data = self.store.read(uri)
        except NotFoundError as error:
            raise ManifestError(f"manifest {uri} does not exist; check --manifest_path") from error
        return parse_manifest(data, uri, self.arguments.batch_id, self.arguments.date_prefix)

    def _convert(self, manifest: Manifest, layout: Layout) -> Outcome:
        arguments = self.arguments
        started_at = iso_8601(self.now())
        report = RunReport(
            version=REPORT_VERSION,
            kind="conversion",
            correlation_id=manifest.batch_id,
            batch_id=manifest.batch_id,
            date_prefix=manifest.date_prefix,
            attempt=arguments.attempt,
            manifest_path=arguments.manifest_path,
            execution_arn=arguments.execution_arn,
            job_run_id=arguments.job_run_id,
            started_at=started_at,
            cluster=self.cluster.description,
        )
        reporting = self._reporting(report, layout.report(arguments.attempt))
        with reporting, nothing_left_behind(self.store, layout):
            reader = Reader(self.store, Rules(arguments.on_duplicate_key), arguments.max_columns, self.read_ahead)
            outcome = _Run(self, manifest, layout, report, reader, started_at).convert()
            report.facts["outcome"] = outcome
        return outcome

    @contextmanager
    def _reporting(self, report: RunReport, uri: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            message = one_line(str(error))
            _logger.error("the run failed", extra={"error": message})
            self._write_report(uri, report, "failed", message)
            raise
        self._write_report(uri, report, report.facts["outcome"])

    def _write_report(self, uri: str, report: RunReport, outcome: str, error: str | None = None) -> None:
        """A run is what it is, whether or not its report can be written."""
        report.facts["ended_at"] = iso_8601(self.now())
        try:
            self.store.write(uri, report.to_json(outcome, error))
        except StorageError as problem:
            _logger.warning("the run report was not written: %s", problem)


@dataclass(frozen=True)
class _Run:
    """The phases of a run that has work to do."""

    job: Job
    manifest: Manifest
    layout: Layout
    report: RunReport
    reader: Reader
    timestamp: str

    def convert(self) -> Outcome:
        arguments = self.job.arguments
        if self.job.catalog:
            with self.report.phase("check_catalog"):
                self.job.catalog.check()
        with self.report.phase("pin"):
            sources, missing = self._pin()
        with self.report.phase("sample"):
            expected = self._sample(sources)
        plan = plan_parts(sources, self.manifest.target_part_bytes)
        with self.report.phase("write"):
            parts = self._write(plan, expected)
        batch = Batch.of(parts, missing, arguments.max_columns)
        check_sources_remain(batch, self.job.store, self.layout)
        check_reject_limit(batch.lines_in, batch.lines_rejected, _first_rejects(batch), arguments.max_reject_percent)
        if not batch.schema.has_columns_of(expected):
            with self.report.phase("write_again"):
                self._throw_away(batch)
                batch = replace(batch, parts=self._write(plan, batch.schema))
        self.report.facts.update(batch.to_record())
        with self.report.phase("commit"):
            committer = Committer(self.job.store, self.reader, self.layout, self.job.catalog)
            is_ours = committer.commit(batch, self._record())
        return Outcome.COMMITTED if is_ours else Outcome.ALREADY_COMMITTED

    def _pin(self) -> tuple[list[SourceFile], tuple[MissingSource, ...]]:
        """The sources with sizes and versions; a bare manifest's are asked from S3."""
        if not self.manifest.bare:
            return list(self.manifest.files), ()
        found: list[SourceFile] = []
        missing: list[MissingSource] = []
        for source in self.manifest.files:
            try:
                found.append(self.job.store.pin(source))
            except NotFoundError as error:
                missing.append(MissingSource(source, str(error)))
        return found, tuple(missing)

    def _sample(self, sources: list[SourceFile]) -> Schema:
        """The columns of the first lines of sources from all over the batch."""
        threads = _SAMPLE_THREADS if self.reader.ahead else 0
        found = read_ahead(
            self.reader.sample, sample(sources), threads, lambda waiting: len(waiting) >= _SAMPLE_THREADS
        )
        return unite((keys for _, keys in found if keys), self.job.arguments.max_columns)

    def _write(self, plan: tuple[Part, ...], schema: Schema) -> tuple[WrittenPart, ...]:
        task = WriteTask(self.reader, schema, self.timestamp, self.layout.part_prefix)
        written = self.job.cluster.run(task, plan)
        for part in written:
            self.report.saw_task_memory(part.peak_memory_bytes)
        return tuple(written)

    def _throw_away(self, batch: Batch) -> None:
        for _, sent in batch.sent:
            self.job.store.abort_upload(sent.upload)

    def _record(self) -> dict[str, Any]:
        arguments = self.job.arguments
        return {
            "batch_id": self.manifest.batch_id,
            "date_prefix": self.manifest.date_prefix,
            "attempt": arguments.attempt,
            "execution_arn": arguments.execution_arn,
            "manifest_path": arguments.manifest_path,
            "committed_at": iso_8601(self.job.now()),
            "job_run_id": arguments.job_run_id,
        }


def _first_rejects(batch: Batch) -> list[str]:
    return [reject for source in batch.read for reject in source.first_rejects][:_REJECTS_IN_ERROR]
