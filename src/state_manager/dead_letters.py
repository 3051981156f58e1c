"""What an operator does with dead letters: redrive and discard.

Only the queue of file events has letters to send again. A letter of the stream's or the event bus's queue says that a
manifest was not published; that manifest is `pending` in the table, and the sweep publishes it. There redrive keeps the
letter in quarantine, as discard does, and takes it off its queue.

A letter is sent, or kept, before it is removed: what is repeated is a duplicate, and nothing is lost. Letters that are
not meant stay hidden while a pass lasts, or they would come round again, and are then given back.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ndjson_parquet.operations import MAX_ITEMS, Budget, Cursor, Discard, Progress, QueueName, Redrive
from ndjson_parquet.publishing import utc_now
from ndjson_parquet.queues import Message, Queue
from ndjson_parquet.store import DeadLetters

SEEN_AT_MOST = 1000
"""Letters that one pass looks at."""
HIDDEN_SECONDS = 300
"""How long a letter stays hidden when the function dies; longer than it may run."""


class DeadLetterActions:
    """`queues` holds the dead-letter queues that exist, by their short names."""

    def __init__(
        self,
        queues: Mapping[QueueName, Queue],
        file_events: Queue,
        kept: DeadLetters,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._queues = queues
        self._file_events = file_events
        self._kept = kept
        self._clock = clock

    def redrive(self, request: Redrive, budget: Budget, progress: Progress) -> Cursor | None:
        """Send letters to where they came from; one that came after this was asked for is left."""
        return self._pass(request, "redriven", budget, progress)

    def discard(self, request: Discard, budget: Budget, progress: Progress) -> Cursor | None:
        """Keep letters in quarantine and remove them."""
        return self._pass(request, "discarded", budget, progress)

    def _pass(self, request: Redrive | Discard, outcome: str, budget: Budget, progress: Progress) -> Cursor | None:
        if request.queue not in self._queues:
            progress.note(request.queue, "not_found", "this deployment has no such queue")
            return None
        queue, missing, seen, left = self._queues[request.queue], set(request.message_ids), 0, list[Message]()
        is_cut_short = False
        try:
            while (missing or not request.message_ids) and not is_cut_short:
                if not (letters := queue.receive(HIDDEN_SECONDS)):
                    break
                seen += len(letters)
                left += letters
                meant = [one for one in letters if _is_meant(one, request)]
                missing -= {one.id for one in meant}
                gone = self._handle(queue, meant, request, outcome, progress)
                left = [one for one in left if one not in gone]
                is_cut_short = seen >= SEEN_AT_MOST or progress.counts[outcome] >= MAX_ITEMS or budget.is_spent
        finally:
            # A dry run holds all of them; what it would take is not left.
            progress.counts["left"] += len(left) - (progress.counts[outcome] if request.dry_run else 0)
            queue.give_back(left)
        if is_cut_short and not request.message_ids and not request.dry_run and progress.counts[outcome]:
            return request.cursor
        for message_id in sorted(missing):
            progress.note(message_id, "not_found", f"it is not among the {seen} letters that could be seen")
        return None

    def _handle(
        self, queue: Queue, letters: Sequence[Message], request: Redrive | Discard, outcome: str, progress: Progress
    ) -> list[Message]:
        """Save letters and remove them; those that are no longer on their queue, or will not be."""
        if request.dry_run:
            for letter in letters:
                progress.note(letter.id, outcome, letter.body[:200])
            return []
        saved = self._save(letters, request, progress)
        for letter, refusal in zip(saved, queue.remove(saved), strict=True):
            still_there = f"it is still on its queue ({refusal}); " if refusal else ""
            progress.note(letter.id, outcome, still_there + letter.body[:200])
        return saved

    def _save(self, letters: Sequence[Message], request: Redrive | Discard, progress: Progress) -> list[Message]:
        if isinstance(request, Discard) or request.queue != "file-events":
            for letter in letters:
                self._kept.keep(letter, request.queue, request.by, self._clock())
            return list(letters)
        refusals = self._file_events.send((one.body, one.attributes) for one in letters)
        for letter, refusal in zip(letters, refusals, strict=True):
            if refusal:
                progress.note(letter.id, "failed", refusal)
        return [letter for letter, refusal in zip(letters, refusals, strict=True) if refusal is None]


def _is_meant(letter: Message, request: Redrive | Discard) -> bool:
    if request.message_ids:
        return letter.id in request.message_ids
    return letter.sent_at <= request.cursor.asked_at
