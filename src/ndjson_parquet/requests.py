"""Reading the requests of operations: each parameter checked, and everything that is wrong told at once. No I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.manifests import parse_time, record_time
from ndjson_parquet.operations import (
    QUEUE_NAMES,
    Cursor,
    Discard,
    Flush,
    QueueName,
    Rebuild,
    Reconcile,
    Reconvert,
    Redrive,
    Release,
    Replay,
    Request,
    Retry,
    Sweep,
)


def parse_request(event: Mapping[str, Any], now: datetime) -> Sweep | Request:
    """The request of an event.

    Raises:
        MalformedEventError: the action is unknown, or its parameters are; the text names each and what is allowed.
    """
    action = event.get("action")
    if not isinstance(action, str) or action not in _PARSERS:
        raise MalformedEventError(f"action is {action!r}; it must be one of {', '.join(_PARSERS)}")
    parameters = _Parameters(event, now)
    request = _PARSERS[action](parameters)
    parameters.finish(action)
    return request


@dataclass
class _Parameters:
    """Reads the parameters of an event, and collects what is wrong with them."""

    event: Mapping[str, Any]
    now: datetime
    known: list[str] = field(default_factory=lambda: ["action"])
    problems: list[str] = field(default_factory=list)

    def finish(self, action: str) -> None:
        unknown = sorted(set(self.event) - set(self.known))
        if unknown:
            names = ", ".join(sorted(set(self.known)))
            self.problems.append(f"unknown parameters {', '.join(map(repr, unknown))}, known are {names}")
        if self.problems:
            raise MalformedEventError(f"{action} cannot be done: {'; '.join(self.problems)}")

    def given(self, name: str) -> Any:
        self.known.append(name)
        return self.event.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.given(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.problems.append(f"{name} is {value!r}; it must be text")
            return ""
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.given(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            self.problems.append(f"{name} is {value!r}; it must be a list of text that is not empty")
            return ()
        return tuple(dict.fromkeys(value))

    def flag(self, name: str) -> bool:
        value = self.given(name)
        if value not in (None, True, False):
            self.problems.append(f"{name} is {value!r}; it must be true or false")
        return value is True

    def integer(self, name: str, minimum: int, maximum: int, default: int | None) -> int | None:
        value = self.given(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not minimum <= value <= maximum:
            self.problems.append(f"{name} is {value!r}; it must be a whole number from {minimum} to {maximum}")
            return default
        return value

    def time(self, name: str) -> datetime | None:
        value = self.given(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (ValueError, TypeError):
            self.problems.append(f"{name} is {value!r}; it must be an ISO 8601 time, such as 2026-11-20T16:00:00Z")
            return None
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)

    def dates(self, name: str) -> tuple[str, ...]:
        dates = self.texts(name)
        for text in dates:
            try:
                date.fromisoformat(text)
            except ValueError:
                self.problems.append(f"{name} holds {text!r}, which is no date such as 2026-11-20")
        return dates

    def manifests(self, name: str) -> tuple[tuple[str, str], ...] | None:
        """(date, batch) of each; None when there are none given."""
        value = self.given(name)
        if value is None:
            return None
        try:
            manifests = tuple((str(one["date_prefix"]), str(one["batch_id"])) for one in value)
        except (TypeError, KeyError):
            manifests = ()
        if not manifests:
            self.problems.append(f"{name} is {value!r}; it must be a list of {{date_prefix, batch_id}}")
        return manifests

    def queue(self) -> QueueName:
        name = self.text("queue", "file-events")
        if name not in QUEUE_NAMES:
            self.problems.append(f"queue is {name!r}; it must be one of {', '.join(QUEUE_NAMES)}")
        return cast(QueueName, name)

    def common(self) -> dict[str, Any]:
        return {"by": self.text("by"), "dry_run": self.flag("dry_run"), "cursor": self._cursor()}

    def _cursor(self) -> Cursor:
        asked_at = min(self.time("at") or self.now, self.now)
        value = self.given("cursor")
        if value is None:
            return Cursor(record_time(asked_at))
        kinds = {one.name: one.type for one in fields(Cursor)}
        try:
            cursor = Cursor(**value)
            if any(not isinstance(entry, kinds[name]) for name, entry in value.items()):  # type: ignore[arg-type]
                raise TypeError(value)
            parse_time(cursor.at)
        except (TypeError, ValueError):
            self.problems.append(f"cursor is {value!r}; it must be one that an answer holds, as it is")
            return Cursor(record_time(asked_at))
        return cursor


def _flush(parameters: _Parameters) -> Request:
    return Flush(**parameters.common())


def _retry(parameters: _Parameters) -> Request:
    manifests, all_failed = parameters.manifests("manifests"), parameters.flag("all_failed")
    if (manifests is None) != all_failed:
        parameters.problems.append("it needs either manifests or all_failed: true")
    return Retry(**parameters.common(), manifests=manifests or ())


def _replay(parameters: _Parameters) -> Request:
    keys, prefix = parameters.texts("keys"), parameters.text("prefix", "")
    since, until = parameters.time("from"), parameters.time("to")
    if bool(keys) == bool(prefix):
        parameters.problems.append("it needs either keys or prefix")
    if keys and (since or until):
        parameters.problems.append("from and to go with prefix, not with keys")
    if since and until and since >= until:
        parameters.problems.append(f"from is {since:%Y-%m-%dT%H:%M:%SZ}, which is not before to")
    return Replay(
        **parameters.common(),
        keys=keys,
        prefix=prefix,
        since=since,
        until=until,
        again=parameters.flag("again"),
        old=parameters.flag("old"),
        limit=parameters.integer("limit", 1, 10**9, None),
    )


def _release(parameters: _Parameters) -> Request:
    keys = parameters.texts("keys")
    if not keys:
        parameters.problems.append("it needs keys")
    return Release(**parameters.common(), keys=keys)


def _reconcile(parameters: _Parameters) -> Request:
    common = parameters.common()
    asked_at = common["cursor"].asked_at
    today_and_yesterday = tuple((asked_at - timedelta(days=days)).date().isoformat() for days in (1, 0))
    minutes = parameters.integer("min_age_minutes", 0, 10_080, 15) or 0
    dates = parameters.dates("dates") or today_and_yesterday
    return Reconcile(**common, dates=dates, min_age=timedelta(minutes=minutes))


def _rebuild(parameters: _Parameters) -> Request:
    return Rebuild(**parameters.common(), dates=parameters.dates("dates"), since=parameters.time("since"))


def _reconvert(parameters: _Parameters) -> Request:
    manifests, dates = parameters.manifests("manifests"), parameters.dates("dates")
    if (manifests is None) != bool(dates):
        parameters.problems.append("it needs either manifests or dates")
    limit = parameters.integer("limit", 1, 10**9, None)
    return Reconvert(**parameters.common(), manifests=manifests or (), dates=dates, limit=limit)


def _redrive(parameters: _Parameters) -> Request:
    return Redrive(**parameters.common(), message_ids=parameters.texts("message_ids"), queue=parameters.queue())


def _discard(parameters: _Parameters) -> Request:
    ids = parameters.texts("message_ids")
    if not ids:
        parameters.problems.append("it needs message_ids: nothing is discarded unseen")
    return Discard(**parameters.common(), message_ids=ids, queue=parameters.queue())


def _sweep(parameters: _Parameters) -> Sweep:
    parameters.given("by")
    return Sweep()


_PARSERS: Mapping[str, Callable[[_Parameters], Sweep | Request]] = {
    "sweep": _sweep,
    "flush": _flush,
    "retry": _retry,
    "replay": _replay,
    "release": _release,
    "reconcile": _reconcile,
    "rebuild": _rebuild,
    "reconvert": _reconvert,
    "redrive": _redrive,
    "discard": _discard,
}
