"""Which shard's open batch a container writes to."""

from datetime import datetime, timedelta

STAY = timedelta(seconds=60)
"""How long a container keeps away from the shard where it met another writer."""


class ShardChoice:
    """Shard 0 while nobody contends, and the next one after a conflict.

    As few shards as the writers need: an open batch more is one that nobody fills, and a short run that Glue bills as a
    whole minute.
    """

    def __init__(self, shards: int) -> None:
        self._shards = shards
        self._shard = 0
        self._until: datetime | None = None

    def current(self, now: datetime) -> int:
        if self._until is not None and now >= self._until:
            self._shard, self._until = 0, None
        return self._shard

    def conflict(self, now: datetime) -> None:
        """Another writer won: move to the next shard and stay there a while."""
        self._shard = (self._shard + 1) % self._shards
        self._until = now + STAY
