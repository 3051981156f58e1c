"""Permissions bind nobody who is root; here they do, so that tests of them mean the same for every user."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

# From linux/capability.h: the version of the two structures, and the rights to pass over permissions.
_VERSION = 0x20080522
_OVERRIDES = 1 << 1 | 1 << 2


@contextmanager
def unprivileged() -> Iterator[None]:
    """Without root's right to read and write everything, for this thread and those that it starts."""
    if os.geteuid():
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION, 0)
    rights = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, rights) == 0
    before = rights[0]
    rights[0] = before & ~_OVERRIDES
    assert libc.capset(header, rights) == 0
    try:
        yield
    finally:
        rights[0] = before
        assert libc.capset(header, rights) == 0
