"""What is in a raw file, found while it streams past once. No I/O, and no more memory than a chunk and a line.

A file is refused as a whole only when it is not what its name says: a bad row is the jobs' to set apart.
"""

import codecs
import csv
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from ndjson_parquet_lake.datasets import Dataset

Reason = Literal["extension", "empty", "too_large", "not_utf8", "not_csv", "not_json", "not_parquet", "schema"]

SAMPLE_ROWS: Final = 1000
LONGEST_LINE: Final = 16 * 1024 * 1024
_PARQUET_MAGIC: Final = b"PAR1"
_SMALLEST_PARQUET: Final = 12


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is. `rows`: its records, None when nobody counted them. `reason` and `detail` when it is refused."""

    md5: str | None
    rows: int | None
    reason: Reason | None = None
    detail: str = ""


def refused_unread(dataset: Dataset, key: str, size_bytes: int) -> Verdict | None:
    """What name and size alone refuse; None when the file has to be read."""
    name = key.rpartition("/")[2]
    if not name.endswith(dataset.suffixes):
        return Verdict(None, None, "extension", f"{name} ends with none of {', '.join(dataset.suffixes)}")
    if size_bytes == 0:
        return Verdict(None, 0, "empty", f"{name} has no bytes")
    if size_bytes > dataset.max_bytes:
        limit = f"max_bytes of {dataset.name} is {dataset.max_bytes}: split the file"
        return Verdict(None, None, "too_large", f"{name} has {size_bytes} bytes; {limit}")
    return None


def check(dataset: Dataset, key: str, chunks: Iterable[bytes]) -> Verdict:
    """Read a file to its end, whatever is found: the digest is of all of it."""
    if key.endswith(".parquet"):
        return _check_parquet(chunks)
    digest, content = hashlib.md5(usedforsecurity=False), _Content(dataset)
    for chunk in chunks:
        digest.update(chunk)
        content.feed(chunk)
    found = content.finish()
    return Verdict(digest.hexdigest(), found.rows, found.reason, found.detail)


def _check_parquet(chunks: Iterable[bytes]) -> Verdict:
    """Its ends, which hold the format's mark. Columns and rows are in a footer that the jobs read."""
    digest, size, head, tail = hashlib.md5(usedforsecurity=False), 0, b"", b""
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        head = (head + chunk)[:4]
        tail = (tail + chunk)[-4:]
    if size < _SMALLEST_PARQUET or head != _PARQUET_MAGIC or tail != _PARQUET_MAGIC:
        return Verdict(digest.hexdigest(), None, "not_parquet", "it does not begin and end with PAR1")
    return Verdict(digest.hexdigest(), None)


class _Content:
    """The lines of a text file, each a record as for the jobs: counted all, and the first ones looked into."""

    def __init__(self, dataset: Dataset) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._sample = _CsvSample(dataset) if dataset.format == "csv" else _JsonSample(dataset)
        self._rest = ""
        self._rows = 0
        self._problem: tuple[Reason, str] | None = None

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        if self._problem:
            return
        try:
            text = self._rest + self._decoder.decode(chunk, last)
        except UnicodeDecodeError as error:
            self._problem = ("not_utf8", f"line {self._rows + 1} or later: {error.reason}")
            return
        *lines, self._rest = text.split("\n")
        if len(self._rest) > LONGEST_LINE:
            self._problem = (self._sample.unlike, f"line {self._rows + 1} is longer than {LONGEST_LINE} characters")
            return
        self._take(lines)

    def finish(self) -> Verdict:
        self.feed(b"", last=True)
        if not self._problem:
            self._take([self._rest])
        reason, detail = self._problem or self._sample.problem() or (None, "")
        rows = None if self._problem else max(0, self._rows - self._sample.header_lines)
        return Verdict(None, rows, reason, detail)

    def _take(self, lines: list[str]) -> None:
        for line in lines:
            if line and not line.isspace():
                self._rows += 1
                if self._rows <= SAMPLE_ROWS + self._sample.header_lines:
                    self._sample.take(line)


class _CsvSample:
    """The header, and whether most of the first records have as many fields."""

    unlike: Reason = "not_csv"
    header_lines = 1

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._header: list[str] | None = None
        self._seen = self._bad = 0

    def take(self, line: str) -> None:
        try:
            [fields] = csv.reader([line.rstrip("\r")], strict=True)
        except (csv.Error, ValueError):
            fields = []
        if self._header is None:
            self._header = [field.strip() for field in fields]
            return
        self._seen += 1
        self._bad += len(fields) != len(self._header)

    def problem(self) -> tuple[Reason, str] | None:
        if self._header is None:
            return "empty", "it has no line but blank ones"
        if problem := _column_problem(self._dataset, self._header):
            return "schema", f"in the header {problem}"
        return _mostly(self.unlike, self._bad, self._seen, f"do not have the header's {len(self._header)} fields")


class _JsonSample:
    """Whether most of the first records are objects, and which columns none of them has."""

    unlike: Reason = "not_json"
    header_lines = 0

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._keys: set[str] = set()
        self._seen = self._bad = 0

    def take(self, line: str) -> None:
        self._seen += 1
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            self._keys |= value.keys()
        else:
            self._bad += 1

    def problem(self) -> tuple[Reason, str] | None:
        if not self._seen:
            return "empty", "it has no line but blank ones"
        if problem := _mostly(self.unlike, self._bad, self._seen, "are no JSON objects, one a line"):
            return problem
        if problem_of_columns := _column_problem(self._dataset, sorted(self._keys)):
            return "schema", f"of the first {self._seen} records {problem_of_columns}"
        return None


def _mostly(reason: Reason, bad: int, seen: int, how: str) -> tuple[Reason, str] | None:
    return (reason, f"{bad} of the first {seen} records {how}") if bad * 2 > seen else None


def _column_problem(dataset: Dataset, names: list[str]) -> str | None:
    """A file may lack nullable columns and bring others, which stay in raw until they are declared."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        return f"columns stand twice: {', '.join(twice)}"
    if missing := [name for name in dataset.required if name not in names]:
        return f"required columns are missing: {', '.join(missing)}"
    return None
