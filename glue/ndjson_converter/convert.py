"""Conversion on one machine: local NDJSON files to a folder of Parquet files, in memory that does not grow with them.

As in a cluster, all files are parsed before the first part is written, because every part has the columns of all of
them. Parts appear in the folder when all are written: a run that fails leaves nothing there.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import IO, Any, TypeVar

import pyarrow as pa

from ndjson_converter.blocks import Block, Stretch, cut, find_files, read_blocks
from ndjson_converter.columns import KeyCounts, Schema, unite
from ndjson_converter.errors import StorageError
from ndjson_converter.lines import parse
from ndjson_converter.manifest import DEFAULT_TARGET_PART_BYTES, SourceFile
from ndjson_converter.parquet import write_parquet
from ndjson_converter.parsed import Reject, Rules
from ndjson_converter.parts import Part, plan_parts
from ndjson_converter.rejects import check_reject_limit, describe
from ndjson_converter.report import RunReport, iso_8601, utc_now
from ndjson_converter.spill import Spill
from ndjson_converter.tables import to_tables

T = TypeVar("T")
R = TypeVar("R")

_BLOCK_BYTES = 16 * 1024 * 1024
_STRETCH_BYTES = 4 * _BLOCK_BYTES
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
class ParsedBlock:
    """What must be known of a parsed block; the values wait in the spill under `slot`. `lines` are all of its lines,
    those of `first_rejects` counted from its start.
    """

    slot: int
    path: Path
    size_bytes: int
    lines: int
    lines_blank: int
    lines_rejected: int
    first_rejects: tuple[Reject, ...]
    keys: KeyCounts


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
        stretches = [stretch for path in files for stretch in cut(path, _STRETCH_BYTES)]
        report.facts.update(files=len(files), bytes_in=sum(stretch.size_bytes for stretch in stretches))
    with _working_folder(request.output) as folder:
        run = _Run(request, folder, Spill(folder / "spill"), progress, count())
        with report.phase("parse"):
            blocks = run.parse(stretches)
        schema = unite((block.keys for block in blocks), request.max_columns)
        report.facts.update(_facts(blocks, schema))
        if request.rejects:
            with report.phase("rejects"), request.rejects.open("wb") as file:
                run.write_rejects(blocks, file)
        _check_rejects(blocks, request.max_reject_percent)
        with report.phase("write"):
            written = run.write(blocks, schema)
        with report.phase("publish"):
            report.facts["parts"] = [_publish(part, request.output) for part in written]


@dataclass(frozen=True)
class _Run:
    """The phases of one conversion."""

    request: Request
    folder: Path
    spill: Spill
    progress: Progress
    slots: Iterator[int]

    def parse(self, stretches: Sequence[Stretch]) -> list[ParsedBlock]:
        self.progress.begin("parse", sum(stretch.size_bytes for stretch in stretches))
        return [block for blocks in self._in_threads(self._parse_stretch, stretches) for block in blocks]

    def _parse_stretch(self, stretch: Stretch) -> list[ParsedBlock]:
        blocks = [self._parse_block(stretch.path, block) for block in read_blocks(stretch, _BLOCK_BYTES)]
        self.progress.advance(stretch.size_bytes)
        return blocks

    def _parse_block(self, path: Path, block: Block) -> ParsedBlock:
        parsed = parse(block.data, path.as_posix(), self.request.rules, at_start=block.offset == 0)
        moved = (replace(reject, byte_offset=block.offset + reject.byte_offset) for reject in parsed.rejects)
        parsed = replace(parsed, rejects=tuple(moved))
        slot = next(self.slots)
        self.spill.save(slot, parsed)
        return ParsedBlock(
            slot=slot,
            path=path,
            size_bytes=len(block.data),
            lines=parsed.lines_in + parsed.lines_blank,
            lines_blank=parsed.lines_blank,
            lines_rejected=len(parsed.rejects),
            first_rejects=parsed.rejects[:_REJECTS_IN_ERROR],
            keys=KeyCounts.of(parsed, self.request.max_columns),
        )

    def write_rejects(self, blocks: Sequence[ParsedBlock], file: IO[bytes]) -> None:
        """The reject lines, with line numbers counted from the start of each file."""
        for block, lines_before in _with_lines_before(blocks):
            for line in (self.spill.load_rejects(block.slot) or b"").splitlines():
                reject = json.loads(line)
                reject["line_number"] += lines_before
                file.write(json.dumps(reject, ensure_ascii=False).encode() + b"\n")

    def write(self, blocks: Sequence[ParsedBlock], schema: Schema) -> list[WrittenPart]:
        """The parts, in the run's own folder: at least one per worker while there is enough to do."""
        total = sum(block.size_bytes for block in blocks)
        self.progress.begin("write", total)
        sources = [
            SourceFile(block.slot, block.path.as_posix(), block.size_bytes) for block in blocks if block.keys.rows
        ]
        target = min(DEFAULT_TARGET_PART_BYTES, total // self.request.workers + 1)
        timestamp = iso_8601(utc_now())
        return self._in_threads(
            lambda part: self._write_part(part, schema, timestamp), plan_parts(sources, target) if sources else ()
        )

    def _write_part(self, part: Part, schema: Schema, timestamp: str) -> WrittenPart:
        path = self.folder / _PART_NAME.format(index=part.index)
        with path.open("wb") as file:
            rows = write_parquet(file, schema.arrow, self._tables(part, schema, timestamp))
        return WrittenPart(path, rows, path.stat().st_size)

    def _tables(self, part: Part, schema: Schema, timestamp: str) -> Iterator[pa.Table]:
        for source in part.files:
            yield from to_tables(self.spill.take(source.index), schema, timestamp)
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


def _with_lines_before(blocks: Sequence[ParsedBlock]) -> Iterator[tuple[ParsedBlock, int]]:
    """Each block, and how many lines of its file stand before it."""
    before = 0
    for previous, block in zip([None, *blocks], blocks, strict=False):
        before = before + previous.lines if previous and previous.path == block.path else 0
        yield block, before


def _check_rejects(blocks: Sequence[ParsedBlock], max_reject_percent: float) -> None:
    first = (
        describe(block.path.as_posix(), replace(reject, line_number=before + reject.line_number))
        for block, before in _with_lines_before(blocks)
        for reject in block.first_rejects
    )
    lines_in = sum(block.lines - block.lines_blank for block in blocks)
    rejected = sum(block.lines_rejected for block in blocks)
    check_reject_limit(lines_in, rejected, islice(first, _REJECTS_IN_ERROR), max_reject_percent)


def _publish(part: WrittenPart, output: Path) -> dict[str, Any]:
    path = part.path.rename(output / part.path.name)
    return {"path": path.as_posix(), "rows": part.rows, "size_bytes": part.size_bytes}


def _facts(blocks: Sequence[ParsedBlock], schema: Schema) -> dict[str, Any]:
    return {
        "lines_in": sum(block.lines - block.lines_blank for block in blocks),
        "lines_blank": sum(block.lines_blank for block in blocks),
        "lines_rejected": sum(block.lines_rejected for block in blocks),
        "rows_out": sum(block.keys.rows for block in blocks),
        "columns": [column.name for column in schema.columns],
        "renamed": schema.renamed,
        "overflow_keys": schema.overflow_keys,
    }
