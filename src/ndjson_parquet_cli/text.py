"""Numbers, times and sizes as people read them. No I/O."""

import re
from datetime import UTC, datetime

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Bytes in decimal units, the ones that prices are in: 3.7 MB."""
    value = float(count)
    for unit in _UNITS:
        if value < 1000 or unit == _UNITS[-1]:
            return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError(count)


def duration(seconds: float) -> str:
    """Two units at most: 850 ms, 42 s, 3 min 5 s, 2 h 10 min, 4 d 3 h."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    whole = round(seconds)
    for unit, length, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def moment(at: datetime) -> str:
    """To the second, in UTC: 2026-11-20 16:10:42."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def iso(at: datetime) -> str:
    """ISO 8601 UTC, as in the tracking table."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dollars(amount: float) -> str:
    """Cents, or two significant digits below a cent."""
    if amount == 0 or amount >= 0.01:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount >= 1e-4 else f"${amount:.6f}"


def shortened(text: str, length: int) -> str:
    """The text, or its begin with a sign that there was more."""
    return text if len(text) <= length else text[: length - 1] + "…"


def without_middle(text: str, length: int) -> str:
    """The text, or its begin and its end: an error begins with what happened and ends with what to do.

    It is cut between words, but for words as long as addresses.
    """
    if len(text) <= length:
        return text
    begin = re.sub(r"\s+\S{0,15}$", "", text[: length // 2])
    end = re.sub(r"^\S{0,15}\s+", "", text[-length // 2 :])
    return f"{begin} … {end}"


def plural(count: int, noun: str) -> str:
    """1 file, 2 files, 2,000 batches."""
    ending = "" if count == 1 else "es" if noun.endswith(("ch", "sh", "s")) else "s"
    if count != 1 and noun.endswith("ry"):
        return f"{count:,} {noun[:-1]}ies"
    return f"{count:,} {noun}{ending}"
