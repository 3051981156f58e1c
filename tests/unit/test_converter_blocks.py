"""Files in blocks of whole lines, whatever the lengths of blocks and lines."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ndjson_converter.blocks import cut, read_blocks

LENGTHS = st.lists(st.sampled_from([0, 1, 50, 4_000, 63_000, 66_000, 200_000]), max_size=12)


@pytest.mark.parametrize("suffix", [".ndjson", ".ndjson.gz"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lengths=LENGTHS, ended=st.booleans(), stretch=st.integers(1, 300_000), block=st.integers(1, 300_000))
def test_blocks_are_the_lines_of_the_file_in_order(
    tmp_path: Path, suffix: str, lengths: list[int], ended: bool, stretch: int, block: int
) -> None:
    content = b"\n".join(bytes([97 + number]) * length for number, length in enumerate(lengths))
    content += b"\n" if ended else b""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(gzip.compress(content, 1) if suffix.endswith(".gz") else content)

    read = [
        (one.offset, one.data.memory[: one.data.size].tobytes())
        for part in cut(path, max(stretch, len(content) // 20 + 1))
        for one in read_blocks(part, max(block, len(content) // 20 + 1))
    ]

    assert b"".join(lines for _, lines in read) == content
    assert [offset for offset, _ in read] == [sum(len(lines) for _, lines in read[:n]) for n in range(len(read))]
    assert all(lines.endswith(b"\n") for _, lines in read[:-1])
