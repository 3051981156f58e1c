"""How the partitions of a run become visible: only when all is written, and a re-run mends what a killed one left.

A partition's objects have names that do not depend on the run (`part-00000.parquet`, ...). Publishing puts the new ones
over the old ones, each whole and at once, and then removes old ones that are too many. A partition of one object, which
is nearly every one, changes at once for its readers; one of several objects is for the time of the copies a mixture of
old and new objects, never half an object. Nothing outside the partitions that the run names is touched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ndjson_lake.bucket import Bucket, StoredObject
from ndjson_lake.seam import Seam


@dataclass(frozen=True, slots=True)
class Replacement:
    """New content of one partition: its prefix, and what Spark has written for it, in the order of the parts."""

    prefix: str
    written: tuple[StoredObject, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What to do for one partition: publish these, then delete those."""

    publish: tuple[tuple[str, str], ...]
    delete: tuple[str, ...]


def replacements(prefixes: Mapping[str, str], staging: str, written: Sequence[StoredObject]) -> list[Replacement]:
    """What was written below `staging`, by partition. `prefixes` maps `date=...` folders to the partitions' prefixes.

    A partition for which nothing was written is emptied. Raises KeyError for a folder that the run did not name.
    """
    by_folder: dict[str, list[StoredObject]] = {folder: [] for folder in prefixes}
    for found in written:
        by_folder[found.key.removeprefix(staging).partition("/")[0]].append(found)
    return [Replacement(prefixes[folder], tuple(found)) for folder, found in sorted(by_folder.items())]


def plan(replacement: Replacement, existing: Sequence[str]) -> Steps:
    """The steps that make the partition's objects exactly the new ones."""
    targets = [f"{replacement.prefix}part-{number:05d}.parquet" for number in range(len(replacement.written))]
    publish = tuple((found.key, target) for found, target in zip(replacement.written, targets, strict=True))
    return Steps(publish, tuple(key for key in existing if key not in set(targets)))


def publish(bucket: Bucket, seam: Seam, replacement: Replacement) -> None:
    """Replace one partition. Raises StorageError; the same run, or another one for the day, may then be repeated."""
    steps = plan(replacement, [found.key for found in bucket.objects(replacement.prefix)])
    for written, key in steps.publish:
        seam.publish(written, key)
    bucket.delete(steps.delete)
