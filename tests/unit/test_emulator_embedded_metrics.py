"""Lines of a log that are CloudWatch's embedded metric format."""

import json
from typing import Any

import pytest
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.embedded_metrics import metrics_in
from local.emulator.metric_data import Datum, metric

NOW = 1000.0


def line(document: dict[str, Any], **directive: Any) -> str:
    defaults = {"Namespace": "N", "Dimensions": [["service"]], "Metrics": [{"Name": "Files", "Unit": "Count"}]}
    said = {"Timestamp": 5000, "CloudWatchMetrics": [{**defaults, **directive}]}
    return json.dumps({"_aws": said, "service": "s", "Files": 2, **document})


def test_one_value() -> None:
    assert metrics_in(line({}), NOW) == [Datum(metric("N", "Files", {"service": "s"}), 2.0, 5.0, "Count")]


def test_several_values_in_several_sets_of_dimensions() -> None:
    found = metrics_in(line({"Files": [1, 2.5], "reason": 7}, Dimensions=[["service"], ["reason", "service"]]), NOW)
    own, both = metric("N", "Files", {"service": "s"}), metric("N", "Files", {"service": "s", "reason": "7"})
    assert [(one.metric, one.value) for one in found] == [(own, 1), (own, 2.5), (both, 1), (both, 2.5)]


def test_a_metric_without_dimensions_and_unit() -> None:
    found = metrics_in(line({}, Dimensions=[[]], Metrics=[{"Name": "Files"}]), NOW)
    assert found == [Datum(metric("N", "Files"), 2.0, 5.0, "None")]


def test_without_a_time_it_is_that_of_the_line() -> None:
    document = json.loads(line({}))
    del document["_aws"]["Timestamp"]
    assert [one.at for one in metrics_in(json.dumps(document), NOW)] == [NOW]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("plain text", id="text"),
        pytest.param('{"message": "no metrics"}', id="json"),
        pytest.param('{"_aws": {"CloudWatchMetrics"', id="cut"),
        pytest.param('["_aws"]', id="list"),
        pytest.param('{"_aws": 1}', id="number"),
        pytest.param('{"_aws": {"CloudWatchMetrics": [7]}}', id="no-directive"),
        pytest.param(line({"Files": "many"}), id="no-number"),
        pytest.param(line({"Files": True}), id="boolean"),
        pytest.param(line({}, Namespace=""), id="no-namespace"),
        pytest.param(line({}, Dimensions=[["absent"]]), id="absent-dimension"),
        pytest.param(line({}, Metrics=[{"Name": "Absent"}]), id="absent-metric"),
    ],
)
def test_what_says_no_metrics_is_none(text: str) -> None:
    assert metrics_in(text, NOW) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, json_values, json_values)
def test_no_document_is_an_error(namespace: Any, dimensions: Any, metrics: Any) -> None:
    directive = {"Namespace": namespace, "Dimensions": dimensions, "Metrics": metrics}
    metrics_in(json.dumps({"_aws": {"CloudWatchMetrics": [directive]}}), NOW)


def test_what_powertools_prints_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = Metrics(namespace="NdjsonParquet", service="ndjson-parquet-test")
    metrics.add_metric(name="FilesReceived", unit=MetricUnit.Count, value=2)
    metrics.add_metric(name="FilesReceived", unit=MetricUnit.Count, value=3)
    metrics.add_metric(name="BytesConverted", unit=MetricUnit.Bytes, value=10)
    metrics.flush_metrics()
    found = metrics_in(capsys.readouterr().out.strip(), NOW)
    own = {"service": "ndjson-parquet-test"}
    assert {(one.metric, one.value, one.unit) for one in found} == {
        (metric("NdjsonParquet", "FilesReceived", own), 2, "Count"),
        (metric("NdjsonParquet", "FilesReceived", own), 3, "Count"),
        (metric("NdjsonParquet", "BytesConverted", own), 10, "Bytes"),
    }
