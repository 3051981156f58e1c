"""The parts of state_manager, put together from its settings."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aws_lambda_powertools import Logger

from ndjson_parquet.batched import BatchedFiles
from ndjson_parquet.breaker import BreakerItem
from ndjson_parquet.clients import Clients
from ndjson_parquet.executions import Executions
from ndjson_parquet.file_items import FileItems
from ndjson_parquet.finishing import Finisher
from ndjson_parquet.landing_bucket import VersionedObjects
from ndjson_parquet.operations import (
    Discard,
    Flush,
    QueueName,
    Rebuild,
    Reconcile,
    Reconvert,
    Redrive,
    Release,
    Replay,
    Retry,
)
from ndjson_parquet.publishing import Publisher, utc_now
from ndjson_parquet.queues import Queue
from ndjson_parquet.reconciler_item import ReconcilerItem
from ndjson_parquet.recovery import Recovery
from ndjson_parquet.settings import SweepSettings
from ndjson_parquet.store import DeadLetters, ManifestStore
from ndjson_parquet.sweeping import SweepRules
from ndjson_parquet.tracking import TrackingTable
from state_manager.actions import Operations
from state_manager.announcing import Announcer
from state_manager.dead_letters import DeadLetterActions
from state_manager.manifests import ManifestActions
from state_manager.rebuild import RebuildAction
from state_manager.reconciler import ReconcileAction
from state_manager.reconvert import ReconvertAction
from state_manager.releasing import ReleaseAction
from state_manager.replaying import ReplayAction
from state_manager.service import StateManager


def state_manager(
    settings: SweepSettings, clients: Clients, publisher: Publisher, finisher: Finisher, logger: Logger
) -> StateManager:
    """The sweep of a function with these settings."""
    tracking = settings.publishing.tracking
    return StateManager(
        TrackingTable(clients.dynamodb, tracking.tracking_table, tracking.manifest_bucket),
        publisher,
        finisher,
        Executions(clients.stepfunctions, settings.publishing.state_machine_arn),
        clients.sqs,
        breaker=BreakerItem(clients.dynamodb, tracking.tracking_table),
        dead_letter_queue_url=settings.dead_letter_queue_url,
        shards=tracking.num_status_shards,
        rules=SweepRules(
            max_wait=timedelta(minutes=settings.max_wait_minutes),
            min_files=settings.min_files_for_partial_batch,
            max_attempts=settings.max_manifest_attempts,
            retry_backoff=timedelta(minutes=settings.retry_backoff_minutes),
            retention=timedelta(days=settings.input_retention_days),
        ),
        logger=logger,
    )


def operations(  # noqa: PLR0913 - one collaborator per step
    settings: SweepSettings,
    clients: Clients,
    publisher: Publisher,
    finisher: Finisher,
    logger: Logger,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Operations:
    """What an operator may ask of a function with these settings."""
    names = settings.publishing.tracking
    tracking = TrackingTable(clients.dynamodb, names.tracking_table, names.manifest_bucket)
    store = ManifestStore(clients.s3, names.manifest_bucket)
    batched = BatchedFiles(store, names.landing_prefix)
    files = FileItems(clients.dynamodb, names.tracking_table)
    landing = VersionedObjects(clients.s3, settings.input_bucket)
    file_events = Queue(clients.sqs, settings.file_events_queue_url)
    announcer = Announcer(file_events, settings.input_bucket, clients.s3.meta.region_name)
    ttl = timedelta(days=names.ttl_days)

    manifests = ManifestActions(tracking, publisher, shards=names.num_status_shards, clock=clock)
    replays = ReplayAction(
        landing,
        files,
        tracking,
        announcer,
        batched,
        landing_prefix=names.landing_prefix,
        ttl=ttl,
        clock=clock,
    )
    rebuilds = RebuildAction(
        tracking,
        Recovery(clients.dynamodb, names.tracking_table),
        store,
        finisher,
        landing_prefix=names.landing_prefix,
        shards=names.num_status_shards,
        ttl=ttl,
        clock=clock,
    )
    reconverts = ReconvertAction(tracking, store, publisher, clock=clock)
    releases = ReleaseAction(
        landing,
        VersionedObjects(clients.s3, settings.quarantine_bucket),
        files,
        announcer,
        landing_prefix=names.landing_prefix,
        clock=clock,
    )
    reconciler = ReconcileAction(
        landing,
        files,
        announcer,
        ReconcilerItem(clients.dynamodb, names.tracking_table),
        batched,
        landing_prefix=names.landing_prefix,
        ttl=ttl,
        clock=clock,
    )
    letters = DeadLetterActions(
        _dead_letter_queues(settings, clients),
        file_events,
        DeadLetters(clients.s3, settings.quarantine_bucket),
        clock=clock,
    )
    return Operations(
        {
            Flush: manifests.flush,
            Retry: manifests.retry,
            Replay: replays.replay,
            Release: releases.release,
            Reconcile: reconciler.reconcile,
            Rebuild: rebuilds.rebuild,
            Reconvert: reconverts.reconvert,
            Redrive: letters.redrive,
            Discard: letters.discard,
        },
        store,
        reconciler,
        logger=logger,
        clock=clock,
    )


def _dead_letter_queues(settings: SweepSettings, clients: Clients) -> dict[QueueName, Queue]:
    urls: dict[QueueName, str | None] = {
        "file-events": settings.dead_letter_queue_url,
        "stream": settings.stream_dead_letter_queue_url,
        "events": settings.events_dead_letter_queue_url,
    }
    return {name: Queue(clients.sqs, url) for name, url in urls.items() if url}
