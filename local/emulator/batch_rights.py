"""A call for many messages asks for the right to the call for one, as on AWS; rights of its own do not exist there."""

from collections.abc import Callable, Mapping

from ministack.core import iam_actions

_SQS = "AmazonSQS."
_BATCH = "Batch"

ActionOf = Callable[[Mapping[str, str]], str | None]


def install() -> None:
    iam_actions._action_from_target = _knowing_batches(iam_actions._action_from_target)


def _knowing_batches(original: ActionOf) -> ActionOf:
    def action(headers: Mapping[str, str]) -> str | None:
        found = original(headers)
        is_of_sqs = headers.get("x-amz-target", "").startswith(_SQS)
        return found.removesuffix(_BATCH) if found and is_of_sqs else found

    return action
