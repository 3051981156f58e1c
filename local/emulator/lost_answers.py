"""What Terraform asks again because an answer was lost is answered as it was the first time.

On a busy machine about one answer of 2,000 does not get back, and the SDK repeats the request. AWS would do it twice
too, but loses far fewer; here AddPermission met its own statement for five minutes and the apply failed. Only for
Terraform: how the pipeline takes a lost answer is tested.
"""

from collections import OrderedDict
from http import HTTPStatus
from typing import Any

from ministack import app

_CALLER = "terraform-provider-aws"
_KEPT = 200


def install() -> None:
    """Put this around MiniStack's requests."""
    dispatch = app._dispatch_service_request
    answers: OrderedDict[str, Any] = OrderedDict()

    async def remembering(method: str, path: str, headers: Any, *rest: Any) -> Any:
        request = headers.get("amz-sdk-invocation-id", "")
        if not request or _CALLER not in headers.get("user-agent", ""):
            return await dispatch(method, path, headers, *rest)
        if request in answers:
            return answers[request]
        answer = await dispatch(method, path, headers, *rest)
        if answer[0] < HTTPStatus.BAD_REQUEST:
            answers[request] = answer
            if len(answers) > _KEPT:
                answers.popitem(last=False)
        return answer

    app._dispatch_service_request = remembering
