"""Raw days of any size: a lifelike day, repeated under other names until there is enough of it."""

from datetime import date, timedelta
from pathlib import Path

from local.lake.generate import Month, day_files
from local.lake.world import World
from ndjson_parquet_lake.days import LONGEST_DELAY

DAY = date(2026, 10, 5)
# Their rows are in what a run of the day makes anew.
DAYS_BEFORE = tuple(DAY - timedelta(days) for days in range(LONGEST_DELAY, 0, -1))
_SCALE = 20.0
# The beginnings of what must differ from copy to copy: keys of rows, and the browsers that sessions are made of.
_NAMES = (b"T-", b"E-", b"R-", b"A-")


def write_day(folder: Path, day: date, size_bytes: int) -> int:
    """Raw files of the day below the folder, of about that size; products once, as they would be. Returns the bytes."""
    month = Month(first=day, days=1, world=World(scale=_SCALE), defects=())
    files = day_files(month, day)
    written = copy = 0
    while written < size_bytes:
        for key, content in files.items():
            if copy and "/products/" in key:
                continue
            path = (folder / key).with_name(f"{copy:04d}-{Path(key).name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_renamed(content, copy))
            written += path.stat().st_size
        copy += 1
    return written


def _renamed(content: bytes, copy: int) -> bytes:
    for name in _NAMES:
        content = content.replace(name + b"2", name + b"%03d" % copy + b"-2")
    # Of returning browsers, whose names have no date.
    return content.replace(b'"A-0', b'"A-%03d-0' % copy)
