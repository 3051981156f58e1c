"""What CloudWatch says: the dashboard's body, the values of its graphs, the states of its alarms."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.dashboard.widgets import Alarms, Graph, Place, Widget, Window

_ALARMS_AT_ONCE = 100

Series = Sequence[tuple[datetime, float]]


class NoDashboardError(LookupError):
    """There is no such dashboard; the message says what to do."""


@dataclass(frozen=True)
class Readings:
    """Values by the place of a graph and the id of a line, oldest first, and the states of alarms by their names."""

    graphs: Mapping[Place, Mapping[str, Series]]
    alarms: Mapping[str, str]


class CloudWatch:
    """One CloudWatch, by its client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def body(self, name: str) -> dict[str, Any]:
        """The body of a dashboard. NoDashboardError."""
        try:
            return dict(json.loads(self._client.get_dashboard(DashboardName=name)["DashboardBody"]))
        except self._client.exceptions.DashboardNotFoundError as error:
            raise NoDashboardError(
                f"there is no dashboard {name}: make demo deploys one, unless enable_dashboard is false"
            ) from error

    def read(self, widgets: Iterable[Widget], window: Window) -> Readings:
        """The values of the window and the states of now."""
        graphs: dict[Place, Mapping[str, Series]] = {}
        states: dict[str, str] = {}
        for widget in widgets:
            match widget.content:
                case Graph() as graph:
                    graphs[widget.place] = self._values(graph, window)
                case Alarms(names=names):
                    states |= self._states(names)
        return Readings(graphs, states)

    def _values(self, graph: Graph, window: Window) -> dict[str, Series]:
        values: dict[str, list[tuple[datetime, float]]] = {}
        pages = self._client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=graph.queries,
            StartTime=window.start,
            EndTime=window.end,
            ScanBy="TimestampAscending",
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                times = (at.astimezone(UTC) for at in result["Timestamps"])
                values.setdefault(result["Id"], []).extend(zip(times, result["Values"], strict=True))
        return dict(values)

    def _states(self, names: Sequence[str]) -> dict[str, str]:
        states = {}
        for first in range(0, len(names), _ALARMS_AT_ONCE):
            answer = self._client.describe_alarms(
                AlarmNames=list(names[first : first + _ALARMS_AT_ONCE]),
                AlarmTypes=["MetricAlarm", "CompositeAlarm"],
                MaxRecords=_ALARMS_AT_ONCE,
            )
            found = (alarm for kind in ("MetricAlarms", "CompositeAlarms") for alarm in answer[kind])
            states.update({alarm["AlarmName"]: alarm["StateValue"] for alarm in found})
        return states
