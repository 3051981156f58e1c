"""An export in memory, and what a Parquet value must be in JSON by pyarrow's Python values and Python's `json`: it
shares no code with the exporter.
"""

import base64
import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from ndjson_export.export import Progress, export
from ndjson_export.framing import Framing
from ndjson_export.source import Source

DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


@dataclass
class MemorySink:
    """Keeps what is written."""

    content: bytearray = field(default_factory=bytearray)

    def write(self, chunk: bytes | memoryview) -> int:
        self.content += chunk
        return len(chunk)


def ignore(_progress: Progress) -> None:
    """A report for those who do not look."""


def export_bytes(
    parquet: bytes,
    framing: Framing | None = None,
    report: Callable[[Progress], None] = ignore,
    batch_bytes: int = 1024,
    threads: int = 2,
) -> bytes:
    """The result for a file in memory, in many small batches."""
    sink = MemorySink()
    done = export(Source(io.BytesIO(parquet), batch_bytes), sink, framing or Framing(), report, threads)
    assert done.output_bytes == len(sink.content)
    return bytes(sink.content)


def to_parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def lines_of(parquet: bytes, batch_bytes: int = 1024) -> list[str]:
    """The lines of the file's NDJSON."""
    text = export_bytes(parquet, batch_bytes=batch_bytes).decode()
    assert text.endswith("\n")
    return text[:-1].split("\n")


class Token(str):
    """A JSON number as it is written."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """A JSON object, names that occur twice included."""


def parse(line: str) -> Any:
    """The line's value with number tokens kept. Raises ValueError also for what only Python takes for JSON."""
    return json.loads(
        line, parse_int=Token, parse_float=Token, parse_constant=_refuse, object_pairs_hook=Members, strict=True
    )


def check_value(parsed: Any, scalar: pa.Scalar) -> None:
    """Assert that the parsed JSON is what the Parquet value must become."""
    kind = scalar.type
    if not scalar.is_valid:
        assert parsed is None
    elif types.is_struct(kind):
        assert isinstance(parsed, Members)
        assert [name for name, _ in parsed] == [kind[place].name for place in range(kind.num_fields)]
        for place, (_, value) in enumerate(parsed):
            check_value(value, scalar[kind[place].name])
    elif types.is_map(kind):
        entries = list(scalar.values)
        assert isinstance(parsed, Members)
        assert [name for name, _ in parsed] == [_name_of(entry["key"]) for entry in entries]
        for (_, value), entry in zip(parsed, entries, strict=True):
            check_value(value, entry["value"])
    elif types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        values = list(scalar.values)
        assert isinstance(parsed, list)
        for value, element in zip(parsed, values, strict=True):
            check_value(value, element)
    elif types.is_dictionary(kind):
        check_value(parsed, pa.scalar(scalar.as_py(), kind.value_type))
    else:
        _check_leaf(parsed, scalar, kind)


def _check_leaf(parsed: Any, scalar: pa.Scalar, kind: pa.DataType) -> None:
    value = scalar.value if types.is_timestamp(kind) or types.is_duration(kind) else scalar.as_py()
    if types.is_floating(kind):
        _check_float(parsed, float(value), kind)
    elif types.is_decimal(kind) or types.is_duration(kind):
        number = value if types.is_decimal(kind) else Decimal(value).scaleb(-DIGITS[kind.unit])
        assert isinstance(parsed, Token)
        assert "E" not in parsed.upper()
        assert Decimal(parsed).as_tuple() == number.as_tuple()
    elif types.is_integer(kind):
        assert isinstance(parsed, Token)
        assert parsed == str(value)
    else:
        assert not isinstance(parsed, Token)
        assert parsed == _expected(value, kind)


def _check_float(parsed: Any, value: float, kind: pa.DataType) -> None:
    if not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        assert parsed == name
        assert not isinstance(parsed, Token)
        return
    assert isinstance(parsed, Token)
    width = np.float64 if kind == pa.float64() else np.float32
    assert width(parsed).tobytes() == width(value).tobytes()
    # Not more digits than the fewest that tell it from its neighbours.
    assert len(_digits(parsed)) <= len(_digits(np.format_float_scientific(width(value), unique=True)))


def _digits(text: str) -> str:
    """The digits that count, without sign, point, exponent and zeros at the ends."""
    return text.lower().partition("e")[0].replace(".", "").strip("-+0")


def _expected(value: Any, kind: pa.DataType) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, time):
        return _clock(value.replace(microsecond=0).isoformat(), value.microsecond * 1000, kind)
    if isinstance(value, date):
        return value.isoformat()
    if types.is_timestamp(kind):
        seconds, rest = divmod(value, 10 ** DIGITS[kind.unit])
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        text = _clock(moment.replace(tzinfo=None).isoformat(), rest * 10 ** (9 - DIGITS[kind.unit]), kind)
        return text + ("" if kind.tz is None else "Z")
    return value


def _clock(seconds: str, nanoseconds: int, kind: pa.DataType) -> str:
    digits = DIGITS[kind.unit]
    return f"{seconds}.{nanoseconds:09d}"[: len(seconds) + (digits + 1 if digits else 0)]


def _name_of(key: pa.Scalar) -> str:
    """The name of a map's member: a text as it is, of everything else its JSON."""
    value = key.as_py()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(_expected(value, key.type))


def check_lines(lines: Sequence[str], parquet: bytes) -> None:
    """Assert that the lines are the file's rows, in order."""
    table = pq.read_table(io.BytesIO(parquet), use_threads=False)
    assert len(lines) == table.num_rows
    for row, line in enumerate(lines):
        parsed = parse(line)
        assert [name for name, _ in parsed] == table.column_names
        for place, (_, value) in enumerate(parsed):
            check_value(value, table.column(place)[row])


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
