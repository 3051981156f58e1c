"""Which shard's open batch a container writes to."""

import random
from datetime import datetime, timedelta

STAY = timedelta(seconds=60)
"""How long a container keeps away from the shard where it met another writer."""


class ShardChoice:
    """Shard 0 while nobody contends, so that a quiet pipeline fills whole batches; another after a conflict."""

    def __init__(self, shards: int, generator: random.Random | None = None) -> None:
        self._shards = shards
        self._random = generator or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._shard = 0
        self._until: datetime | None = None

    def current(self, now: datetime) -> int:
        if self._until is not None and now >= self._until:
            self._shard, self._until = 0, None
        return self._shard

    def conflict(self, now: datetime) -> None:
        """Another writer won: move to another shard and stay there a while."""
        others = [shard for shard in range(self._shards) if shard != self._shard]
        self._shard = self._random.choice(others) if others else 0
        self._until = now + STAY
