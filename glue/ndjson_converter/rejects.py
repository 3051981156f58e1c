"""Rejected lines: how they are published, and when there are too many of them."""

import base64
import json
from collections.abc import Iterable

from ndjson_converter.errors import RejectLimitError
from ndjson_converter.parsed import Reject


def reject_line(source: str, reject: Reject) -> bytes:
    """The reject of a file as a line of NDJSON; one that is not UTF-8 is kept in base64."""
    line = {
        "source": source,
        "line_number": reject.line_number,
        "byte_offset": reject.byte_offset,
        "reason": reject.reason,
        "detail": reject.detail,
    }
    try:
        line["raw"] = reject.raw.decode("utf-8")
    except UnicodeDecodeError:
        line["raw_base64"] = base64.b64encode(reject.raw).decode("ascii")
    return json.dumps(line, ensure_ascii=False).encode("utf-8") + b"\n"


def check_reject_limit(lines_in: int, lines_rejected: int, first: Iterable[str], max_reject_percent: float) -> None:
    """Raise RejectLimitError, with the `first` rejects, when more than `max_reject_percent` of the lines were
    rejected.
    """
    if lines_rejected * 100 <= max_reject_percent * lines_in:
        return
    percent = lines_rejected * 100 / lines_in
    raise RejectLimitError(
        f"{lines_rejected} of {lines_in} lines ({percent:.1f} %) were rejected, more than "
        f"max_reject_percent = {max_reject_percent:g}; nothing was committed. First: {'; '.join(first)}. "
        "Send the files again with these lines corrected, or raise max_reject_percent"
    )


def describe(source: str, reject: Reject) -> str:
    """One reject in a few words, for an error message."""
    return f"{source} line {reject.line_number}: {reject.reason} ({reject.detail})"
