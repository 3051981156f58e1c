"""The kernel reads what the second opinion reads, nothing outside of its arrays, and lifelike data on its own.

NDJSON_PARQUET_DEEP=1 looks at millions of lines instead of tens of thousands.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from local.generate import Recipe, generate
from ndjson_converter import kernel
from ndjson_converter.lines import parse
from ndjson_converter.parsed import JsonType, Rules
from tests.kernel_fuzz import check, check_seeds, rows_of

ROOT = Path(__file__).resolve().parents[2]
DEEP = os.environ.get("NDJSON_PARQUET_DEEP") == "1"
SEEDS = 30_000 if DEEP else 500
CHECKED_SEEDS = 5_000 if DEEP else 50

RICH_LINE = (
    '{"a":"é\\u00e9\\ud83d\\ude00 \\"x\\" 😀","b":-1.50E+3,"c":[{"k":null,"ключ":[true,false]},""],'
    ' "long name that fills more than one block of bytes":0, "esc\\u0061ped" : {"d":{}} , "e":"' + "x" * 40 + '"}'
).encode()


def test_mutated_lines_are_read_as_the_second_opinion_reads_them() -> None:
    check_seeds(range(SEEDS))


def test_a_line_cut_anywhere_is_rejected_between_two_good_ones() -> None:
    good = b'{"good":1}'
    for length in range(1, len(RICH_LINE)):
        check([good, RICH_LINE[:length], good], f"cut at {length}")
        check([RICH_LINE[:length]], f"cut at {length}, at the end of the file")
    check([RICH_LINE], "whole")


def test_no_access_outside_of_an_array(tmp_path: Path) -> None:
    """In a process of its own, because bounds checking is compiled in."""
    script = f"""
from tests.kernel_fuzz import check_seeds
from tests.property.test_converter_kernel import test_a_line_cut_anywhere_is_rejected_between_two_good_ones as cut
check_seeds(range({SEEDS}, {SEEDS + CHECKED_SEEDS}))
cut()
"""
    search = os.pathsep.join(str(ROOT / folder) for folder in ("src", "glue", ""))
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NDJSON_CONVERTER_CACHE": str(tmp_path), "PYTHONPATH": search},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=3600,
    )
    assert ended.returncode == 0, ended.stderr


def test_bounds_checking_sees_a_block_that_leaves_its_array(tmp_path: Path) -> None:
    script = """
import numpy as np
from ndjson_converter import kernel
work = kernel.room_for(9).work(b'{"a":"b"}', repeats=False)
kernel.split(work._replace(data=work.data[:20]), 9)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "NUMBA_BOUNDSCHECK": "1",
            "NDJSON_CONVERTER_CACHE": str(tmp_path),
            "PYTHONPATH": str(ROOT / "glue"),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "IndexError: split read or wrote outside of an array" in ended.stderr


def test_lifelike_files_never_need_the_exact_reader(tmp_path: Path) -> None:
    for file in generate(tmp_path, Recipe(files=16, file_bytes=50_000, broken_every=0, refused=())):
        data = file.path.read_bytes().removeprefix(b"\xef\xbb\xbf")
        work = kernel.room_for(len(data)).work(data, repeats=False)

        assert kernel.split(work, len(data)) == kernel.DONE
        assert work.state[kernel.ROWS] == file.rows


def wide(count: int) -> bytes:
    return json.dumps({f"key number {number}": number for number in range(count)}).encode()


MANY = {
    "more keys than there is room for at first": wide(5000),
    "a key longer than the room for all keys at first": b'{"%s":1}' % (b"k" * 200_000),
    "an escaped key longer than the room for all keys at first": b'{"%s":1}' % (b"\\u00e9" * 50_000),
    "more nested keys than the kernel remembers": b'{"a":%s,"b":1}' % wide(5000),
    "objects in objects with more keys than the kernel remembers": b'{"a":'
    + b"".join(b'{"%d":1,%s"x":' % (depth, wide(900)[1:-1] + b",") for depth in range(20))
    + b"1"
    + b"}" * 21,
}


@pytest.mark.parametrize("line", MANY.values(), ids=MANY.keys())
def test_a_line_with_a_lot_of_keys(line: bytes) -> None:
    check([b'{"good":1}', line, line[:-1], b'{"good":2,"late":3}'], "many keys")


@pytest.mark.parametrize("nested", [False, True])
def test_a_key_twice_among_many_is_found(nested: bool) -> None:
    members = wide(5000)[1:-1] + b', "key number 17": 1'
    line = b'{"a":{%s}}' % members if nested else b"{%s}" % members

    (reject,) = parse(line, "s3://b/k", Rules()).rejects

    assert reject.reason == "duplicate_key"


def shuffled(random: Random, keys: list[str]) -> str:
    return json.dumps({key: key for key in random.sample(keys, random.randint(0, len(keys)))})


def spelled(random: Random, keys: list[str]) -> str:
    """The keys in order, with and without escapes."""
    members = (f'{json.dumps(key, ensure_ascii=random.random() < 0.5)}:"{key}"' for key in keys)
    return "{" + ",".join(members) + "}"


@pytest.mark.parametrize("write", [shuffled, spelled])
def test_keys_in_any_order_and_spelling(write: Callable[[Random, list[str]], str]) -> None:
    random = Random(1)
    keys = [f"{letter}{'é' * length}" for letter in "abc" for length in range(20)]

    parsed = parse("\n".join(write(random, keys) for _ in range(300)).encode(), "s3://b/k", Rules())

    assert sorted(parsed.keys) == sorted(keys)
    assert all(value == (JsonType.STRING, key) for row in rows_of(parsed) for key, value in row.items())


def test_a_key_whose_name_looks_like_a_member_is_not_taken_for_it() -> None:
    check([b'{"a\\":1,\\"b":2}', b'{"a":1,"b":2}', b'{"a\\":1,\\"b":3}'], "key with quotes")
