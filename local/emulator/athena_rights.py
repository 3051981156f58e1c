"""The right to look at a query is one to the workgroup that it ran in, as on AWS.

MiniStack asks for it on every resource when the call names no workgroup: who may use one workgroup only could not see
how a query ended.
"""

import json
from collections.abc import Callable

from ministack.core import iam_actions
from ministack.services import athena

ResourceOf = Callable[..., str]


def install() -> None:
    iam_actions.extract_resource_arn = _knowing_queries(iam_actions.extract_resource_arn)


def _knowing_queries(original: ResourceOf) -> ResourceOf:
    def resource(  # noqa: PLR0913, PLR0917  # MiniStack's own parameters
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, str],
        region: str,
        account_id: str,
    ) -> str:
        found = original(service, method, path, headers, body, query_params, region, account_id)
        if service != "athena" or found != "*":
            return found
        query = json.loads(body or b"{}").get("QueryExecutionId")
        execution = athena._executions.get_scoped(account_id, region, query)
        return f"arn:aws:athena:{region}:{account_id}:workgroup/{execution['WorkGroup']}" if execution else found

    return resource
