"""Which files the manifests of a date name: they remember what the tracking table has forgotten.

A file whose item has expired, or was lost with the table, is not a new file while a manifest names it: announced again,
it would be converted twice.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

from ndjson_parquet.manifests import ManifestFile, parse
from ndjson_parquet.reconciling import Identity
from ndjson_parquet.store import ManifestStore

DATES_KEPT = 3
"""A day of 400,000 files takes about 40 MB."""
READERS = 16
_DIGEST_BYTES = 12


class BatchedFiles:
    """Reads the manifests of a date when it is first asked about one of its files."""

    def __init__(self, store: ManifestStore, landing_prefix: str) -> None:
        self._store = store
        self._landing_prefix = landing_prefix
        self._dates: OrderedDict[str, Mapping[bytes, str]] = OrderedDict()

    def manifest_of(self, identities: Iterable[Identity]) -> str | None:
        """The object key of a manifest that names the file under one of these; None when none does.

        Raises:
            ManifestError: a manifest of its dates cannot be read, so that nobody knows what it names.
        """
        return next(filter(None, map(self._manifest_of, identities)), None)

    def _manifest_of(self, identity: Identity) -> str | None:
        date = identity.date_prefix
        if date not in self._dates:
            self._dates[date] = self._read(date)
        self._dates.move_to_end(date)
        while len(self._dates) > DATES_KEPT:
            self._dates.popitem(last=False)
        return self._dates[date].get(_digest(identity.file_key))

    def forget(self) -> None:
        """Manifests may have been added: read them again."""
        self._dates.clear()

    def _read(self, date: str) -> Mapping[bytes, str]:
        keys = [key for key, _ in self._store.listed(f"manifests/{date}/", "")]
        with ThreadPoolExecutor(READERS) as pool:
            files = pool.map(self._files, keys)
            return {
                _digest(file.file_key(self._landing_prefix)): key
                for key, named in zip(keys, files, strict=True)
                for file in named
            }

    def _files(self, key: str) -> tuple[ManifestFile, ...]:
        body = self._store.get(key)
        return () if body is None else parse(body, self._store.uri(key))


def _digest(file_key: str) -> bytes:
    return blake2b(file_key.encode(), digest_size=_DIGEST_BYTES).digest()
