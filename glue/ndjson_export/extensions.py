"""A Parquet file may name a Python class for a column's type; pyarrow before 14.0.1 loads and runs it (CVE-2023-47248).
Files come from whoever may upload, so no such type is ever loaded.
"""

from __future__ import annotations

from functools import cache

import pyarrow as pa

_LOADS_CODE = "arrow.py_extension_type"


class _Refused(pa.ExtensionType):  # type: ignore[misc]  # pyarrow has no types
    """In the place of any Python class: the plain type that is stored."""

    def __init__(self, storage: pa.DataType) -> None:
        super().__init__(storage, _LOADS_CODE)

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, _serialized: bytes) -> _Refused:
        return cls(storage)


@cache
def forbid_foreign_code() -> None:
    """From now on this process loads no type that a file brings; pyarrow from 14.0.1 on does so by itself."""
    if tuple(int(number) for number in pa.__version__.split(".")[:2]) >= (15, 0):
        return
    pa.unregister_extension_type(_LOADS_CODE)
    pa.register_extension_type(_Refused(pa.null()))
