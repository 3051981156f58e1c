"""The commit: from finished tasks to a visible batch, in the order that makes every step safe to be the last one that
happened.

Until the first upload is completed nothing can be seen. From then on a repeated run writes the same keys, and whoever
reads commit records sees the batch only when all of it is there: the record is written last.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ndjson_converter.catalog import Catalog
from ndjson_converter.columns import Schema, unite
from ndjson_converter.errors import InternalError, NotFoundError, SourcesGoneError, StorageError
from ndjson_converter.layout import Layout
from ndjson_converter.manifest import SourceFile
from ndjson_converter.rejects import reject_line
from ndjson_converter.s3 import Store
from ndjson_converter.tasks import MissingSource, Reader, ReadSource, WrittenPart
from ndjson_converter.upload import SentUpload, uploading

COMMIT_VERSION = 1

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Everything the tasks of a run have found and written. `unpinned` were missing before that."""

    schema: Schema
    parts: tuple[WrittenPart, ...]
    unpinned: tuple[MissingSource, ...] = ()

    @classmethod
    def of(cls, parts: tuple[WrittenPart, ...], unpinned: tuple[MissingSource, ...], max_columns: int) -> "Batch":
        """The batch with the columns of all keys that its sources have."""
        without_columns = cls(Schema((), 0), parts, unpinned)
        return replace(
            without_columns,
            schema=unite((keys for source in without_columns.read for keys in source.keys), max_columns),
        )

    @cached_property
    def read(self) -> tuple[ReadSource, ...]:
        return tuple(source for part in self.parts for source in part.sources if isinstance(source, ReadSource))

    @cached_property
    def missing(self) -> tuple[MissingSource, ...]:
        found = (source for part in self.parts for source in part.sources if isinstance(source, MissingSource))
        return (*self.unpinned, *found)

    @property
    def sent(self) -> list[tuple[WrittenPart, SentUpload]]:
        """The parts that are to be seen."""
        return [(part, part.sent) for part in self.parts if part.sent]

    @property
    def lines_in(self) -> int:
        return sum(source.lines_in for source in self.read)

    @property
    def lines_blank(self) -> int:
        return sum(source.lines_blank for source in self.read)

    @property
    def lines_rejected(self) -> int:
        return sum(source.lines_rejected for source in self.read)

    @property
    def rejected_by_reason(self) -> dict[str, int]:
        """In the order of the reasons' names, so that two runs say the same."""
        return dict(sorted(sum((source.rejected_by_reason for source in self.read), Counter[str]()).items()))

    @property
    def bytes_in(self) -> int:
        return sum(source.bytes_in for source in self.read)

    @property
    def rows_out(self) -> int:
        return sum(part.rows for part, _ in self.sent)

    @property
    def with_rejects(self) -> list[SourceFile]:
        return [source.source for source in self.read if source.lines_rejected]

    def to_record(self) -> dict[str, Any]:
        """What the commit record and the run report both say."""
        return {
            "files": len(self.read) + len(self.missing),
            "bytes_in": self.bytes_in,
            "lines_in": self.lines_in,
            "rows_out": self.rows_out,
            "lines_rejected": self.lines_rejected,
            "rejected_by_reason": self.rejected_by_reason,
            "lines_blank": self.lines_blank,
            "parts": [{"uri": part.uri, "rows": part.rows, "size_bytes": sent.size_bytes} for part, sent in self.sent],
            "missing": [
                {"uri": gone.source.uri, "etag": gone.source.etag, "reason": gone.reason} for gone in self.missing
            ],
            "columns": [column.name for column in self.schema.columns],
            "renamed": self.schema.renamed,
            "overflow_keys": self.schema.overflow_keys,
        }


def is_committed(store: Store, layout: Layout) -> bool:
    """Whether an earlier run has done the whole batch."""
    try:
        store.read(layout.commit_record)
    except NotFoundError:
        return False
    return True


def check_sources_remain(batch: Batch, store: Store, layout: Layout) -> None:
    """Refuse to replace the rows of an earlier conversion by fewer.

    Raises SourcesGoneError when the batch was committed before, and a source that was read then is gone.
    """
    if not batch.missing:
        return
    try:
        earlier = json.loads(store.read(layout.superseded_record))
    except NotFoundError:
        return
    known = {(entry["uri"], entry["etag"]) for entry in earlier["missing"]}
    gone = [one.source.uri for one in batch.missing if (one.source.uri, one.source.etag) not in known]
    if gone:
        raise SourcesGoneError(
            f"{len(gone)} of the sources that were converted before are gone, {gone[0]} for one, and this run would "
            f"replace their rows by none; nothing was changed. To keep them, move {layout.superseded_record} back to "
            f"{layout.commit_record} and retry the manifest"
        )


@contextmanager
def nothing_left_behind(store: Store, layout: Layout) -> Iterator[None]:
    """Abort the open uploads of the batch, of this run and of earlier ones, when the block fails."""
    try:
        yield
    except BaseException:
        try:
            abort_open_uploads(store, layout)
        except StorageError as error:
            _logger.warning("uploads are left open until the bucket's lifecycle ends them: %s", error)
        raise


def abort_open_uploads(store: Store, layout: Layout) -> None:
    """Abort those of parts and of rejects, whichever attempt started them."""
    for prefix in (layout.part_prefix, layout.rejects):
        for upload in store.list_uploads(prefix):
            if layout.is_part(upload.uri) or upload.uri == layout.rejects:
                store.abort_upload(upload)


@dataclass(frozen=True)
class Committer:
    """Makes a batch visible."""

    store: Store
    reader: Reader
    layout: Layout
    catalog: Catalog | None

    def commit(self, batch: Batch, record: dict[str, Any]) -> bool:
        """Publish parts, columns and rejects, then write the commit record: `record` and what the batch says.

        False, with nothing published, when another run has committed the batch while this one worked. That one may have
        read sources that were gone when this one came to them.
        """
        _check_counts(batch)
        if is_committed(self.store, self.layout):
            abort_open_uploads(self.store, self.layout)
            return False
        self._publish_parts(batch)
        if self.catalog:
            self.catalog.add_columns(batch.schema.arrow.names)
        self._publish_rejects(batch)
        document = {"version": COMMIT_VERSION, **record, **batch.to_record()}
        document["rejects_uri"] = self.layout.rejects if batch.lines_rejected else None
        for entry, gone in zip(document["missing"], batch.missing, strict=True):
            entry["quarantined_uri"] = self._quarantine(gone.source) if gone.is_unreadable else None
        self.store.write(self.layout.commit_record, json.dumps(document, indent=2, ensure_ascii=False).encode())
        return True

    def _publish_parts(self, batch: Batch) -> None:
        for _, sent in batch.sent:
            self.store.complete_upload(sent.upload, sent.etags)
        current = {part.uri for part, _ in batch.sent}
        there = filter(self.layout.is_part, self.store.list_objects(self.layout.part_prefix))
        self.store.delete([uri for uri in there if uri not in current])
        abort_open_uploads(self.store, self.layout)

    def _publish_rejects(self, batch: Batch) -> None:
        if not batch.lines_rejected:
            stale = [uri for uri in self.store.list_objects(self.layout.rejects) if uri == self.layout.rejects]
            self.store.delete(stale)
            return
        lines = 0
        with uploading(self.store, self.layout.rejects) as sink:
            for source in batch.with_rejects:
                for reject in self.reader.rejects(source):
                    sink.write(reject_line(source.uri, reject))
                    lines += 1
            if lines != batch.lines_rejected:
                raise InternalError(f"{batch.lines_rejected} lines were rejected, but {lines} are to be published")
            sent = sink.finish()
            self.store.complete_upload(sent.upload, sent.etags)

    def _quarantine(self, source: SourceFile) -> str | None:
        """Copy the source before its bucket's lifecycle deletes it. None when it has gone since it was read."""
        target = self.layout.quarantined(source.uri)
        try:
            self.store.write(target, self.store.read_source(source))
        except NotFoundError:
            return None
        return target


def _check_counts(batch: Batch) -> None:
    if batch.lines_in != batch.rows_out + batch.lines_rejected:
        raise InternalError(
            f"{batch.lines_in} lines were read, but {batch.rows_out} rows written and {batch.lines_rejected} lines "
            "rejected; nothing was committed. This is a defect of the converter"
        )
