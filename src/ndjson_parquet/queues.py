"""The queues as an operator uses them: messages sent, dead letters received, kept back, returned and removed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Entry = TypeVar("Entry")

ENTRIES_PER_CALL = 10
"""What SQS takes and gives at a time."""


@dataclass(frozen=True, slots=True)
class Message:
    """A received message; `attributes` are those of its sender."""

    id: str
    receipt: str
    body: str
    sent_at: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Queue:
    """One queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self.url = url

    def send(self, messages: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str | None]:
        """Send (body, attributes); why each was refused, None for those that were taken."""
        refusals: list[str | None] = []
        for chunk in _chunks(messages):
            entries: Any = [
                {"Id": str(number), "MessageBody": body, "MessageAttributes": attributes}
                for number, (body, attributes) in enumerate(chunk)
            ]
            answer = self._client.send_message_batch(QueueUrl=self.url, Entries=entries)
            refusals += _refusals(answer, len(chunk))
        return refusals

    def receive(self, hidden_seconds: int) -> list[Message]:
        """Up to ten messages, kept from others for so long; none when the queue holds none that can be seen."""
        answer: Any = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=ENTRIES_PER_CALL,
            VisibilityTimeout=hidden_seconds,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
            MessageAttributeNames=["All"],
        )
        return [
            Message(
                id=one["MessageId"],
                receipt=one["ReceiptHandle"],
                body=one["Body"],
                sent_at=datetime.fromtimestamp(int(one["Attributes"]["SentTimestamp"]) / 1000, UTC),
                attributes={
                    name: {part: value for part, value in attribute.items() if value}
                    for name, attribute in one.get("MessageAttributes", {}).items()
                },
            )
            for one in answer.get("Messages", [])
        ]

    def remove(self, messages: Sequence[Message]) -> list[str | None]:
        """Delete messages; why each is still there, None for those that are gone."""
        refusals: list[str | None] = []
        for chunk in _chunks(messages):
            entries: Any = [{"Id": str(n), "ReceiptHandle": one.receipt} for n, one in enumerate(chunk)]
            answer = self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            refusals += _refusals(answer, len(chunk))
        return refusals

    def give_back(self, messages: Iterable[Message]) -> None:
        """Let messages be seen again now; one that cannot be comes back by itself when its time is over."""
        for chunk in _chunks(messages):
            entries: Any = [
                {"Id": str(n), "ReceiptHandle": one.receipt, "VisibilityTimeout": 0} for n, one in enumerate(chunk)
            ]
            self._client.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)


def _chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    remaining = iter(entries)
    while chunk := list(islice(remaining, ENTRIES_PER_CALL)):
        yield chunk


def _refusals(answer: Any, count: int) -> list[str | None]:
    failed = {int(one["Id"]): f"{one.get('Code')}: {one.get('Message', '')}" for one in answer.get("Failed", [])}
    return [failed.get(number) for number in range(count)]
