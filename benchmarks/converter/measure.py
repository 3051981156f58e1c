"""Runs an engine in a process of its own and measures it; and counts the values that it changed."""

import json
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq

from benchmarks.converter.job import WORK_SECONDS, Job

_METADATA = {"_processing_timestamp", "_source_file", "_json_types"}
_LOOK_SECONDS = 0.02
_EXTRA = json.JSONDecoder(parse_int=str, parse_float=str)


@dataclass(frozen=True)
class Run:
    """What one run took, `work_seconds` without the start of a JVM. `error` is the last line of one that failed."""

    wall_seconds: float
    work_seconds: float
    cpu_seconds: float
    peak_bytes: int
    output_bytes: int
    error: str | None = None


def run(engine: str, job: Job, folder: Path) -> Run:
    """Convert into the empty output folder of the job; messages go to a file in `folder`."""
    output = Path(job.output)
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    path = folder / "job.json"
    job.save(path)
    with (folder / "messages").open("w+b") as messages:
        begin = time.perf_counter()
        process = psutil.Popen(
            [sys.executable, "-m", "benchmarks.converter.engines", engine, str(path)], stdout=messages, stderr=messages
        )
        usage = _watch(process)
        wall = time.perf_counter() - begin
        messages.seek(0)
        said = messages.read().decode(errors="replace").strip().splitlines()
    work = [float(line.removeprefix(WORK_SECONDS)) for line in said if line.startswith(WORK_SECONDS)]
    return Run(
        wall_seconds=wall,
        work_seconds=work[0] if work else wall,
        cpu_seconds=sum(usage.cpu_seconds.values()),
        peak_bytes=usage.peak_bytes,
        output_bytes=sum(part.stat().st_size for part in output.rglob("*.parquet")),
        error=None if process.returncode == 0 else (said[-1] if said else f"exit code {process.returncode}"),
    )


@dataclass
class _Usage:
    """CPU seconds by process, and the most memory that all of them had at once: pages they share count for each."""

    cpu_seconds: dict[int, float] = field(default_factory=dict)
    peak_bytes: int = 0


def _watch(process: psutil.Popen) -> _Usage:
    """Look at the process and those below it, a JVM and its workers, until it ends."""
    usage = _Usage()
    while process.poll() is None:
        memory = 0
        for one in _tree(process):
            with suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                usage.cpu_seconds[one.pid] = times.user + times.system
                memory += one.memory_info().rss
        usage.peak_bytes = max(usage.peak_bytes, memory)
        time.sleep(_LOOK_SECONDS)
    return usage


def _tree(process: psutil.Popen) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def keys_of(files: Iterable[str]) -> list[str]:
    """All keys of the files, in order of first appearance."""
    return list(dict.fromkeys(key for record in _records(files) for key in record))


def changed_values(job: Job) -> int:
    """How many values of the files are not in the output as they were written, whatever the order of the rows."""
    wanted: dict[str, Counter[str | None]] = {key: Counter() for key in job.keys}
    rows = 0
    for record in _records(job.files):
        rows += 1
        for key, value_text in record.items():
            wanted[key][_text(value_text)] += 1
    for counter in wanted.values():
        counter[None] += rows - counter.total()
    found: dict[str, Counter[str | None]] = {key: Counter() for key in job.keys}
    for part in Path(job.output).rglob("*.parquet"):
        table = pq.read_table(part)
        for key in set(table.column_names) - _METADATA:
            found[key].update(table.column(key).to_pylist())
    return sum((wanted[key] - found[key]).total() for key in job.keys)


def _records(files: Iterable[str]) -> Iterator[dict[str, str]]:
    """Key -> value_text of each record, cut out by Python's own scanner."""
    for file in files:
        for line in Path(file).read_text(encoding="utf-8-sig").split("\n"):
            if line:
                yield dict(_members(line))


def _members(line: str) -> Iterator[tuple[str, str]]:
    position = line.index("{") + 1
    while line[position:].lstrip()[:1] == '"':
        key, position = _scan(line, position)
        start = position + line[position:].index(":") + 1
        _, end = _scan(line, start)
        yield key, line[start:end].strip()
        position = end + line[end:].index("," if "," in line[end : end + 2] else "}") + 1


def _scan(line: str, position: int) -> tuple[Any, int]:
    while line[position] == " ":
        position += 1
    return _EXTRA.raw_decode(line, position)


def _text(value_text: str) -> str | None:
    """What a column must hold for the value_text."""
    if value_text == "null":
        return None
    return json.loads(value_text) if value_text.startswith('"') else value_text
