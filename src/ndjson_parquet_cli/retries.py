"""When a failed manifest is tried again, and what to do when it is not. The sweep's own rule, told as times. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ndjson_parquet.manifests import parse_time
from ndjson_parquet_cli.text import duration, moment
from ndjson_parquet_cli.values import Manifest


@dataclass(frozen=True, slots=True)
class RetryRules:
    """Attempts that the sweep makes on its own, and the wait before the second one, which then doubles."""

    max_attempts: int
    backoff: timedelta


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will happen to a failed manifest. `retry_at` is absent when nothing will."""

    attempts_left: int
    retry_at: datetime | None
    text: str


def outlook(manifest: Manifest, rules: RetryRules, now: datetime) -> Outlook:
    """What the sweep will do with a failed manifest, or what a person has to."""
    left = max(0, rules.max_attempts - manifest.attempts_spent)
    if not left:
        return Outlook(0, None, f"no attempts left: ndjson-parquet retry {manifest.batch_id}")
    at = parse_time(manifest.updated_at) + rules.backoff * 2 ** max(manifest.attempts_spent - 1, 0)
    following = f"attempt {manifest.attempts + 1} of {rules.max_attempts + manifest.refusals}"
    if at <= now:
        return Outlook(left, at, f"{following} with the next sweep")
    return Outlook(left, at, f"{following} at {moment(at)}, in {duration((at - now).total_seconds())}")
