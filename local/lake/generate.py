"""`python -m local.lake.generate FOLDER`: a month of raw files of the lake, the same for the same options.

The folder gets the keys of the bucket (`raw/transactions/date=2026-11-01/orders-web.csv`, ...) and `planted.json`,
which says for each planted defect on which day, in which dataset and by which rule, or which file, it has to be found.
"""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer

from local.lake.defects import FILE_DEFECTS, NAMES, ROW_DEFECTS, Line, noise
from local.lake.rows import Row, business_day, snapshot
from local.lake.world import World
from ndjson_parquet_lake.datasets import CLICKSTREAM, DATASETS, PRODUCTS, TRANSACTIONS, Dataset
from ndjson_parquet_lake.days import LONGEST_DELAY

FIRST_DAY = date(2026, 10, 1)
# From this day on the app sends one more column, which nobody has declared.
_APP_VERSION_DAY = 18


@dataclass(frozen=True, slots=True)
class Planted:
    """A defect and where it is. `rule` is the quality rule that has to fail, `file` the key that must be refused."""

    defect: str
    dataset: str
    date: str
    rule: str | None = None
    file: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """What to generate. `defects` are names of `defects.NAMES`; `noisy` adds the few bad rows of every day."""

    first: date = FIRST_DAY
    days: int = 30
    world: World = field(default_factory=World)
    defects: Collection[str] = NAMES
    noisy: bool = True

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(number) for number in range(self.days))


def write_month(folder: Path, month: Month) -> list[Planted]:
    """Write all files of the month below the folder, and `planted.json`; returns what was planted in it."""
    for day in month.dates:
        for key, content in day_files(month, day).items():
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    planted = list(planted_in(month))
    (folder / "planted.json").write_text(json.dumps([asdict(one) for one in planted], indent=2) + "\n")
    return planted


def planted_in(month: Month) -> Iterator[Planted]:
    """The month's defects; those of days beyond its end are left out."""
    for name in NAMES:
        row, file = ROW_DEFECTS.get(name), FILE_DEFECTS.get(name)
        defect = row or file
        if defect is None or name not in month.defects or defect.day > month.days:
            continue
        day = month.dates[defect.day - 1].isoformat()
        if row:
            yield Planted(name, row.dataset.name, day, rule=row.rule_name)
        if file:
            key = file.dataset.raw_prefix(day) + file.file
            yield Planted(name, file.dataset.name, day, file=key, reason=file.reason)


def day_files(month: Month, day: date) -> Mapping[str, bytes]:
    """The raw files that arrive on the day, by key."""
    files: dict[str, bytes] = {}
    for dataset in DATASETS.values():
        lines = _with_defects(month, dataset, day, arriving(month, dataset, day))
        own = dict(files_of(dataset, lines, _number(month, day)))
        prefix = dataset.raw_prefix(day.isoformat())
        files |= {prefix + name: content for name, content in own.items()}
        for defect in FILE_DEFECTS.values():
            if defect.name in month.defects and (defect.dataset, defect.day) == (dataset, _number(month, day)):
                files[prefix + defect.file] = defect.content(next(iter(own.values())))
    return files


def _number(month: Month, day: date) -> int:
    return (day - month.first).days + 1


def arriving(month: Month, dataset: Dataset, day: date) -> list[Line]:
    """The day's own rows, and late ones of the days before."""
    if dataset is PRODUCTS:
        return list(snapshot(month.world, day))
    arriving: list[Line] = []
    for delay in range(LONGEST_DELAY + 1):
        rows: Sequence[Row] = getattr(business_day(month.world, day - timedelta(delay)), dataset.name)
        arriving.extend(row.record for row in rows if row.delay == delay)
    return arriving


def _with_defects(month: Month, dataset: Dataset, day: date, lines: list[Line]) -> list[Line]:
    for defect in ROW_DEFECTS.values():
        if defect.name in month.defects and (defect.dataset, defect.day) == (dataset, _number(month, day)):
            lines = defect.change(lines, month.world.dice(defect.name, day), day)
    return noise(dataset, lines, month.world.dice("noise", dataset.name, day)) if month.noisy else lines


def files_of(dataset: Dataset, lines: Sequence[Line], number: int) -> Iterator[tuple[str, bytes]]:
    """The rows as files of the dataset's day with this number, from 1: name and content."""
    if dataset is TRANSACTIONS:
        names = [column.name for column in dataset.columns]
        half = len(lines) // 2
        # Two producers, and each has its own order of columns.
        yield "orders-app.csv", _csv(names[::-1], lines[:half])
        yield "orders-web.csv", _csv(names, lines[half:])
        return
    if dataset is CLICKSTREAM and number >= _APP_VERSION_DAY:
        lines = [{**line, "app_version": "5.1"} if isinstance(line, dict) else line for line in lines]
    count = 4 if dataset is CLICKSTREAM else 1
    for part in range(count):
        yield f"{dataset.name}-{part}.jsonl", "".join(f"{_json(line)}\n" for line in lines[part::count]).encode()


def _csv(names: Sequence[str], lines: Sequence[Line]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for line in lines:
        if isinstance(line, str):
            text.write(f"{line}\n")
        else:
            writer.writerow([line[name] for name in names])
    return text.getvalue().encode()


def _json(line: Line) -> str:
    if isinstance(line, str):
        return line
    return "{" + ",".join(f"{json.dumps(name)}:{_value(value)}" for name, value in line.items()) + "}"


def _value(value: Any) -> str:
    # Never through a float: 19.90 stays 19.90.
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def main(  # noqa: PLR0913, PLR0917  # one per option
    folder: Path,
    days: Annotated[int, typer.Option(min=1, max=366)] = 30,
    first: Annotated[str, typer.Option(help="The first day, YYYY-MM-DD.")] = FIRST_DAY.isoformat(),
    seed: int = 1,
    scale: Annotated[float, typer.Option(min=0.05, help="1 is some 400 orders and 3,500 clicks a day.")] = 1.0,
    defects: Annotated[str, typer.Option(help=f"all, none, or some of {', '.join(NAMES)}.")] = "all",
) -> None:
    """Write a month of raw files, with known defects."""
    words: dict[str, Collection[str]] = {"all": NAMES, "none": ()}
    chosen = words.get(defects, defects.split(","))
    if unknown := set(chosen) - set(NAMES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))} is none of all, none, {', '.join(NAMES)}")
    month = Month(date.fromisoformat(first), days, World(seed, scale), chosen)
    for one in write_month(folder, month):
        print(f"{one.date} {one.dataset:13} {one.defect:22} {one.rule or one.file}")


if __name__ == "__main__":
    typer.run(main)
