"""Runs an engine in a process of its own and measures it; and counts the values that it changed."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.converter.engines import Job

_METADATA = {"_processing_timestamp", "_source_file", "_json_types"}
_EXTRA = json.JSONDecoder(parse_int=str, parse_float=str)


@dataclass(frozen=True)
class Run:
    """What one run took. `error` is the last line it said, when it failed."""

    wall_seconds: float
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
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.converter.engines", engine, str(path)], stdout=messages, stderr=messages
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        messages.seek(0)
        said = messages.read().decode(errors="replace").strip().splitlines()
    return Run(
        wall_seconds=wall,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        output_bytes=sum(part.stat().st_size for part in output.rglob("*.parquet")),
        error=None if process.returncode == 0 else (said[-1] if said else f"exit code {process.returncode}"),
    )


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
