"""Publishing partitions, killed anywhere and repeated: the last run is what is visible, and nothing else is touched."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ndjson_lake.bucket import StoredObject
from ndjson_lake.publishing import Replacement, plan, publish, replacements
from ndjson_lake.seam import MirroredSeam
from tests.deep import DEEP
from tests.lake_support import DyingBucket, KilledError

DAYS = ("2026-11-01", "2026-11-02")
PREFIXES = {f"date={day}": f"curated/sales/date={day}/" for day in DAYS}
OTHERS = {"curated/sales/date=2026-10-31/part-00000.parquet": b"older", "curated/sales2/date=2026-11-01/x": b"other"}
STAGING = "staging/merge/sales/"

# What a run writes: for each day the contents of its parts.
Parts = Mapping[str, Sequence[bytes]]
a_run = st.fixed_dictionaries({day: st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=3) for day in DAYS})


def write_staging(mirror: Path, parts: Parts) -> None:
    for day, contents in parts.items():
        for number, content in enumerate(contents):
            path = mirror / STAGING / f"date={day}" / f"part-{number:05d}-some-uuid.snappy.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def attempt(bucket: DyingBucket, mirror: Path, parts: Parts) -> None:
    seam = MirroredSeam(bucket, mirror)
    seam.clear(STAGING)
    write_staging(mirror, parts)
    for replacement in replacements(PREFIXES, STAGING, seam.written(STAGING)):
        publish(bucket, seam, replacement)


@settings(max_examples=1000 if DEEP else 60, deadline=None)
@given(killed=st.lists(st.tuples(a_run, st.integers(1, 8), st.booleans()), max_size=4), last=a_run)
def test_after_any_kills_one_whole_run_is_all_that_is_seen(killed: list[tuple[Parts, int, bool]], last: Parts) -> None:
    with TemporaryDirectory() as folder:
        lake, mirror = Path(folder) / "lake", Path(folder) / "mirror"
        healthy = DyingBucket(lake, at=0)
        for key, content in OTHERS.items():
            healthy.write(key, content)
        for parts, at, after in killed:
            try:
                attempt(DyingBucket(lake, at, after=after), mirror, parts)
            except KilledError:
                continue
        attempt(healthy, mirror, last)
        expected = {
            f"{PREFIXES[f'date={day}']}part-{number:05d}.parquet": content
            for day, contents in last.items()
            for number, content in enumerate(contents)
        }
        assert {stored.key: healthy.read(stored.key) for stored in healthy.objects("curated/")} == expected | OTHERS


def test_an_object_is_replaced_in_place_and_removed_only_when_all_new_ones_are_there() -> None:
    new = (StoredObject("staging/x/part-0.parquet", 1),)
    steps = plan(Replacement("t/date=1/", new), ["t/date=1/part-00000.parquet", "t/date=1/part-00001.parquet"])
    assert steps.publish == (("staging/x/part-0.parquet", "t/date=1/part-00000.parquet"),)
    assert steps.delete == ("t/date=1/part-00001.parquet",)


def test_rows_of_a_day_that_the_run_does_not_own_are_not_published() -> None:
    written = [StoredObject(f"{STAGING}date=2026-12-24/part-0.parquet", 1)]
    with pytest.raises(KeyError, match="2026-12-24"):
        replacements(PREFIXES, STAGING, written)
