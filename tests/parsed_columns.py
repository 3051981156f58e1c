"""The values of a parsed file key by key, for tests to look at."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ndjson_converter.parsed import ParsedFile


class ParsedColumn(NamedTuple):
    """The values of one key: their rows, ascending, their JsonType codes, and their texts, null where the value is."""

    rows: npt.NDArray[np.int32]
    types: npt.NDArray[np.uint8]
    texts: pa.StringViewArray


def columns_of(parsed: ParsedFile) -> dict[str, ParsedColumn]:
    """Each key's column, in order of first appearance."""
    counts = parsed.counts.tolist()
    spans = [slice(end - count, end) for count, end in zip(counts, np.cumsum(counts).tolist(), strict=True)]
    return {
        key: ParsedColumn(parsed.rows[span], parsed.types[span], parsed.texts(span))
        for key, span in zip(parsed.keys, spans, strict=True)
    }
