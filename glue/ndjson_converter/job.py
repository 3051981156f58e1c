"""A run of the job: manifest -> parse -> decide -> write -> commit, and the report of it.

`_processing_timestamp` is the start of the run, one value for all rows: rows of a repeated run differ in it and in
nothing else.
"""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from ndjson_converter.arguments import Arguments
from ndjson_converter.catalog import Catalog
from ndjson_converter.cluster import Cluster
from ndjson_converter.columns import unite
from ndjson_converter.commit import Batch, Committer, is_committed, nothing_left_behind
from ndjson_converter.errors import ManifestError, NotFoundError, StorageError, one_line
from ndjson_converter.layout import Layout
from ndjson_converter.manifest import Manifest, SourceFile, parse_manifest
from ndjson_converter.parsed import Rules
from ndjson_converter.parts import Part, plan_parts
from ndjson_converter.rejects import check_reject_limit
from ndjson_converter.report import RunReport, iso_8601, utc_now
from ndjson_converter.s3 import Store
from ndjson_converter.spill import Spill
from ndjson_converter.tasks import MissingSource, ParsedSource, ParseTask, Reader, RejectsTask, WriteTask, WrittenPart

_REJECTS_IN_ERROR = 3

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
    spill_root: Path = Path(tempfile.gettempdir())

    def run(self) -> Outcome:
        """Convert the manifest.

        Raises ConversionError, with nothing committed and no upload left open, when it cannot.
        """
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
        report = RunReport(
            batch_id=manifest.batch_id,
            attempt=arguments.attempt,
            manifest_path=arguments.manifest_path,
            cluster=self.cluster.description,
        )
        reporting = _reporting(report, self.store, layout.report(arguments.attempt))
        with reporting, nothing_left_behind(self.store, layout), _spilling(self.spill_root, layout.batch_id) as spill:
            reader = Reader(self.store, Rules(arguments.on_duplicate_key), spill)
            outcome = _Run(self, manifest, layout, report, reader, iso_8601(self.now())).convert()
            report.facts["outcome"] = outcome
        return outcome


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
        with self.report.phase("parse"):
            batch = self._parse(sources, missing)
        check_reject_limit(
            batch.lines_in, batch.lines_rejected, _first_rejects(batch.parsed), arguments.max_reject_percent
        )
        with self.report.phase("write"):
            batch = replace(batch, written=self._write(batch, plan_parts(sources, self.manifest.target_part_bytes)))
        self.report.facts.update(batch.to_record())
        with self.report.phase("commit"):
            committer = Committer(self.job.store, self.job.cluster, self.layout, self.job.catalog)
            is_ours = committer.commit(batch, RejectsTask(self.reader), self._record())
        return Outcome.COMMITTED if is_ours else Outcome.ALREADY_COMMITTED

    def _pin(self) -> tuple[list[SourceFile], list[MissingSource]]:
        """The sources with sizes and versions; a bare manifest's are asked from S3."""
        if not self.manifest.bare:
            return list(self.manifest.files), []
        found: list[SourceFile] = []
        missing: list[MissingSource] = []
        for source in self.manifest.files:
            try:
                found.append(self.job.store.pin(source))
            except NotFoundError as error:
                missing.append(MissingSource(source, str(error)))
        return found, missing

    def _parse(self, sources: list[SourceFile], missing: list[MissingSource]) -> Batch:
        max_columns = self.job.arguments.max_columns
        results = self.job.cluster.run(ParseTask(self.reader, max_columns), sources)
        parsed = tuple(result for result in results if isinstance(result, ParsedSource))
        gone = (result for result in results if isinstance(result, MissingSource))
        for source in parsed:
            self.report.saw_task_memory(source.peak_memory_bytes)
        return Batch(parsed, (*missing, *gone), unite((source.keys for source in parsed), max_columns))

    def _write(self, batch: Batch, plan: tuple[Part, ...]) -> tuple[WrittenPart, ...]:
        """Write the planned parts. A source without rows changes no key; a part without rows is not written."""
        with_rows = {parsed.source.index for parsed in batch.parsed if parsed.keys.rows}
        parts = [replace(part, files=tuple(file for file in part.files if file.index in with_rows)) for part in plan]
        task = WriteTask(self.reader, batch.schema, self.timestamp, self.layout.part_prefix)
        written = self.job.cluster.run(task, [part for part in parts if part.files])
        for part in written:
            self.report.saw_task_memory(part.peak_memory_bytes)
        return tuple(written)

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


@contextmanager
def _spilling(root: Path, batch_id: str) -> Iterator[Spill]:
    """A spill of this run alone.

    It is removed from the driver's machine; a Glue executor's disk goes with the executor.
    """
    directory = root / f"ndjson-parquet-{batch_id}-{uuid.uuid4().hex}"
    try:
        yield Spill(directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _reporting(report: RunReport, store: Store, uri: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        _write_report(store, uri, report.to_json("failed", one_line(str(error))))
        raise
    _write_report(store, uri, report.to_json(report.facts["outcome"]))


def _write_report(store: Store, uri: str, content: bytes) -> None:
    """A run is what it is, whether or not its report can be written."""
    try:
        store.write(uri, content)
    except StorageError as error:
        _logger.warning("the run report was not written: %s", error)


def _first_rejects(parsed: tuple[ParsedSource, ...]) -> list[str]:
    return [reject for source in parsed for reject in source.first_rejects][:_REJECTS_IN_ERROR]
