"""The status of single files, changed for a whole manifest at a time.

PartiQL statements in a batch are independent conditional writes: 25 a call, half the write units of a transaction, and
one that finds its work done does not undo the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ndjson_parquet.errors import StatusChangeError
from ndjson_parquet.items import to_item
from ndjson_parquet.manifests import ManifestRecord, record_time

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATEMENTS_PER_CALL = 25


@dataclass(frozen=True, slots=True)
class _Change:
    """A transition: the status it gives, those it may leave, and the attributes it sets."""

    status: str
    leaves: tuple[str, ...]
    attributes: Mapping[str, Any]
    forgets: tuple[str, ...] = ()


class FileStatuses:
    """The files of a manifest: `pending#N` -> `manifested#N` -> `completed#N` or `failed#N`.

    Every method returns how many files it changed. Those that are further already, in another manifest since they were
    released, or not tracked, stay as they are.
    """

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def manifested(self, manifest: ManifestRecord, file_keys: Iterable[str], now: datetime) -> int:
        change = _Change("manifested", ("pending",), {"manifest_path": manifest.manifest_path})
        return self._apply(change, manifest, file_keys, now)

    def completed(
        self, manifest: ManifestRecord, file_keys: Iterable[str], glue_job_run_id: str, now: datetime, ttl: timedelta
    ) -> int:
        attributes = {"glue_job_run_id": glue_job_run_id, "ttl": int((now + ttl).timestamp())}
        change = _Change("completed", ("pending", "manifested", "failed"), attributes, forgets=("error_message",))
        return self._apply(change, manifest, file_keys, now)

    def failed(self, manifest: ManifestRecord, file_keys: Iterable[str], message: str, now: datetime) -> int:
        change = _Change("failed", ("pending", "manifested"), {"error_message": message})
        return self._apply(change, manifest, file_keys, now)

    def _apply(self, change: _Change, manifest: ManifestRecord, file_keys: Iterable[str], now: datetime) -> int:
        statements = [self._statement(change, manifest, file_key, now) for file_key in file_keys]
        chunks = [statements[i : i + STATEMENTS_PER_CALL] for i in range(0, len(statements), STATEMENTS_PER_CALL)]
        return sum(self._execute(chunk) for chunk in chunks)

    def _statement(self, change: _Change, manifest: ManifestRecord, file_key: str, now: datetime) -> dict[str, Any]:
        values = {"status": f"{change.status}#{manifest.shard}", "updated_at": record_time(now), **change.attributes}
        is_before = f'"status" IN [{", ".join("?" for _ in change.leaves)}]'
        is_still_of_this_manifest = '"batch_id" = ?'
        parameters = [
            *values.values(),
            manifest.date_prefix,
            file_key,
            *(f"{status}#{manifest.shard}" for status in change.leaves),
            manifest.batch_id,
        ]
        return {
            "Statement": f'UPDATE "{self._table}" '
            + " ".join(f'SET "{name}" = ?' for name in values)
            + "".join(f' REMOVE "{name}"' for name in change.forgets)
            + f' WHERE "date_prefix" = ? AND "file_key" = ? AND {is_before} AND {is_still_of_this_manifest}',
            "Parameters": list(to_item({str(n): value for n, value in enumerate(parameters)}).values()),
        }

    def _execute(self, statements: Sequence[Any]) -> int:
        responses = self._client.batch_execute_statement(Statements=statements)["Responses"]
        codes = [response.get("Error", {}).get("Code") for response in responses]
        failures = [response["Error"] for response, code in zip(responses, codes, strict=True) if code not in _SETTLED]
        if failures:
            first = failures[0]
            raise StatusChangeError(
                f"{len(failures)} of {len(statements)} files kept their status in table {self._table}: "
                f"{first.get('Code')}: {first.get('Message')}"
            )
        return codes.count(None)


_SETTLED = (None, "ConditionalCheckFailed")
