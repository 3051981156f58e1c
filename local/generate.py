"""Makes NDJSON files as producers send them, good and bad ones, the same for the same seed.

Every file comes back with what the pipeline must make of it: so many rows, these lines rejected, or the
whole file refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from random import Random
from typing import Literal

from local.records import RecordWriter

LANDING = "landing/ndjson"
Refusal = Literal["wrong_extension", "too_large", "empty"]

BROKEN_LINES: dict[str, bytes] = {
    "truncated": b'{"order_id":17,"customer":{"name":"Ann"',
    "not_a_number": b'{"order_id":18,"amount":NaN}',
    "duplicate_key": b'{"order_id":19,"amount":1.10,"amount":2.20}',
    "two_objects": b'{"order_id":20}{"order_id":21}',
    "invalid_utf8": b'{"order_id":22,"note":"caf\xe9"}',
}
RECORDS_A_BROKEN_LINE = 20
NAME_PATTERNS = (
    "orders-{number:04d}.ndjson",
    "eu/orders {day} {number:04d}.ndjson",
    "Übersee/bestellung-{number:04d}.ndjson",
    "東京/注文+{number:04d}.ndjson",
    "eu/west/a+b=c&d {number:04d}.ndjson",
    "émojis 🎁/{day}_{number:04d}.ndjson",
)


def recent_dates(count: int = 3) -> tuple[date, ...]:
    """Today (UTC) and the days before it, newest first."""
    today = datetime.now(UTC).date()
    return tuple(today - timedelta(days=back) for back in range(count))


@dataclass(frozen=True)
class Recipe:
    """What to make.

    `file_bytes` is the size of a good file (up to 4 MB for load), `oversize_bytes` of the one that is too large. `run`
    is a folder below each landing date, so that two runs never send the same keys. One in `broken_every` good files
    holds one of each broken line, and so many records that `max_reject_percent` is kept in whichever manifest it comes;
    0 means none. `refused` may name a reason more than once: a file for each.
    """

    seed: int = 1
    files: int = 64
    file_bytes: int = 250_000
    dates: tuple[date, ...] = field(default_factory=recent_dates)
    run: str = "run"
    broken_every: int = 8
    refused: tuple[Refusal, ...] = ("wrong_extension", "too_large", "empty")
    oversize_bytes: int = 21 * 1024 * 1024

    def __post_init__(self) -> None:
        if self.files < 1 or not self.dates:
            raise ValueError(f"files={self.files}, dates={self.dates}: ask for at least one file and one landing date")
        if not 1_000 <= self.file_bytes <= 4 * 1024 * 1024:
            raise ValueError(f"file_bytes={self.file_bytes}: choose from 1000 to {4 * 1024 * 1024} (4 MB)")


@dataclass(frozen=True)
class GeneratedFile:
    """One file on disk, the key it lands under, and what must become of it.

    `rejects` maps a line number (from 1) to the kind of defect; `refused` is why the whole file belongs in quarantine.
    """

    path: Path
    key: str
    rows: int = 0
    rejects: dict[int, str] = field(default_factory=dict, hash=False)
    refused: Refusal | None = None


def generate(folder: Path, recipe: Recipe) -> list[GeneratedFile]:
    """Write the files of `recipe` below `folder`, which mirrors the bucket, and say what each must become."""
    good = (_good_file(folder, recipe, number) for number in range(recipe.files))
    refused = (
        _refused_file(folder, recipe, reason, recipe.refused[:number].count(reason))
        for number, reason in enumerate(recipe.refused)
    )
    return list(chain(good, refused))


def landing_key(day: date, name: str) -> str:
    """The key of a file in the input bucket; `name` may hold sub-folders."""
    return f"{LANDING}/{day.isoformat()}/{name}"


def _good_file(folder: Path, recipe: Recipe, number: int) -> GeneratedFile:
    random = Random(f"{recipe.seed}/{number}")
    day = _day_of(recipe, number)
    name = NAME_PATTERNS[number % len(NAME_PATTERNS)].format(number=number, day=day.isoformat())
    key = landing_key(day, f"{recipe.run}/{name}")
    writer = RecordWriter(
        random, spaced=number % 3 == 1, escaped=number % 2 == 1, newer_keys=number >= recipe.files // 2
    )
    broken = bool(recipe.broken_every) and number % recipe.broken_every == recipe.broken_every - 1
    at_least = RECORDS_A_BROKEN_LINE * len(BROKEN_LINES) if broken else 0
    records = list(_records(writer, number, recipe.file_bytes, at_least))
    lines, rejects = _with_broken_lines(records, random) if broken else (records, {})
    path = _write(folder / key, _file_bytes(lines, number))
    return GeneratedFile(path, key, rows=len(records), rejects=rejects)


def _day_of(recipe: Recipe, number: int) -> date:
    """Most files land on the newest date, late ones on the dates before it."""
    newest, *older = recipe.dates
    is_late = number % 3 == 2 and older
    return older[number // 3 % len(older)] if is_late else newest


def _records(writer: RecordWriter, number: int, target_bytes: int, at_least: int) -> Iterator[bytes]:
    size = count = 0
    while size < target_bytes or count < at_least:
        text = (writer.event() if number % 4 == 3 else writer.order()).encode()
        size += len(text) + 1
        count += 1
        yield text


def _with_broken_lines(records: list[bytes], random: Random) -> tuple[list[bytes], dict[int, str]]:
    """Put one line of each defect between the records; answer the lines and where the defects stand."""
    lines: list[tuple[bytes, str]] = [(record, "") for record in records]
    for kind, raw in BROKEN_LINES.items():
        lines.insert(random.randint(0, len(lines)), (raw, kind))
    return [raw for raw, _ in lines], {number: kind for number, (_, kind) in enumerate(lines, start=1) if kind}


def _file_bytes(lines: list[bytes], number: int) -> bytes:
    """Join the lines as different producers do: CR LF, a byte order mark, blank lines at the end, no last newline."""
    newline = b"\r\n" if number % 5 == 4 else b"\n"
    start = b"\xef\xbb\xbf" if number % 16 == 5 else b""
    end = (newline, newline + b"  " + newline + newline, b"")[number % 3]
    return start + newline.join(lines) + end


def _refused_file(folder: Path, recipe: Recipe, reason: Refusal, before: int) -> GeneratedFile:
    """`before`: how many of the same reason there are already."""
    name = "ordérs.csv" if reason == "wrong_extension" else f"{reason}.ndjson"
    name = f"{before}/{name}" if before else name
    key = landing_key(recipe.dates[0], f"{recipe.run}/{name}")
    return GeneratedFile(_write(folder / key, _refused_bytes(recipe, reason)), key, refused=reason)


def _refused_bytes(recipe: Recipe, reason: Refusal) -> bytes:
    if reason == "empty":
        return b""
    if reason == "wrong_extension":
        return "order,amount\nä-1,1.10\n".encode()
    writer = RecordWriter(Random(recipe.seed), spaced=False, escaped=False, newer_keys=False)
    line = writer.order().encode() + b"\n"
    return line * (recipe.oversize_bytes // len(line) + 1)


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
