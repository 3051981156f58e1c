"""The deployed pipeline as measurements of it need it: on an embedded AWS that notes its requests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from local.deployment import Deployment
from local.embedded_aws import EmbeddedAws
from local.emulator.switches import PROFILE, REQUEST_LOG
from local.pipeline import Clients, Pipeline


@dataclass(frozen=True)
class Stage:
    """Where it takes place; `requests` is the log of them."""

    home: Path
    aws: EmbeddedAws
    pipeline: Pipeline
    requests: Path


@contextmanager
def staged(home: Path, settings: Mapping[str, Any], console: Console, profile: Path | None = None) -> Iterator[Stage]:
    """The pipeline with these settings beside those of local.tfvars. It is kept in `home` for the next time.

    `profile` is where the embedded AWS writes its own when it ends; to sample takes about a tenth of its time.
    """
    home.mkdir(parents=True, exist_ok=True)
    requests = home.resolve() / "requests.ndjson"
    requests.unlink(missing_ok=True)
    switches = {REQUEST_LOG: str(requests)} | ({PROFILE: str(profile.resolve())} if profile else {})
    aws = EmbeddedAws(home / "aws", settings=switches)
    # The first time anywhere, so that a demo can go on at its own port; then always there.
    aws.start(port=None if (aws.home / "server.json").exists() else 0)
    try:
        with console.status("terraform apply"):
            outputs = Deployment(aws.environment(), home / "terraform", settings).apply()
        yield Stage(home, aws, Pipeline(Clients.of(aws), outputs), requests)
    finally:
        aws.stop()
