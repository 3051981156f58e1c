"""The metrics and expressions of one request, or of one alarm, worked out for a row of periods."""

from collections.abc import Mapping, Sequence
from typing import Any

from local.emulator import metric_math
from local.emulator.metric_data import Metric, MetricStore, check_statistic, is_percentile, statistic
from local.emulator.metric_data import metric as named
from local.emulator.metric_math import Series

Span = tuple[float, float]


class Queries:
    """MetricDataQueries by their ids, over the same spans of time."""

    def __init__(self, store: MetricStore, queries: Sequence[Mapping[str, Any]], spans: Sequence[Span]) -> None:
        self._store = store
        self._queries = {query["Id"]: query for query in queries}
        self._spans = spans
        self._known: dict[str, Series] = {}

    def values(self, query_id: str, asked_by: tuple[str, ...] = ()) -> Series:
        """One value for each span. MetricMathError for an expression that cannot be calculated."""
        if query_id in asked_by or query_id not in self._queries:
            raise metric_math.MetricMathError(f"{query_id!r} is no id of a query, or its expression uses itself")
        if query_id not in self._known:
            self._known[query_id] = self._values(self._queries[query_id], (*asked_by, query_id))
        return self._known[query_id]

    def _values(self, query: Mapping[str, Any], asked_by: tuple[str, ...]) -> Series:
        if "MetricStat" in query:
            return stat_values(self._store, query["MetricStat"], self._spans)
        expression = query["Expression"]
        series = {name: self.values(name, asked_by) for name in metric_math.names_in(expression)}
        metrics = [self.values(name, asked_by) for name, one in self._queries.items() if "MetricStat" in one]
        return metric_math.calculate(expression, series, metrics, len(self._spans))


def stat_values(store: MetricStore, stat: Mapping[str, Any], spans: Sequence[Span]) -> Series:
    """Of a MetricStat: Metric, Stat and perhaps Unit. UnknownStatisticError."""
    check_statistic(stat["Stat"])
    metric, unit, values = metric_of(stat["Metric"]), stat.get("Unit") or None, is_percentile(stat["Stat"])
    windows = (store.window(metric, start, end, unit, values=values) for start, end in spans)
    return tuple(statistic(window, stat["Stat"]) for window in windows)


def metric_of(said: Mapping[str, Any]) -> Metric:
    """A metric as requests and alarms name it."""
    dimensions = {one["Name"]: one["Value"] for one in said.get("Dimensions") or []}
    return named(said["Namespace"], said["MetricName"], dimensions)
