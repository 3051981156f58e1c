"""The work of the validator: a run begun, a dataset's files checked, the list of accepted files written."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lake_validator.checking import Verdict, check, refused_unread
from lake_validator.decisions import Day, RawFile, Record, quarantine_key
from lake_validator.files_table import FilesTable
from lake_validator.raw_zone import RawZone
from lake_validator.requests import Accept, Begin, Request, Validate
from lake_validator.token_key import TokenKey
from ndjson_parquet.manifests import record_time
from ndjson_parquet_lake.datasets import DATASETS, Dataset

SPARE_SECONDS: Final = 60
# Slower than any function reads: what is begun is finished.
SLOWEST_BYTES_PER_SECOND: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What a call decided, for the metrics: files by status, and of the quarantined ones by reason."""

    files: Counter[str]
    reasons: Counter[str]


class Validator:
    """One lake's validator. `remaining` tells the seconds that the call still has."""

    def __init__(
        self,
        zone: RawZone,
        table: FilesTable,
        token_key: TokenKey,
        crawlers: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        self._zone = zone
        self._table = table
        self._token_key = token_key
        self._crawlers = crawlers
        self._now = now

    def perform(self, request: Request, remaining: Callable[[], float], tally: Tally) -> dict[str, Any]:
        """Do what is asked for; the answer is what the state machine keeps of it."""
        match request:
            case Begin():
                return self._begin(request)
            case Validate():
                return self._validate(request, remaining, tally)
            case Accept():
                return self._accept(request)

    def _begin(self, request: Begin) -> dict[str, Any]:
        self._token_key.ensure()
        return {
            "date": request.date.isoformat(),
            "trigger": request.trigger,
            "datasets": list(DATASETS),
            "crawlers": list(self._crawlers),
            "accepted_rules": list(request.accepted_rules),
        }

    def _validate(self, request: Validate, remaining: Callable[[], float], tally: Tally) -> dict[str, Any]:
        dataset, date = DATASETS[request.dataset], request.date.isoformat()
        day = self._day(dataset, date)
        for number, file in enumerate(day.waiting):
            needed = SPARE_SECONDS + min(file.size_bytes, dataset.max_bytes) / SLOWEST_BYTES_PER_SECOND
            if number and remaining() < needed:
                return {"done": False, "counts": day.counts}
            record = self._decide(dataset, request, file, day)
            day.add(record)
            tally.files[record.status] += 1
            if record.status == "quarantined":
                tally.reasons[str(record.reason)] += 1
        return {"done": True, "counts": day.counts}

    def _accept(self, request: Accept) -> dict[str, Any]:
        date = request.date.isoformat()
        accepted = [record for dataset in DATASETS.values() for record in self._day(dataset, date).accepted]
        key = f"reports/accepted/date={date}/{request.run_id}.json"
        return {"uri": self._zone.write_list(key, [record.key for record in accepted]), "files": len(accepted)}

    def _day(self, dataset: Dataset, date: str) -> Day:
        return Day(self._zone.files(dataset.raw_prefix(date)), self._table.records(dataset.name, date))

    def _decide(self, dataset: Dataset, request: Validate, file: RawFile, day: Day) -> Record:
        """Copied before it is recorded: what a crash leaves is done again, and ends the same."""
        verdict = refused_unread(dataset, file.key, file.size_bytes) or self._read(dataset, file)
        status, reason, detail = day.judged(verdict, file.key)
        if status == "quarantined" and reason:
            target = quarantine_key(reason, dataset.name, request.date, file.key)
            self._zone.quarantine(file, target, reason, detail or "")
        record = Record(
            dataset=dataset.name,
            date=request.date.isoformat(),
            key=file.key,
            version_id=file.version_id,
            size_bytes=file.size_bytes,
            status=status,
            at=record_time(self._now()),
            md5=verdict.md5,
            rows=verdict.rows,
            reason=reason,
            detail=detail,
        )
        self._table.put(record)
        return record

    def _read(self, dataset: Dataset, file: RawFile) -> Verdict:
        return check(dataset, file.key, self._zone.chunks(file))
