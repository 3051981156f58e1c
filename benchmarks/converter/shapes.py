"""The four shapes of NDJSON that the engines are compared on, made from a seed: the same bytes in every run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from local.records import NAMES, NOTES, PRODUCTS, RecordWriter

FILE_BYTES = 3_500_000
# Files beyond these are copies, too far apart for two of them to be in one row group.
DISTINCT_FILES = 50

Lines = Callable[[Random, int], Iterator[str]]


def write_shape(folder: Path, shape: str, total_bytes: int) -> list[Path]:
    """Files of 3.5 MB below `folder`, `total_bytes` together; those that are there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{shape}-{number:04d}.ndjson" for number in range(max(1, total_bytes // FILE_BYTES))]
    for number, path in enumerate(paths):
        if not path.exists():
            first = paths[number % DISTINCT_FILES]
            path.write_bytes(_file(shape, number) if first == path else first.read_bytes())
    return paths


def _file(shape: str, number: int) -> bytes:
    lines: list[bytes] = []
    size = 0
    for line in SHAPES[shape](Random(f"{shape}/{number}"), number):
        lines.append(line.encode())
        size += len(lines[-1]) + 1
        if size >= FILE_BYTES:
            break
    return b"\n".join(lines) + b"\n"


def _lifelike(random: Random, number: int) -> Iterator[str]:
    """Shop orders, and click events in every fourth file."""
    writer = RecordWriter(random, spaced=number % 3 == 1, escaped=number % 2 == 1, newer_keys=number >= 5)
    while True:
        yield writer.event() if number % 4 == 3 else writer.order()


def _wide(random: Random, _number: int) -> Iterator[str]:
    """200 columns: texts, numbers, flags. One column in five is often null and another one often absent."""
    while True:
        present = [index for index in range(200) if index % 5 or random.random() < 0.7]
        yield "{" + ",".join(f'"column_{index:03d}":{_small_value(random, index)}' for index in present) + "}"


def _small_value(random: Random, index: int) -> str:
    if index % 5 == 1 and random.random() < 0.3:
        return "null"
    match index % 4:
        case 0:
            return f'"{random.choice(("open", "closed", "pending", "sent back"))}"'
        case 1:
            return f"{random.randint(0, 99_999)}.{random.randint(0, 99):02d}"
        case 2:
            return f'"{random.getrandbits(48):012x}"'
        case _:
            return random.choice(("true", "false"))


def _nested(random: Random, number: int) -> Iterator[str]:
    """Few columns, whose values are trees six levels deep."""
    while True:
        tree = _tree(random, 6)
        about = {"name": random.choice(NAMES), "note": random.choice(NOTES), "path": [random.choice(PRODUCTS)] * 2}
        told = json.dumps(about, ensure_ascii=number % 2 == 1)
        yield f'{{"id":{random.getrandbits(60)},"tree":{tree},"about":{told}}}'


def _tree(random: Random, depth: int) -> str:
    if not depth:
        return random.choice(("null", "true", f"{random.randint(0, 999)}.50", f'"{random.choice(PRODUCTS[4:5])}"'))
    if random.random() < 0.3:
        return "[" + ", ".join(_tree(random, depth - 1) for _ in range(random.randint(1, 3))) + "]"
    keys = random.sample(("kind", "children", "left", "right", "weight", "label"), random.randint(1, 3))
    return "{" + ", ".join(f'"{key}": {_tree(random, depth - 1)}' for key in keys) + "}"


def _numeric(random: Random, _number: int) -> Iterator[str]:
    """Measurements: 24 numbers to a record, in all the ways to write one."""
    while True:
        values = [_measurement(random, index) for index in range(24)]
        yield "{" + ",".join(f'"m{index}":{value}' for index, value in enumerate(values)) + "}"


def _measurement(random: Random, index: int) -> str:
    match index % 6:
        case 0:
            return str(random.getrandbits(63))
        case 1:
            return f"{random.uniform(-1000, 1000):.6f}"
        case 2:
            return f"{random.randint(0, 9999)}.{random.choice(('00', '10', '50', '99'))}"
        case 3:
            return f"{random.random():.17e}"
        case 4:
            return str(random.randint(0, 9))
        case _:
            return f"0.{random.randint(10**18, 10**19 - 1)}"


SHAPES: dict[str, Lines] = {"lifelike": _lifelike, "wide": _wide, "nested": _nested, "numeric": _numeric}
