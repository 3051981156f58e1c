"""Compiled modules of functions: their zips hold them for Lambda's Python and processor, not for this machine's.

MiniStack runs functions on its own Python. So a compiled module that cannot be loaded here is joined by the one of the
same release that the embedded AWS's environment has; where that has none, or another release, the function fails to
import it, as a function with a missing dependency does.
"""

import importlib.machinery
import sysconfig
from collections.abc import Iterator
from pathlib import Path

INSTALLED = Path(sysconfig.get_path("platlib"))


def complete(code: Path, installed: Path = INSTALLED) -> None:
    """Add what can be loaded here to an unpacked function."""
    for package in sorted({module.parent for module in code.rglob("*.so")}):
        ours = installed / package.relative_to(code)
        if _is_same_release(package, ours):
            for module in _loadable(ours):
                if not (package / module.name).exists():
                    (package / module.name).symlink_to(module)


def _is_same_release(theirs: Path, ours: Path) -> bool:
    """Whether the Python sources of a package, which come with its compiled modules, are the same."""
    sources = sorted(theirs.glob("*.py"))
    return bool(sources) and all(
        (ours / source.name).is_file() and (ours / source.name).read_bytes() == source.read_bytes()
        for source in sources
    )


def _loadable(package: Path) -> Iterator[Path]:
    suffixes = importlib.machinery.EXTENSION_SUFFIXES
    return (module for module in package.glob("*.so") if f".{module.name.partition('.')[2]}" in suffixes)
