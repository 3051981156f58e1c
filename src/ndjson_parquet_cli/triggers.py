"""What makes a function run, and what follows when it is switched off. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from ndjson_parquet_cli.values import Trigger, TriggerName


@dataclass(frozen=True, slots=True)
class _Meaning:
    """`is_failure`: switched off is wrong; else it may be a setting, which cannot be told from here."""

    fine: str
    off: str
    remedy: str
    is_failure: bool = True


_MEANINGS: Mapping[TriggerName, _Meaning] = {
    "file events": _Meaning(
        "manifest_builder takes them from the queue",
        "nobody takes them: the event source mapping of manifest_builder is {said}",
        "docs/runbooks/file-events-wait.md",
    ),
    "stream": _Meaning(
        "stream_manifest_creator takes manifests from the table",
        "manifests wait for the sweep: the event source mapping of stream_manifest_creator is {said}",
        "make apply puts back what was deployed",
    ),
    "reconciler": _Meaning(
        "its schedule is enabled",
        "lost events are not found: its schedule is {said}",
        "docs/runbooks/reconciler-not-running.md, or enable_reconciler = true",
        is_failure=False,
    ),
}


def verdict(trigger: Trigger) -> bool | None:
    """Whether it is as it should be; None when that cannot be told."""
    if trigger.enabled is not False:
        return trigger.enabled
    return False if _MEANINGS[trigger.name].is_failure else None


def told(trigger: Trigger) -> str:
    """How it stands, in words."""
    if trigger.enabled is None:
        return f"cannot be told: {trigger.said}"
    meaning = _MEANINGS[trigger.name]
    return meaning.fine if trigger.enabled else meaning.off.format(said=trigger.said)


def remedy(trigger: Trigger) -> str:
    """What to do when it is not as it should be; empty when it is."""
    if trigger.enabled:
        return ""
    return "docs/command-line.md, Rights" if trigger.enabled is None else _MEANINGS[trigger.name].remedy
