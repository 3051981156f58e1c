"""The shapes of Parquet that the engines are compared on, made from a seed: the same rows in every run."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE = 100_000
# Groups beyond these hold the same rows again; a reader does not notice.
DISTINCT = 4

_WORDS = np.array(
    ["order", "parcel", 'the "blue" one', "late", "gift", "Zürich", "two\nlines", "ring the bell", "returned"]
)
_STATES = np.array(["PENDING", "SHIPPED", "RETURNED", "CANCELLED"])

Random = np.random.Generator


def write_shape(path: Path, shape: str, rows: int) -> Path:
    """A file of so many rows, in row groups of 100,000; one that is there is kept.

    Made in a process of its own: the peak memory of a process begins with that of the one that started it.
    """
    if not path.exists():
        subprocess.run([sys.executable, "-m", __name__, str(path), shape, str(rows)], check=True)
    return path


def _write(path: Path, shape: str, rows: int) -> None:
    groups = [SHAPES[shape](np.random.default_rng(number)) for number in range(DISTINCT)]
    whole = path.with_suffix(".part")
    with pq.ParquetWriter(whole, groups[0].schema) as writer:
        written = 0
        while written < rows:
            group = groups[written // ROWS_AT_ONCE % DISTINCT].slice(0, rows - written)
            writer.write_table(group)
            written += group.num_rows
    whole.rename(path)


def _mixed(random: Random) -> pa.Table:
    """Twelve columns as orders have them: numbers, texts, a day, a moment, a decimal."""
    size = ROWS_AT_ONCE
    return pa.table(
        {
            "id": random.integers(0, 10**12, size),
            "quantity": random.integers(1, 50, size).astype(np.int32),
            "price": np.round(random.random(size) * 1000, 2),
            "ratio": random.random(size),
            "flag": random.random(size) > 0.5,
            "status": _STATES[random.integers(0, len(_STATES), size)],
            "day": pa.array(random.integers(8_000, 20_000, size).astype(np.int32)).cast(pa.date32()),
            "at": pa.array(random.integers(10**15, 17 * 10**14, size)).cast(pa.timestamp("us", "UTC")),
            "amount": _decimals(random, size),
            "session": [f"{number:032x}" for number in random.integers(0, 2**62, size).tolist()],
            "comment": _sentences(random, size, 5),
            "maybe": pa.array(random.integers(0, 1000, size), mask=random.random(size) > 0.7),
        }
    )


def _texts(random: Random) -> pa.Table:
    """Long texts, with quotation marks, line ends and letters beyond ASCII."""
    return pa.table(
        {
            "id": random.integers(0, 10**12, ROWS_AT_ONCE),
            "title": _sentences(random, ROWS_AT_ONCE, 6),
            "body": _sentences(random, ROWS_AT_ONCE, 40),
        }
    )


def _numeric(random: Random) -> pa.Table:
    floats = {f"f{number}": random.normal(0, 1000, ROWS_AT_ONCE) for number in range(10)}
    integers = {f"i{number}": random.integers(-(10**9), 10**9, ROWS_AT_ONCE) for number in range(10)}
    return pa.table({**floats, **integers})


def _wide(random: Random) -> pa.Table:
    """200 columns, half of the values null, texts that repeat."""
    size = ROWS_AT_ONCE // 5
    columns = {}
    for number in range(100):
        absent = random.random(size) > 0.5
        columns[f"number_{number:03d}"] = pa.array(random.integers(0, 10**6, size), mask=absent)
        columns[f"state_{number:03d}"] = pa.array(_STATES[random.integers(0, 4, size)], mask=absent)
    return pa.table(columns)


def _nested(random: Random) -> pa.Table:
    """Lists of groups with lists in them."""
    size = ROWS_AT_ONCE
    offsets = np.concatenate([[0], np.cumsum(random.integers(0, 5, size))]).astype(np.int32)
    items = int(offsets[-1])
    tag_offsets = np.arange(items + 1, dtype=np.int32) * 2
    tags = pa.ListArray.from_arrays(tag_offsets, pa.array(_WORDS[random.integers(0, len(_WORDS), items * 2)]))
    skus = pa.array([f"sku-{number}" for number in random.integers(0, 10**5, items).tolist()])
    groups = pa.StructArray.from_arrays([skus, pa.array(random.random(items)), tags], names=["sku", "price", "tags"])
    return pa.table({"id": random.integers(0, 10**9, size), "items": pa.ListArray.from_arrays(offsets, groups)})


def _sentences(random: Random, size: int, words: int) -> list[str]:
    return [" ".join(chosen) for chosen in _WORDS[random.integers(0, len(_WORDS), (size, words))].tolist()]


def _decimals(random: Random, size: int) -> pa.Array:
    return pa.array(random.integers(0, 10**9, size)).cast(pa.decimal128(19, 0)).cast(pa.decimal128(25, 2))


SHAPES: dict[str, Callable[[Random], pa.Table]] = {
    "mixed": _mixed,
    "texts": _texts,
    "numeric": _numeric,
    "wide": _wide,
    "nested": _nested,
}


if __name__ == "__main__":
    _write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
