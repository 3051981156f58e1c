"""Versions of a secret, as on AWS: one that was made without a value has none, and a version's value never changes."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import secretsmanager

Document = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]
Operation = Callable[[Document], Answer]

VALUES = ("SecretString", "SecretBinary")


def install() -> None:
    secretsmanager._create_secret = _without_a_version(secretsmanager._create_secret)
    secretsmanager._put_secret_value = _once_for_each_version(secretsmanager._put_secret_value)


def _without_a_version(original: Operation) -> Operation:
    def wrapped(request: Document) -> Answer:
        status, headers, body = original(request)
        if status != 200 or any(name in request for name in VALUES):
            return status, headers, body
        _, secret = secretsmanager._resolve(request["Name"])
        secret["Versions"].clear()
        answer = json.loads(body)
        del answer["VersionId"]
        return status, headers, json.dumps(answer).encode()

    return wrapped


def _once_for_each_version(original: Operation) -> Operation:
    def wrapped(request: Document) -> Answer:
        _, secret = secretsmanager._resolve(request.get("SecretId"))
        known = secret and secret["Versions"].get(request.get("ClientRequestToken"))
        if known and any(known.get(name) != request.get(name) for name in VALUES):
            problem = {"__type": "ResourceExistsException", "message": "The version has another value already."}
            return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(problem).encode()
        return original(request)

    return wrapped
