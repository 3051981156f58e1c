"""The part plan, for any files: all of them, once each, in order, in about as many parts as asked for."""

from hypothesis import given
from hypothesis import strategies as st

from ndjson_converter.manifest import SourceFile
from ndjson_converter.parts import plan_parts


@given(sizes=st.lists(st.integers(0, 10_000), min_size=1, max_size=200), target=st.integers(1, 100_000))
def test_every_file_is_in_one_part_and_in_order(sizes: list[int], target: int) -> None:
    files = [SourceFile(index, f"s3://b/{index}", size) for index, size in enumerate(sizes)]

    parts = plan_parts(files, target)

    assert [file for part in parts for file in part.files] == files
    assert [part.index for part in parts] == list(range(len(parts)))
    assert all(part.files for part in parts)
    assert len(parts) <= max(1, round(sum(sizes) / target + 0.5))


@given(count=st.integers(1, 200), size=st.integers(1, 10_000), per_part=st.integers(1, 50))
def test_equal_files_make_balanced_parts(count: int, size: int, per_part: int) -> None:
    files = [SourceFile(index, f"s3://b/{index}", size) for index in range(count)]

    parts = plan_parts(files, size * per_part)

    counts = [len(part.files) for part in parts]
    assert max(counts) - min(counts) <= 1
    assert abs(len(parts) - max(1, count / per_part)) <= 0.5


def test_a_compressed_file_counts_for_the_text_in_it() -> None:
    files = [SourceFile(index, f"s3://b/{index}.ndjson", 800) for index in range(4)]
    files += [SourceFile(index, f"s3://b/{index}.ndjson.GZ", 100) for index in range(4, 8)]

    assert [len(part.files) for part in plan_parts(files, 1600)] == [2, 2, 2, 2]
