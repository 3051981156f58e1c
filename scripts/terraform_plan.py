"""Terraform's plan while it is made: what it reads is counted and not listed, what it warns of or fails with is told.

A resource is read again at every plan, which Terraform says in a line for each: more than a hundred before the first
that matters.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

EXIT_NO_CHANGES, EXIT_CHANGES = 0, 2
"""Of `plan -detailed-exitcode`; every other exit code is an error."""


def said(lines: Iterable[str]) -> Iterator[str]:
    """What to print of the lines of `plan -json`: warnings and errors as they come, at the end how much was read.

    A line that is no JSON comes from something else, such as a provider that crashed, and is told as it is.
    """
    read = 0
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            yield line.rstrip("\n")
            continue
        if event.get("type") == "diagnostic":
            yield diagnostic(event["diagnostic"])
        read += event.get("type") == "refresh_complete"
    yield f"{read} resources read"


def diagnostic(found: Mapping[str, Any]) -> str:
    """A warning or an error in Terraform's words, with the place that it is about."""
    where = [f"with {found['address']}"] if found.get("address") else []
    if place := found.get("range"):
        where.append(f"on {place['filename']} line {place['start']['line']}")
    code = (found.get("snippet") or {}).get("code", "")
    parts = [f"{found['severity'].capitalize()}: {found['summary']}", ", ".join(where), code, found.get("detail", "")]
    return "\n".join(filter(None, parts)) + "\n"
