"""Every metric is declared, documented and printed as CloudWatch reads it."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from ndjson_parquet.metrics import (
    UNITS,
    BuilderMetric,
    EndingMetric,
    ExportMetric,
    LakeFileMetric,
    LakeQualityMetric,
    Meter,
    PublishingMetric,
    ReasonedMetric,
    ReconcilerMetric,
    SweepMetric,
)

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
ROW = re.compile(
    r"^\| `(?P<name>\w+)` \| (?P<unit>\w+) \| (?P<by>[\w, ]+) \| (?P<meaning>.+) \| (?P<range>.+) \|$", re.M
)
ROWS = {row["name"]: row for row in ROW.finditer(DOCUMENT.read_text())}
# The sweep knows of no Glue run.
OF_A_RUN = {"ConversionSeconds", "ManifestCostUsd"}
EMITTERS = {
    "manifest_builder": {*get_args(BuilderMetric), *get_args(PublishingMetric)},
    "stream_manifest_creator": set(get_args(PublishingMetric)),
    "status_updater": set(get_args(EndingMetric)),
    "lake_validator": set(get_args(LakeFileMetric)),
    "lake_quality": set(get_args(LakeQualityMetric)),
    "export state machines": set(get_args(ExportMetric)),
    "state_manager": {
        *get_args(SweepMetric),
        *get_args(ReconcilerMetric),
        *(set(get_args(EndingMetric)) - OF_A_RUN),
    },
}


def test_the_document_has_what_is_declared_and_nothing_else() -> None:
    assert {name: row["unit"] for name, row in ROWS.items()} == {name: unit.value for name, unit in UNITS.items()}


@pytest.mark.parametrize("function", EMITTERS)
def test_the_document_says_who_emits_it(function: str) -> None:
    assert {name for name, row in ROWS.items() if function in row["by"].split(", ")} == EMITTERS[function]


def test_what_is_divided_by_reason_is_declared() -> None:
    assert set(get_args(ReasonedMetric)) <= UNITS.keys()


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "NdjsonParquet")
    return Meter("test")


def lines(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def values(printed: list[dict[str, Any]], name: str) -> Iterator[float]:
    for line in printed:
        yield from line.get(name, [])


def run(meter: Meter, work: Callable[[], None]) -> None:
    meter.emitted(lambda _event, _context: work())({}, None)


def test_a_line_has_one_dimension_and_each_unit(meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        meter.add("FilesReceived", 3)
        meter.add("FreshnessSeconds", 61.5)
        meter.add("ManifestCostUsd", 0.03)

    run(meter, work)
    [line] = lines(capsys.readouterr().out)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert (directive["Namespace"], directive["Dimensions"]) == ("NdjsonParquet", [["service"]])
    assert {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]} == {
        "FilesReceived": "Count",
        "FreshnessSeconds": "Seconds",
        "ManifestCostUsd": "None",
    }
    assert (line["service"], line["FilesReceived"], line["ManifestCostUsd"]) == ("ndjson-parquet-test", [3], [0.03])


def test_a_reason_is_a_further_dimension(meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    meter.add_by_reason("FilesQuarantined", {"empty": 2, "too_large": 1})
    found = lines(capsys.readouterr().out)
    assert [line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in found] == [[["service", "reason"]]] * 2
    assert [(line["service"], line["reason"], line["FilesQuarantined"]) for line in found] == [
        ("ndjson-parquet-test", "empty", [2]),
        ("ndjson-parquet-test", "too_large", [1]),
    ]


def test_what_was_counted_before_a_failure_is_printed(meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        meter.add("MessagesReceived", 10)
        raise ValueError("no table")

    with pytest.raises(ValueError, match="no table"):
        run(meter, work)
    assert list(values(lines(capsys.readouterr().out), "MessagesReceived")) == [10]


def test_no_line_exceeds_the_limits_of_the_format(meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> None:
        for name in UNITS:
            for _ in range(101):
                meter.add(name)

    run(meter, work)
    found = lines(capsys.readouterr().out)
    for line in found:
        declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
        assert len(declared) <= 100
        assert max(len(line[metric["Name"]]) for metric in declared) <= 100
        assert line["service"] == "ndjson-parquet-test"
    assert {name: sum(values(found, name)) for name in UNITS} == dict.fromkeys(UNITS, 101)


def test_an_undeclared_name_is_refused(meter: Meter) -> None:
    with pytest.raises(KeyError, match="FilesLost"):
        meter.add("FilesLost")  # type: ignore[arg-type]  # what the type check keeps out
