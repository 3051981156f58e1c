"""Files that cannot be exported: each ends with a sentence that a person understands, and with nothing written."""

import base64
import io
from collections.abc import Callable

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from ndjson_export.errors import BadParquetError
from ndjson_export.source import MOST_COLUMNS, MOST_FOOTER_BYTES, Ends, check_contents, check_ends
from tests.export_reading import export_bytes, to_parquet

GOOD_NAMES = ["id", "name"]
GOOD = to_parquet(pa.table([range(5000), [f"name {number}" for number in range(5000)]], GOOD_NAMES))


class KeptKeys(pe.KmsClient):  # type: ignore[misc]  # pyarrow has no types
    """A key service that hands every key out as it is."""

    def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> bytes:
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key: bytes, master_key_identifier: str) -> bytes:
        return base64.b64decode(wrapped_key)


def encrypted(*columns: str, is_footer_readable: bool) -> bytes:
    configuration = pe.EncryptionConfiguration(
        footer_key="footer", column_keys={"column": list(columns)}, plaintext_footer=is_footer_readable
    )
    factory = pe.CryptoFactory(lambda _: KeptKeys())
    table = pa.table({"id": [1, 2], "name": ["a", "b"]})
    buffer = io.BytesIO()
    properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), configuration)
    with pq.ParquetWriter(buffer, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def damaged(column: str) -> bytes:
    """The bytes of the column are no page."""
    group = pq.read_metadata(io.BytesIO(GOOD)).row_group(0)
    start = group.column(GOOD_NAMES.index(column)).dictionary_page_offset
    return GOOD[:start] + b"\xff" * 400 + GOOD[start + 400 :]


def damaged_later() -> bytes:
    """The same in the second of two row groups."""
    parquet = to_parquet(pa.table({"id": range(5000)}), row_group_size=2500, use_dictionary=False)
    start = pq.read_metadata(io.BytesIO(parquet)).row_group(1).column(0).data_page_offset
    return parquet[:start] + b"\xff" * 400 + parquet[start + 400 :]


def twice() -> bytes:
    return to_parquet(pa.table([pa.array([1]), pa.array([2])], names=["id", "id"]))


def twice_in_a_group() -> bytes:
    inner = pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    return to_parquet(pa.table({"group": inner}))


def not_text() -> bytes:
    wrong = pa.array([b"good", b"\xff\xfe"]).view(pa.string())
    return to_parquet(pa.table({"name": wrong}))


def without_columns() -> bytes:
    return to_parquet(pa.table({"id": [1, 2]}).select([]))


def with_columns(count: int) -> bytes:
    return to_parquet(pa.table({f"c{number}": pa.array([1], pa.int8()) for number in range(count)}))


def with_null_pair() -> bytes:
    return to_parquet(pa.table({"pair": pa.array([[1, 2], None], pa.list_(pa.int8(), 2))}))


CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "The file is empty: it has no bytes."),
    "text": (lambda: b"id,name\n1,a\n" * 10, "The file is not Parquet."),
    "zip": (
        lambda: b"PK\x03\x04" + bytes(50),
        "The file is not Parquet: it looks like a ZIP archive or an Excel workbook.",
    ),
    "ndjson": (lambda: b'{"id":1}\n' * 9, "The file is not Parquet: it looks like JSON text."),
    "three bytes": (lambda: b"PAR", "The file is not Parquet."),
    "cut off": (
        lambda: GOOD[:-100],
        f"The file is cut off: it begins as Parquet, but its end is missing after {len(GOOD) - 100:,} bytes. "
        "Upload it again, whole.",
    ),
    "the first bytes only": (
        lambda: b"PAR1",
        "The file is cut off: it begins as Parquet, but its end is missing after 4 bytes. Upload it again, whole.",
    ),
    "the middle is gone": (
        lambda: GOOD[:4] + GOOD[-100:],
        "The file is damaged: its table of contents is longer than the file. Upload it again.",
    ),
    "no table of contents": (
        lambda: GOOD[:100] + bytes(100) + b"\x64\0\0\0PAR1",
        "The file is damaged: its table of contents cannot be read. Write it once more and upload it again.",
    ),
    "damaged texts": (
        lambda: damaged("name"),
        "The file is damaged: its first row cannot be read. Write it once more and upload it again.",
    ),
    "damaged numbers": (
        lambda: damaged("id"),
        "The file is damaged: part 1 of 1, from row 1 on, cannot be read. Write it once more and upload it again.",
    ),
    "damaged later": (
        damaged_later,
        "The file is damaged: part 2 of 2, from row 2,501 on, cannot be read. Write it once more and upload it again.",
    ),
    "encrypted": (
        lambda: encrypted("name", is_footer_readable=False),
        "The file is encrypted. Write it without encryption and upload it again.",
    ),
    "no rows": (
        lambda: to_parquet(pa.table({"id": pa.array([], pa.int64())})),
        "The file has columns but no rows, so there is nothing to export.",
    ),
    "no columns": (without_columns, "The file has no columns, so there is nothing to export."),
    "10,000 columns": (
        lambda: with_columns(10_000),
        "The file has 10,000 columns, and at most 5,000 can be exported. Write it as several files with fewer columns.",
    ),
    "a name twice": (
        twice,
        'The file has two columns that are both called "id"; give each a name of its own and upload the file again.',
    ),
    "a name twice in a group": (
        twice_in_a_group,
        'The column "group" has two columns that are both called "x"; give each a name of its own and upload the file '
        "again.",
    ),
    "not UTF-8": (
        not_text,
        'The column "name" holds text that is not UTF-8; write it as binary, or mend it.',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_error_is_a_sentence(case: str) -> None:
    make, sentence = CASES[case]

    with pytest.raises(BadParquetError) as caught:
        export_bytes(make())

    assert str(caught.value) == sentence


@pytest.mark.parametrize("columns", [("id",), ("name",), ("id", "name")])
def test_encrypted_columns(columns: tuple[str, ...]) -> None:
    with pytest.raises(BadParquetError, match=r"^The file is encrypted, or some of its columns are: write it without"):
        export_bytes(encrypted(*columns, is_footer_readable=True))


def test_what_pyarrow_cannot_read() -> None:
    with pytest.raises(BadParquetError, match=r"^The file has a list of a fixed size that is null, which cannot be re"):
        export_bytes(with_null_pair())


@pytest.mark.parametrize("at", range(0, len(GOOD), len(GOOD) // 60))
def test_a_file_cut_anywhere(at: int) -> None:
    with pytest.raises(BadParquetError):
        export_bytes(GOOD[:at])


@pytest.mark.parametrize("at", range(4, len(GOOD) - 8, len(GOOD) // 150))
def test_bytes_changed_anywhere(at: int) -> None:
    """The file is exported, as nothing says that the bytes were others, or refused in words."""
    try:
        export_bytes(GOOD[:at] + bytes(byte ^ 0xFF for byte in GOOD[at : at + 4]) + GOOD[at + 4 :])
    except BadParquetError as error:
        assert str(error).startswith("The ")


def test_a_large_table_of_contents() -> None:
    size = (MOST_FOOTER_BYTES + 1).to_bytes(4, "little")

    with pytest.raises(BadParquetError, match=r"has 134 MB, and at most 134 MB can be read"):
        check_ends(Ends(2**40, b"PAR1", size + b"PAR1"))


def test_as_many_columns_as_there_may_be() -> None:
    check_contents(rows=1, columns=MOST_COLUMNS)
    with pytest.raises(BadParquetError):
        check_contents(rows=1, columns=MOST_COLUMNS + 1)
