"""What the operating system knows of the embedded AWS: its process, those it started, its port, whether it answers."""

import random
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from local.access import HOST

SERVER_MODULE = "local.emulator.server"


class Process(NamedTuple):
    """One line of the process list. `command` is the whole command line, `cpu_seconds` what it has used so far."""

    pid: int
    parent: int
    resident_bytes: int
    cpu_seconds: float
    command: str


def processes() -> list[Process]:
    """Every process that is not a zombie."""
    listed = subprocess.run(
        ["ps", "-ww", "-e", "-o", "pid=,ppid=,stat=,rss=,time=,command="], capture_output=True, text=True, check=True
    ).stdout
    fields = (line.split(maxsplit=5) for line in listed.splitlines())
    return [
        Process(int(pid), int(parent), int(resident) * 1024, cpu_seconds(time), command)
        for pid, parent, state, resident, time, command in (one for one in fields if len(one) == 6)
        if state[0] != "Z"
    ]


def cpu_seconds(text: str) -> float:
    """What `ps` calls TIME: `1-02:03:04` on Linux, `123:04.05` on macOS."""
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return int(days or 0) * 86_400 + seconds


def is_server(pid: int, home: Path) -> bool:
    """Whether the process is the embedded AWS of this home: the id may be another program's by now."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return SERVER_MODULE in listed and listed.rstrip().endswith(str(home))


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port whose last connections are still winding down is free to a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free_port() -> int:
    """None that the system gives to outgoing connections, one of which could take it before the server does."""
    candidates = random.sample(range(20_000, 32_000), 1_000)
    return next(port for port in candidates if is_free(port))


def answers(endpoint: str, ca_bundle: str | None) -> bool:
    """Whether the server is ready. Never through a proxy: the answer has to be this machine's."""
    trusted = Path(ca_bundle) if ca_bundle else None
    if trusted and not trusted.exists():
        return False
    context = ssl.create_default_context(cafile=trusted)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(f"{endpoint}/_ministack/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
