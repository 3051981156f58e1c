"""Compares what was sent with what the pipeline made of it: every file, every line, every value. No I/O in the rules.

A file is accounted for when it is completed and its records are in Parquet exactly as sent, or when it lies in
quarantine, or when the pipeline reports it missing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from local.generate import GeneratedFile
from local.second_opinion import Opinion, opinion

Fate = Literal["completed", "quarantined", "missing", "failed", "unfinished", "untracked"]
_ERROR_CHARACTERS = 300
FATES: tuple[Fate, ...] = ("completed", "quarantined", "missing", "failed", "unfinished", "untracked")


@dataclass(frozen=True)
class SentFile:
    """One object as it was uploaded. `expected` is what its generator says of it; None for a user's own file."""

    path: Path
    uri: str
    key: str
    etag: str
    size_bytes: int
    expected: GeneratedFile | None = None


@dataclass(frozen=True)
class Evidence:
    """What the pipeline says and what lies in its buckets.

    `items` are tracking items; `commits` commit records by batch id; `rows` the digests of Parquet rows by source URI;
    `part_rows` and `part_bytes` are by part URI; `rejects` the rejected line numbers by source URI; `quarantined` the
    reason by object key.
    """

    items: Sequence[Mapping[str, Any]]
    commits: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, Counter[bytes]]
    part_rows: Mapping[str, int]
    part_bytes: Mapping[str, int]
    rejects: Mapping[str, Counter[int]]
    quarantined: Mapping[str, str]


@dataclass(frozen=True)
class FileResult:
    """One file's end: its lines in, its rows out, its rejected lines, and what is wrong with it."""

    file: SentFile
    fate: Fate
    batch_id: str = ""
    lines_in: int = 0
    rows_out: int = 0
    lines_rejected: int = 0
    lines_lost: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reconciliation:
    """The whole comparison. `ok` only when nothing is lost, repeated, altered or left undone."""

    files: tuple[FileResult, ...]
    parts: int
    bytes_in: int
    bytes_out: int
    manifests: int
    manifest_problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.problems and not self.unaccounted_files

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence each, naming the file or the manifest."""
        return (*(text for result in self.files for text in result.problems), *self.manifest_problems)

    @property
    def unaccounted_files(self) -> tuple[SentFile, ...]:
        """Files that are neither converted, nor in quarantine, nor reported missing."""
        return tuple(result.file for result in self.files if result.fate in ("failed", "unfinished", "untracked"))

    @property
    def lines_in(self) -> int:
        return sum(result.lines_in for result in self.files)

    @property
    def rows_out(self) -> int:
        return sum(result.rows_out for result in self.files)

    @property
    def lines_rejected(self) -> int:
        return sum(result.lines_rejected for result in self.files)

    @property
    def unaccounted_lines(self) -> int:
        """Lines that are neither a row that equals them nor a reject."""
        return sum(result.lines_lost for result in self.files)

    def count(self, fate: Fate) -> int:
        """How many files ended so."""
        return sum(result.fate == fate for result in self.files)


def read_opinion(file: SentFile) -> Opinion:
    """The second opinion on the file as it lies on disk."""
    return opinion(file.path)


def reconcile(
    sent: Iterable[SentFile], evidence: Evidence, opinion_of: Callable[[SentFile], Opinion] = read_opinion
) -> Reconciliation:
    """Compare file by file, one opinion in memory at a time."""
    items = {(item["object_key"], item["etag"]): item for item in evidence.items if "object_key" in item}
    versions: defaultdict[str, list[SentFile]] = defaultdict(list)
    for file in sent:
        versions[file.uri].append(file)
    results = tuple(result for files in versions.values() for result in _results(files, items, evidence, opinion_of))
    batches = {result.batch_id for result in results if result.fate == "completed"}
    commits = [evidence.commits[batch] for batch in sorted(batches & evidence.commits.keys())]
    parts = [part["uri"] for commit in commits for part in commit["parts"]]
    return Reconciliation(
        files=results,
        parts=len(parts),
        bytes_in=sum(result.file.size_bytes for result in results if result.fate == "completed"),
        bytes_out=sum(evidence.part_bytes.get(uri, 0) for uri in parts),
        manifests=len(commits),
        manifest_problems=tuple(text for commit in commits for text in _commit_problems(commit, evidence)),
    )


def fate_of(item: Mapping[str, Any] | None, missing: bool = False) -> Fate:
    """Where a file stands, from its tracking item; `missing` when a commit record lists it so."""
    if item is None:
        return "untracked"
    state = str(item.get("status", "")).partition("#")[0]
    if state == "failed" and missing:
        return "missing"
    return next((fate for fate in FATES if fate == state), "unfinished")


def _results(
    versions: Sequence[SentFile],
    items: Mapping[tuple[str, str], Mapping[str, Any]],
    evidence: Evidence,
    opinion_of: Callable[[SentFile], Opinion],
) -> Iterator[FileResult]:
    """The versions of one object, whose rows name its URI alone: each takes what it expects, the last one the rest."""
    rows = Counter(evidence.rows.get(versions[0].uri, {}))
    rejects = Counter(evidence.rejects.get(versions[0].uri, {}))
    for file in versions[:-1]:
        expected = opinion_of(file)
        own, own_rejects = rows & expected.records, rejects & Counter(expected.rejected)
        rows, rejects = rows - own, rejects - own_rejects
        yield _file_result(file, items.get((file.key, file.etag)), evidence, opinion_of, own, own_rejects)
    yield _file_result(
        versions[-1], items.get((versions[-1].key, versions[-1].etag)), evidence, opinion_of, rows, rejects
    )


def _file_result(  # noqa: PLR0913, PLR0917 - one file and all that is known of it
    file: SentFile,
    item: Mapping[str, Any] | None,
    evidence: Evidence,
    opinion_of: Callable[[SentFile], Opinion],
    rows: Counter[bytes],
    rejects: Counter[int],
) -> FileResult:
    missing = any(entry["uri"] == file.uri for commit in evidence.commits.values() for entry in commit["missing"])
    fate = fate_of(item, missing)
    batch = str((item or {}).get("batch_id", ""))
    if fate in ("quarantined", "missing"):
        problems = (*_quarantine_problems(file, fate, evidence), *_stray_rows(file, fate, rows))
        return FileResult(file, fate, batch, rows_out=rows.total(), problems=problems)
    expected = opinion_of(file)
    lost = (expected.records - rows).total() + len(expected.rejected - rejects.keys())
    if fate == "completed":
        problems = (*_commit_missing(file, batch, evidence), *_differences(file, expected, rows, rejects))
    else:
        problems = (*_failure(file, fate, item), *_stray_rows(file, fate, rows))
    return FileResult(file, fate, batch, expected.lines, rows.total(), rejects.total(), lost, problems)


def _failure(file: SentFile, fate: Fate, item: Mapping[str, Any] | None) -> Iterator[str]:
    if fate == "failed":
        yield f"{file.key}: failed: {str((item or {}).get('error_message', 'no error recorded'))[:_ERROR_CHARACTERS]}"


def _commit_missing(file: SentFile, batch: str, evidence: Evidence) -> Iterator[str]:
    if batch not in evidence.commits:
        yield f"{file.key}: completed, but its batch {batch or '(none)'} has no commit record"


def _differences(file: SentFile, expected: Opinion, rows: Counter[bytes], rejects: Counter[int]) -> Iterator[str]:
    """How the rows and rejects of a completed file differ from what was sent."""
    if absent := (expected.records - rows).total():
        yield f"{file.key}: {absent} records are not in the Parquet as they were sent"
    if surplus := (rows - expected.records).total():
        yield f"{file.key}: {surplus} Parquet rows are altered or repeated"
    if rejects != Counter(expected.rejected):
        yield f"{file.key}: rejected lines {sorted(rejects.elements())}, expected {sorted(expected.rejected)}"
    if file.expected and file.expected.refused:
        yield f"{file.key}: converted, but it belongs in quarantine ({file.expected.refused})"


def _quarantine_problems(file: SentFile, fate: Fate, evidence: Evidence) -> Iterator[str]:
    if fate != "quarantined":
        return
    reason = evidence.quarantined.get(file.key)
    if reason is None:
        yield f"{file.key}: marked quarantined, but the quarantine bucket does not hold it"
    elif file.expected and file.expected.refused != reason:
        yield f"{file.key}: quarantined as {reason}, expected {file.expected.refused or 'conversion'}"


def _stray_rows(file: SentFile, fate: Fate, rows: Counter[bytes]) -> tuple[str, ...]:
    return (f"{file.key}: {fate}, but {rows.total()} of its rows are visible in the output",) if rows else ()


def _commit_problems(commit: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    """What a commit record says against itself and against the parts that exist."""
    batch, out, rejected = commit["batch_id"], commit["rows_out"], commit["lines_rejected"]
    if commit["lines_in"] != out + rejected:
        yield f"{batch}: {commit['lines_in']} lines in, but {out} rows out and {rejected} rejected"
    for part in commit["parts"]:
        if evidence.part_rows.get(part["uri"]) != part["rows"]:
            found = evidence.part_rows.get(part["uri"], "no part")
            yield f"{batch}: the commit record says {part['rows']} rows for {part['uri']}; found {found}"
    if sum(part["rows"] for part in commit["parts"]) != out:
        yield f"{batch}: its parts do not add up to its {out} rows"
