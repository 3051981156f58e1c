"""Conversion on one machine: local NDJSON files to a folder of Parquet files, in memory that does not grow with them.

Files are read twice: first for their columns, because every part has those of all files, then for their values. To
keep the values meanwhile would cost more than to read again what the system still has in memory. Parts appear in the
folder when all are written: a run that fails leaves nothing there.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from ndjson_converter.blocks import Stretch, cut, find_files, read_blocks
from ndjson_converter.columns import KeyCounts, Schema, unite
from ndjson_converter.errors import StorageError
from ndjson_converter.lines import parse, survey
from ndjson_converter.manifest import DEFAULT_TARGET_PART_BYTES, SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import Reject, Rules
from ndjson_converter.parts import Part, plan_parts
from ndjson_converter.rejects import check_reject_limit, describe, reject_lines
from ndjson_converter.report import RunReport, iso_8601, utc_now
from ndjson_converter.tables import to_tables

T = TypeVar("T")
R = TypeVar("R")

_BLOCK_BYTES = 16 * 1024 * 1024
_REJECTS_IN_ERROR = 3
_PART_NAME = "part-{index:05d}.parquet"


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
class SurveyedStretch:
    """What must be known of a stretch before its columns can be written: one entry per block. Its rejects have the
    numbers that lines have in the stretch.
    """

    stretch: Stretch
    size_bytes: int
    lines: int
    lines_blank: int
    lines_rejected: int
    first_rejects: tuple[Reject, ...]
    keys: tuple[KeyCounts, ...]

    @property
    def rows(self) -> int:
        return sum(block.rows for block in self.keys)


@dataclass(frozen=True)
class WrittenPart:
    path: Path
    rows: int
    size_bytes: int


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
        run = _Run(request, folder, progress)
        with report.phase("survey"):
            surveyed = run.survey(stretches)
        schema = unite((block for stretch in surveyed for block in stretch.keys), request.max_columns)
        report.facts.update(_facts(surveyed, schema))
        if request.rejects:
            with report.phase("rejects"):
                run.write_rejects(surveyed, request.rejects)
        _check_rejects(surveyed, request.max_reject_percent)
        with report.phase("write"):
            written = run.write(surveyed, schema)
        with report.phase("publish"):
            report.facts["parts"] = [_publish(part, request.output) for part in written]


@dataclass(frozen=True)
class _Run:
    """The phases of one conversion."""

    request: Request
    folder: Path
    progress: Progress

    def survey(self, stretches: Sequence[Stretch]) -> list[SurveyedStretch]:
        self.progress.begin("survey", sum(stretch.size_bytes for stretch in stretches))
        return self._in_threads(self._survey, list(enumerate(stretches)))

    def _survey(self, item: tuple[int, Stretch]) -> SurveyedStretch:
        number, stretch = item
        size = lines = blank = rejected = 0
        first: list[Reject] = []
        keys: list[KeyCounts] = []
        for block in read_blocks(stretch, _BLOCK_BYTES):
            found = survey(block.data, self.request.rules, self.request.max_columns, at_start=block.offset == 0)
            rejects = [_moved(reject, lines, block.offset) for reject in found.rejects]
            if rejects and self.request.rejects:
                with self._rejects_of(number).open("ab") as file:
                    file.write(reject_lines(stretch.path.as_posix(), rejects))
            first.extend(rejects[: _REJECTS_IN_ERROR - len(first)])
            keys.append(found.keys)
            size += len(block.data)
            lines += found.lines
            blank += found.lines_blank
            rejected += len(rejects)
        self.progress.advance(stretch.size_bytes)
        return SurveyedStretch(stretch, size, lines, blank, rejected, tuple(first), tuple(keys))

    def write_rejects(self, surveyed: Sequence[SurveyedStretch], target: Path) -> None:
        """The reject lines, with line numbers counted from the start of each file."""
        with target.open("wb") as file:
            for number, (stretch, lines_before) in enumerate(_with_lines_before(surveyed)):
                if stretch.lines_rejected:
                    with self._rejects_of(number).open("rb") as lines:
                        file.writelines(_renumbered(line, lines_before) for line in lines)

    def _rejects_of(self, number: int) -> Path:
        return self.folder / f"{number:06d}.rejects.ndjson"

    def write(self, surveyed: Sequence[SurveyedStretch], schema: Schema) -> list[WrittenPart]:
        """The parts, in the run's own folder: at least one per worker while there is enough to do."""
        total = sum(stretch.size_bytes for stretch in surveyed)
        self.progress.begin("write", total)
        sources = [
            SourceFile(number, stretch.stretch.path.as_posix(), stretch.size_bytes)
            for number, stretch in enumerate(surveyed)
            if stretch.rows
        ]
        target = min(DEFAULT_TARGET_PART_BYTES, total // self.request.workers + 1)
        plan = plan_parts(sources, target) if sources else ()
        timestamp = iso_8601(utc_now())
        return self._in_threads(lambda part: self._write_part(part, surveyed, schema, timestamp), plan)

    def _write_part(
        self, part: Part, surveyed: Sequence[SurveyedStretch], schema: Schema, timestamp: str
    ) -> WrittenPart:
        path = self.folder / _PART_NAME.format(index=part.index)
        tables = (table for source in part.files for table in self._tables(surveyed[source.index], schema, timestamp))
        with path.open("wb") as file:
            rows = write_parquet(file, schema.arrow, tables)
        return WrittenPart(path, rows, path.stat().st_size)

    def _tables(self, surveyed: SurveyedStretch, schema: Schema, timestamp: str) -> Iterator[pa.Table]:
        """Raises StorageError when the file is not what it was."""
        stretch = surveyed.stretch
        source = stretch.path.as_posix()
        rows = 0
        for block in read_blocks(stretch, _BLOCK_BYTES):
            parsed = parse(block.data, source, self.request.rules, at_start=block.offset == 0)
            rows += parsed.row_count
            yield from to_tables(parsed, schema, timestamp)
        if rows != surveyed.rows:
            raise StorageError(f"{source} was changed while it was converted; nothing was written. Convert it again")
        self.progress.advance(surveyed.size_bytes)

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
    first = output / _PART_NAME.format(index=0)
    if first.exists():
        raise StorageError(f"{first} exists already; choose an empty folder with --output, or delete its parts")
    try:
        output.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".converting-", dir=output))
    except OSError as error:
        raise StorageError(f"cannot write to {output}: {error}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _moved(reject: Reject, lines: int, offset: int) -> Reject:
    """The reject of a block that starts after so many lines and bytes."""
    return replace(reject, line_number=lines + reject.line_number, byte_offset=offset + reject.byte_offset)


def _renumbered(line: bytes, lines_before: int) -> bytes:
    reject = json.loads(line)
    reject["line_number"] += lines_before
    return json.dumps(reject, ensure_ascii=False).encode() + b"\n"


def _with_lines_before(surveyed: Sequence[SurveyedStretch]) -> Iterator[tuple[SurveyedStretch, int]]:
    """Each stretch, and how many lines of its file stand before it."""
    before = 0
    for stretch in surveyed:
        before = before if stretch.stretch.start else 0
        yield stretch, before
        before += stretch.lines


def _check_rejects(surveyed: Sequence[SurveyedStretch], max_reject_percent: float) -> None:
    first = (
        describe(stretch.stretch.path.as_posix(), _moved(reject, before, 0))
        for stretch, before in _with_lines_before(surveyed)
        for reject in stretch.first_rejects
    )
    lines_in = sum(stretch.lines - stretch.lines_blank for stretch in surveyed)
    rejected = sum(stretch.lines_rejected for stretch in surveyed)
    check_reject_limit(lines_in, rejected, islice(first, _REJECTS_IN_ERROR), max_reject_percent)


def _publish(part: WrittenPart, output: Path) -> dict[str, Any]:
    path = part.path.rename(output / part.path.name)
    return {"path": path.as_posix(), "rows": part.rows, "size_bytes": part.size_bytes}


def _facts(surveyed: Sequence[SurveyedStretch], schema: Schema) -> dict[str, Any]:
    return {
        "lines_in": sum(stretch.lines - stretch.lines_blank for stretch in surveyed),
        "lines_blank": sum(stretch.lines_blank for stretch in surveyed),
        "lines_rejected": sum(stretch.lines_rejected for stretch in surveyed),
        "rows_out": sum(stretch.rows for stretch in surveyed),
        "columns": [column.name for column in schema.columns],
        "renamed": schema.renamed,
        "overflow_keys": schema.overflow_keys,
    }
