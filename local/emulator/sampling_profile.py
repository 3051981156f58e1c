"""Where the server's threads spend their time, sampled a hundred times a second, for measurements.

Only with NDJSON_PARQUET_PROFILE, which names the file that is written when the server ends: a JSON object of functions,
each with the share of the samples in which a thread that was not waiting was in it, or in what it called.
"""

import atexit
import json
import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from local.emulator.switches import PROFILE

EVERY_SECONDS = 0.01
KEPT = 200
# A thread in one of these does nothing.
WAITING = frozenset({"wait", "select", "poll", "accept", "recv_into", "readline", "get", "_sample", "_worker", "sleep"})


def install() -> None:
    """Begin to sample, if that is wanted."""
    if not (name := os.environ.get(PROFILE)):
        return
    counts: Counter[str] = Counter()
    threading.Thread(target=_sample, args=(counts,), daemon=True).start()
    atexit.register(lambda: Path(name).write_text(json.dumps(shares(counts), indent=2) + "\n"))


def shares(counts: Counter[str]) -> dict[str, float]:
    """The most frequent functions as shares of all samples; `""` counts the samples."""
    total = counts[""] or 1
    return {name: round(count / total, 4) for name, count in counts.most_common(KEPT) if name}


def _sample(counts: Counter[str]) -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        for frame in sys._current_frames().values():
            if frame.f_code.co_name not in WAITING:
                counts[""] += 1
                counts.update(set(_names(frame)))


def _names(frame: FrameType | None) -> list[str]:
    """The functions of a stack, as `dynamodb.handle_request`."""
    names = []
    while frame:
        names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
        frame = frame.f_back
    return names
