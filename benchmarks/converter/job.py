"""What an engine is asked to do, as the processes tell each other."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

TIMESTAMP = "2026-11-20T16:10:00.000000Z"
# Before the seconds of the work itself, in what an engine prints.
WORK_SECONDS = "work seconds: "


@dataclass(frozen=True)
class Job:
    """What to convert, and into which empty folder; `keys` are all keys of the files."""

    files: list[str]
    keys: list[str]
    output: str
    cores: int

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))

    @classmethod
    def load(cls, path: Path) -> "Job":
        return cls(**json.loads(path.read_text()))
