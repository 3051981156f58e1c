"""The work of the quality function: the catalog compared, a day's rules checked, a run finished."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lake_quality import finishing, queries, report
from lake_quality.athena import Athena
from lake_quality.evaluation import Result, evaluate, passes
from lake_quality.facts import DayFacts
from lake_quality.lake import Catalog, Reports
from lake_quality.runs import Runs
from ndjson_parquet.errors import MalformedEventError
from ndjson_parquet.manifests import record_time
from ndjson_parquet.metrics import LakeQualityMetric
from ndjson_parquet_lake.datasets import DATASETS

# As many names as an alert can be read with; the report has all.
NAMES_TOLD: Final = 20
MERGE: Final = "master_data_merge"


@dataclass
class Measured:
    """What a call found, for the metrics."""

    values: dict[LakeQualityMetric, float] = field(default_factory=dict)
    failed_kinds: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Quality:
    """One lake's quality checks. `dpu_hour_usd`: what an hour of a data processing unit costs."""

    athena: Athena
    catalog: Catalog
    reports: Reports
    runs: Runs
    databases: queries.Databases
    dpu_hour_usd: float
    now: Callable[[], datetime]

    def perform(self, event: Mapping[str, Any], measured: Measured) -> dict[str, Any]:
        """Do what the state machine asks for. Raises MalformedEventError for an unknown action."""
        match event.get("action"):
            case "catalog":
                return {"tables": self.catalog.check()}
            case "check":
                return self._check(event["date"], event["run_id"], event["accepted_rules"], measured)
            case "finish":
                return self._finish(event, measured)
        raise MalformedEventError(f"action is {event.get('action')!r}; allowed are catalog, check and finish")

    def facts(self, date: str) -> dict[str, DayFacts]:
        """What each dataset's day is judged by."""
        common = {
            "rejects": queries.rejects_query(self.databases, date),
            "history": queries.history_query(self.databases, date),
            "references": queries.references_query(self.databases, date),
        }
        of_days = {name: queries.day_query(dataset, self.databases, date) for name, dataset in DATASETS.items()}
        rows = self.athena.rows({**common, **of_days})
        days = {name: rows[name][0] for name in of_days}
        return queries.facts_of(date, days, rows["rejects"], rows["history"], rows["references"])

    def _check(self, date: str, run_id: str, accepted: list[str], measured: Measured) -> dict[str, Any]:
        facts = self.facts(date)
        results = [one for name, day in facts.items() for one in evaluate(DATASETS[name], day, date, accepted)]
        self._write_results(results, date, run_id)
        uri = self._write_page(results, facts, date, run_id)
        self._measure(results, facts, measured)
        failed = sorted(result.rule for result in results if result.outcome == "failed")
        held = ",".join(self.runs.held_beside(date))
        return {"passed": passes(results), "failed_rules": failed[:NAMES_TOLD], "held": held, "report": uri}

    def _write_results(self, results: list[Result], date: str, run_id: str) -> None:
        body = report.table_rows(results, run_id, record_time(self.now()))
        self.reports.write(f"{report.RESULTS_FOLDER}/date={date}/results.json", body, "application/json")

    def _write_page(self, results: list[Result], facts: Mapping[str, DayFacts], date: str, run_id: str) -> str:
        text = report.page(results, facts, date, run_id)
        return self.reports.write(f"{report.REPORTS_FOLDER}/date={date}/{run_id}.md", text.encode(), "text/markdown")

    def _measure(self, results: list[Result], facts: Mapping[str, DayFacts], measured: Measured) -> None:
        outcomes = Counter(result.outcome for result in results)
        measured.values |= {
            "LakeRulesChecked": len(results),
            "LakeRulesFailed": outcomes["failed"],
            "LakeRulesWarned": outcomes["warned"],
            "LakeRowsArrived": sum(day.arrived for day in facts.values()),
            "LakeRowsRejected": sum(day.arrived - day.accepted for day in facts.values()),
        }
        measured.failed_kinds.update(result.kind for result in results if result.outcome == "failed")

    def _finish(self, event: Mapping[str, Any], measured: Measured) -> dict[str, Any]:
        runs = [finishing.JobRun.of(run) for run in event["job_runs"]]
        written = finishing.written_tables(
            self.reports.read(f"reports/{MERGE}/date={event['date']}/{runs[-1].run_id}.json")
        )
        query = {"curated": finishing.curated_query(self.databases, written)} if written else {}
        found = self.athena.rows(query).get("curated", [])
        rows = finishing.check_curated(written, found)
        cost = finishing.cost_usd(runs, self.dpu_hour_usd, self.athena.scanned_bytes)
        seconds = finishing.seconds_since(event["started_at"], self.now())
        measured.values |= {"LakeRunsDone": 1, "LakeRunSeconds": seconds, "LakeRunCostUsd": cost}
        return {"rows": rows, "cost_usd": cost, "seconds": seconds}
