"""Sources that are gzip, by their names.

A source is held in memory whole, so how much text it may hold is bounded here: megabytes of gzip can be gigabytes.
"""

import gzip
import io
import zlib

from ndjson_converter.errors import UnreadableError

SUFFIX = ".gz"
MAX_TEXT_BYTES = 100 * 1024 * 1024
# About what JSON of few keys shrinks by. Parts are planned with it, so it must not follow the data, nor ever change.
TEXT_BYTES_PER_BYTE = 8


def is_compressed(uri: str) -> bool:
    return uri.lower().endswith(SUFFIX)


def decompressed(data: bytes, uri: str, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
    """The text of a source: what its gzip members hold, one after the other; `data` itself when its name does not end
    in .gz.

    Raises UnreadableError when the gzip is damaged, cut short or followed by something else, and when it holds more
    than `max_bytes`. Text before the damage is not returned: nobody could tell which lines are not there.
    """
    if not is_compressed(uri):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            text: bytes = file.read(max_bytes + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UnreadableError(f"cannot decompress {uri}: {error}; send it again as whole gzip") from error
    if len(text) > max_bytes:
        raise UnreadableError(f"cannot decompress {uri}: it holds more than {max_bytes} bytes; send smaller files")
    return text
