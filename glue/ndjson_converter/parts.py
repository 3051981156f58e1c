"""Which files make which Parquet part: a function of the manifest alone, so that every run of it writes the same
keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ndjson_converter.compressed import TEXT_BYTES_PER_BYTE, is_compressed
from ndjson_converter.manifest import SourceFile


@dataclass(frozen=True)
class Part:
    """The files of one Parquet object, in manifest order."""

    index: int
    files: tuple[SourceFile, ...]


def plan_parts(files: Sequence[SourceFile], target_part_bytes: int) -> tuple[Part, ...]:
    """Cut the files, in manifest order, into about `total / target_part_bytes` runs of nearly equal bytes; every file
    is in one run.

    A file belongs to the run in which its middle byte lies; runs that get no file (one file is larger than a part)
    are left out. A compressed file counts for the text that it is likely to hold.
    """
    total = sum(text_bytes(file) for file in files)
    wanted = max(1, (total + target_part_bytes // 2) // target_part_bytes)
    runs: dict[int, list[SourceFile]] = {}
    before = 0
    for file in files:
        size = text_bytes(file)
        middle = 2 * before + size
        run = min(wanted - 1, middle * wanted // (2 * total)) if total else 0
        runs.setdefault(run, []).append(file)
        before += size
    return tuple(Part(index, tuple(run)) for index, run in enumerate(runs.values()))


def text_bytes(file: SourceFile) -> int:
    """How much text the file is likely to hold."""
    return file.size_bytes * (TEXT_BYTES_PER_BYTE if is_compressed(file.uri) else 1)
