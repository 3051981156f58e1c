"""A call of SQS for several messages asks for the right to the call for one, as on AWS: no policy can name another."""

from collections.abc import Callable, Mapping

from ministack.core import iam_actions

Find = Callable[..., str | None]

RIGHTS: Mapping[str | None, str] = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def install() -> None:
    iam_actions.extract_iam_action = _knowing_batches(iam_actions.extract_iam_action)


def _knowing_batches(original: Find) -> Find:
    def wrapped(*args: object, **kwargs: object) -> str | None:
        action = original(*args, **kwargs)
        return RIGHTS.get(action, action)

    return wrapped
