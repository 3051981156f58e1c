"""The rights that PartiQL asks for: each statement is `dynamodb:PartiQLUpdate` and so on, on its own table, as on AWS.

MiniStack asks for `dynamodb:BatchExecuteStatement`, which is no action that a policy can name.
"""

import json
import re
from collections.abc import Callable

from ministack.core import iam_actions

Checks = list[tuple[str, str]]
Find = Callable[[str, bytes, str, str], Checks]

STATEMENT = re.compile(r'\s*(SELECT|INSERT|UPDATE|DELETE)\b[^"]*"([^"]+)"', re.IGNORECASE)


def install() -> None:
    iam_actions.dynamodb_transaction_checks = _knowing_partiql(iam_actions.dynamodb_transaction_checks)


def _knowing_partiql(original: Find) -> Find:
    def wrapped(action: str, body: bytes, region: str, account: str) -> Checks:
        if action not in ("dynamodb:BatchExecuteStatement", "dynamodb:ExecuteStatement"):
            return original(action, body, region, account)
        request = json.loads(body or b"{}")
        found = [STATEMENT.match(one.get("Statement", "")) for one in request.get("Statements", [request])]
        return [
            (
                f"dynamodb:PartiQL{statement[1].title()}",
                iam_actions._dynamodb_table_arn(statement[2], region, account),
            )
            for statement in found
            if statement
        ]

    return wrapped
