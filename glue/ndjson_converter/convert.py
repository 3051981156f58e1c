"""Conversion on one machine: local NDJSON files to a folder of Parquet files, in memory that does not grow with them.

Every part has the columns of all files. So a sample of the lines says which columns to expect, and parts are written
while the files are read. Should a key appear that the sample has not shown, the rest is only read, and with the keys of
all lines the parts are written anew. Parts appear in the folder when all are written: a run that fails leaves nothing
there.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pyarrow as pa

from ndjson_converter.blocks import Block, Stretch, cut, find_files, read_blocks
from ndjson_converter.columns import KeyCounts, Schema, unite
from ndjson_converter.errors import StorageError
from ndjson_converter.findings import Findings, check_rejects, count_lines, describe_columns, write_rejects
from ndjson_converter.lines import Survey, parse, survey
from ndjson_converter.manifest import DEFAULT_TARGET_PART_BYTES, SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import ParsedFile, Rules
from ndjson_converter.parts import Part, plan_parts
from ndjson_converter.report import RunReport, iso_8601, utc_now
from ndjson_converter.sampling import sample
from ndjson_converter.tables import to_tables

T = TypeVar("T")
R = TypeVar("R")

_BLOCK_BYTES = 16 * 1024 * 1024
_SAMPLE_BYTES = 128 * 1024
_PART_NAME, _ANY_PART = "part-{index:05d}.parquet", "part-*.parquet"


class Progress:
    """Is told how far a conversion is; says nothing itself. Called from several threads."""

    def begin(self, phase: str, total_bytes: int) -> None:
        """A phase starts that will go through so many bytes."""

    def advance(self, size_bytes: int) -> None:
        """So many bytes of the phase are done."""


@dataclass(frozen=True)
class Request:
    """What to convert, where to, and by which rules. `rejects` is the file for rejected lines, if they are wanted."""

    inputs: Sequence[Path]
    output: Path
    workers: int
    rules: Rules
    max_columns: int = 1000
    max_reject_percent: float = 10.0
    rejects: Path | None = None


@dataclass(frozen=True)
class WrittenPart:
    path: Path
    rows: int


def convert(request: Request, report: RunReport, progress: Progress) -> None:
    """Convert the inputs and put what was done into `report.facts`.

    Raises ConversionError when it cannot, or when too many lines are rejected; the file of rejects is written all the
    same.
    """
    with report.phase("plan"):
        files = find_files(request.inputs)
        stretches = [stretch for path in files for stretch in cut(path, _BLOCK_BYTES)]
        report.facts.update(files=len(files), bytes_in=sum(stretch.size_bytes for stretch in stretches))
    with _working_folder(request.output) as folder:
        run = _Run(request, folder, stretches, progress, iso_8601(utc_now()))
        with report.phase("sample"):
            expected = run.sample()
        with report.phase("write"):
            written, findings = run.try_to_write(expected)
        schema = unite((keys for found in findings for keys in found.keys), request.max_columns)
        report.facts.update(**count_lines(findings), **describe_columns(schema))
        if request.rejects:
            write_rejects(findings, request.rejects)
        check_rejects(findings, request.max_reject_percent)
        if not schema.has_columns_of(expected):
            with report.phase("write_again"):
                written = run.write(schema)
        if sum(part.rows for part in written) != sum(found.rows for found in findings):
            raise StorageError("a file was changed while it was converted; nothing was written. Convert again")
        with report.phase("publish"):
            report.facts["parts"] = _publish([part for part in written if part.rows], request.output)


@dataclass(frozen=True)
class _Run:
    """The phases of one conversion. `surprised` is set when a key without a column has appeared."""

    request: Request
    folder: Path
    stretches: Sequence[Stretch]
    progress: Progress
    timestamp: str
    surprised: Event = field(default_factory=Event)

    def sample(self) -> Schema:
        """The columns of the first lines of stretches from all over the input."""
        sampled = self._in_threads(self._sample, sample(self.stretches))
        return unite((keys for found in sampled for keys in found), self.request.max_columns)

    def _sample(self, stretch: Stretch) -> list[KeyCounts]:
        return [self._survey(block).keys for block in islice(read_blocks(stretch, _SAMPLE_BYTES), 1)]

    def try_to_write(self, schema: Schema) -> tuple[list[WrittenPart], list[Findings]]:
        """Survey all lines, and write parts under `schema`, which are whole unless a key has no column in it."""
        findings = [
            Findings(stretch, self.folder / f"{number:06d}.rejects.ndjson" if self.request.rejects else None)
            for number, stretch in enumerate(self.stretches)
        ]
        written = self._write_parts(schema, lambda number: self._try_stretch(findings[number], schema))
        return written, findings

    def write(self, schema: Schema) -> list[WrittenPart]:
        """Write parts under `schema`, which has all keys."""
        return self._write_parts(schema, lambda number: self._write_stretch(self.stretches[number], schema))

    def _try_stretch(self, findings: Findings, schema: Schema) -> Iterator[pa.Table]:
        for block in read_blocks(findings.stretch, _BLOCK_BYTES):
            if self.surprised.is_set():
                findings.add(block, self._survey(block))
                continue
            parsed = self._parse(findings.stretch, block)
            findings.add(block, Survey.of(parsed, self.request.max_columns))
            if schema.has_room_for(findings.keys[-1]):
                yield from to_tables(parsed, schema, self.timestamp)
            else:
                self.surprised.set()
            del block, parsed  # before the next one is read, so that its memory can be used again

    def _write_stretch(self, stretch: Stretch, schema: Schema) -> Iterator[pa.Table]:
        for block in read_blocks(stretch, _BLOCK_BYTES):
            yield from to_tables(self._parse(stretch, block), schema, self.timestamp)

    def _parse(self, stretch: Stretch, block: Block) -> ParsedFile:
        return parse(block.data, stretch.path.as_posix(), self.request.rules, at_start=block.offset == 0)

    def _survey(self, block: Block) -> Survey:
        return survey(block.data, self.request.rules, self.request.max_columns, at_start=block.offset == 0)

    def _write_parts(self, schema: Schema, tables: Callable[[int], Iterator[pa.Table]]) -> list[WrittenPart]:
        """Write parts into the run's own folder, at least one per worker while there is enough to do. `tables` gives
        the rows of the stretch with a number.
        """
        sources = [
            SourceFile(number, stretch.path.as_posix(), stretch.size_bytes)
            for number, stretch in enumerate(self.stretches)
        ]
        total = sum(source.size_bytes for source in sources)
        self.progress.begin("write", total)
        plan = plan_parts(sources, min(DEFAULT_TARGET_PART_BYTES, total // self.request.workers + 1))
        return self._in_threads(lambda part: self._write_part(part, schema, tables), plan)

    def _write_part(self, part: Part, schema: Schema, tables: Callable[[int], Iterator[pa.Table]]) -> WrittenPart:
        path = self.folder / _PART_NAME.format(index=part.index)
        with path.open("wb") as file:
            return WrittenPart(path, write_parquet(file, schema.arrow, self._of_part(part, tables)))

    def _of_part(self, part: Part, tables: Callable[[int], Iterator[pa.Table]]) -> Iterator[pa.Table]:
        for source in part.files:
            yield from tables(source.index)
            self.progress.advance(source.size_bytes)

    def _in_threads(self, task: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """The results in the order of the items. The first error ends it, after the tasks that are running."""
        with ThreadPoolExecutor(self.request.workers) as pool:
            futures = [pool.submit(task, item) for item in items]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


@contextmanager
def _working_folder(output: Path) -> Iterator[Path]:
    """A folder inside the output folder, on the same disk, that is gone afterwards."""
    try:
        first = next(output.glob(_ANY_PART), None)
        if first:
            raise StorageError(f"{first} exists already; choose an empty folder with --output, or delete its parts")
        output.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".converting-", dir=output))
    except OSError as error:
        raise StorageError(f"cannot write to {output}: {error}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _publish(parts: Sequence[WrittenPart], output: Path) -> list[dict[str, Any]]:
    """Show the parts; when that is interrupted, none."""
    shown: list[Path] = []
    try:
        for part in parts:
            shown.append(part.path.rename(output / part.path.name))
    except BaseException:
        for path in shown:
            path.unlink()
        raise
    return [
        {"path": path.as_posix(), "rows": part.rows, "size_bytes": path.stat().st_size}
        for part, path in zip(parts, shown, strict=True)
    ]
