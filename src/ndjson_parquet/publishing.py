"""Publishing a sealed batch: from the tracking table's manifest item to a started conversion.

Every step may be repeated, by the function that sealed the batch or by the sweep, from any point:

1. the files of the batch, from its members items, or from the manifest object once that stands;
2. the manifest object, under a key that follows from the batch and only if it is not there;
3. files `pending` -> `manifested`, then the members items go;
4. the start, directly or by an event, unless the circuit breaker keeps it for the sweep.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.clients import Clients
from ndjson_parquet.dispatch import EventStarter, ExecutionStarter, GuardedStarter, Start, Starter
from ndjson_parquet.errors import MembersIncompleteError
from ndjson_parquet.file_status import FileStatuses
from ndjson_parquet.manifests import ManifestFile, ManifestRecord, manifest_key, parse, render
from ndjson_parquet.settings import PublishingSettings
from ndjson_parquet.store import ManifestStore
from ndjson_parquet.tracking import TrackingTable


def utc_now() -> datetime:
    return datetime.now(UTC)


class Publisher:
    """Publishes manifests; shared by every function that may."""

    def __init__(  # noqa: PLR0913 - one collaborator per step
        self,
        tracking: TrackingTable,
        files: FileStatuses,
        store: ManifestStore,
        starter: Starter,
        *,
        landing_prefix: str,
        target_part_bytes: int,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._tracking = tracking
        self._files = files
        self._store = store
        self._starter = starter
        self._landing_prefix = landing_prefix
        self._target_part_bytes = target_part_bytes
        self._clock = clock

    def publish_if_pending(self, date_prefix: str, batch_id: str) -> Start | None:
        """Publish a manifest as it stands in the table now; None when an execution has taken it up already.

        Raises:
            UnknownBatchError: there is no such manifest.
            MembersIncompleteError, BreakerOpenError: as `publish`.
        """
        manifest = self._tracking.manifest(date_prefix, batch_id)
        return self.publish(manifest) if manifest.status == "pending" else None

    def publish(self, manifest: ManifestRecord) -> Start:
        """Write the manifest object, mark its files, start its conversion.

        Raises:
            MembersIncompleteError: the batch's files cannot be told; nothing was written.
            BreakerOpenError: everything is done but the start.
        """
        members = self._tracking.members(manifest.date_prefix, manifest.batch_id)
        if len(members.files) == manifest.file_count:
            files = members.files
            self._store.put_if_absent(self._key(manifest), render(manifest, files, self._target_part_bytes))
        else:
            files = self._published_files(manifest, len(members.files))
        file_keys = [file.file_key(self._landing_prefix) for file in files]
        self._files.manifested(manifest, file_keys, self._clock())
        self._tracking.forget_members(manifest.date_prefix, members.item_keys)
        return self._starter.start(manifest, self._clock())

    def _published_files(self, manifest: ManifestRecord, listed: int) -> tuple[ManifestFile, ...]:
        body = self._store.get(self._key(manifest))
        if body is None:
            raise MembersIncompleteError(
                f"manifest {manifest.batch_id} of {manifest.date_prefix} counts {manifest.file_count} files, "
                f"{listed} are listed, and {self._store.uri(self._key(manifest))} does not exist"
            )
        return parse(body, self._store.uri(self._key(manifest)))

    def _key(self, manifest: ManifestRecord) -> str:
        return manifest_key(manifest.date_prefix, manifest.batch_id)


def publisher(settings: PublishingSettings, clients: Clients) -> Publisher:
    """The publisher of a function with these settings."""
    tracking = settings.tracking
    return Publisher(
        TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        FileStatuses(clients.dynamodb, tracking.tracking_table),
        ManifestStore(clients.s3, tracking.manifest_bucket),
        GuardedStarter(_starter(settings, clients), BreakerItem(clients.dynamodb, tracking.tracking_table)),
        landing_prefix=tracking.landing_prefix,
        target_part_bytes=settings.target_part_bytes,
    )


def _starter(settings: PublishingSettings, clients: Clients) -> Starter:
    if settings.event_bus_name:
        return EventStarter(clients.events, settings.event_bus_name)
    return ExecutionStarter(clients.stepfunctions, settings.state_machine_arn)
