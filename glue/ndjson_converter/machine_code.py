"""Where compiled functions are kept between processes, which saves each of them the seconds of compiling.

Numba looks at the file of the function alone. Ours call functions of other modules, may lie in a zip, and run under
users without a home: so the code is kept under the hash of all modules, in the first folder that can be had.
"""

import hashlib
import os
import pkgutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from numba import config

_NAME = "ndjson-converter"
_MODULES = ("native", "grammar", "nesting", "kernel", "spread", "parsed")


class Locator:
    """A cache locator of numba for the functions of this package."""

    def __init__(self, line: int) -> None:
        self._line = line

    @classmethod
    def from_function(cls, function: Callable[..., Any], _file: str) -> "Locator":
        return cls(function.__code__.co_firstlineno)

    def get_cache_path(self) -> str:
        return str(_folder())

    def ensure_cache_path(self) -> None:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)

    def get_source_stamp(self) -> str:
        return _digest()

    def get_disambiguator(self) -> str:
        return str(self._line)


@contextmanager
def kept() -> Iterator[None]:
    """Functions that are made cacheable in this block keep their code where Locator says."""
    before = config.CACHE_LOCATOR_CLASSES  # type: ignore[attr-defined]  # numba sets it when it is imported
    config.CACHE_LOCATOR_CLASSES = f"{__name__}.{Locator.__name__}"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        config.CACHE_LOCATOR_CLASSES = before  # type: ignore[attr-defined]


@cache
def _digest() -> str:
    sources = [pkgutil.get_data(__package__, f"{module}.py") or b"" for module in _MODULES]
    checked = str(config.BOUNDSCHECK).encode()  # type: ignore[attr-defined]
    return hashlib.sha256(b"\0".join([*sources, checked])).hexdigest()


@cache
def _folder() -> Path:
    """NUMBA_CACHE_DIR if it is set, else the user's cache, else a folder in the temporary one, of this user alone."""
    wanted: str = config.CACHE_DIR  # type: ignore[attr-defined]
    temporary = Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"
    for candidate in [Path(wanted)] if wanted else [_user_cache(), temporary]:
        if _is_ours(candidate):
            return candidate / _digest()[:16]
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / _NAME


def _is_ours(folder: Path) -> bool:
    """Whether the folder is there, or can be made, and nobody else may write to it: what lies in it will be run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    return not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and os.access(folder, os.W_OK)
