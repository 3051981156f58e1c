"""Every request with its time and how long the server worked on it, for measurements: a JSON line each.

Only with NDJSON_PARQUET_REQUEST_LOG, which names the file. Requests are worked on one after the other, so their seconds
add up to how busy the server was. What a state machine calls is no request here.
"""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack import app

from local.emulator.switches import REQUEST_LOG

FUNCTION = "exec-env/AWS_Lambda"
_LAMBDA = "/2015-03-31/"
# Where the query is among what comes after the headers: body, query, request id.
_QUERY = 1
# What tells S3's operations apart, beside the method.
_S3_FLAGS = ("uploads", "uploadId", "list-type", "versions", "notification", "delete")


def install() -> None:
    """Put this around MiniStack's requests."""
    if not (name := os.environ.get(REQUEST_LOG)):
        return
    dispatch = app._dispatch_service_request
    lines = Path(name).open("a", buffering=1)  # noqa: SIM115 - as long as the server

    async def noting(method: str, path: str, headers: Any, *rest: Any) -> Any:
        at, began = time.time(), time.perf_counter()
        answer = await dispatch(method, path, headers, *rest)
        line = {
            "at": at,
            "seconds": round(time.perf_counter() - began, 6),
            "function": FUNCTION in headers.get("user-agent", ""),
            "operation": operation_of(method, path, headers, rest[_QUERY]),
            "path": path,
            "status": answer[0],
        }
        lines.write(json.dumps(line) + "\n")
        return answer

    app._dispatch_service_request = noting


def operation_of(method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]) -> str:
    """`DynamoDB.GetItem`, `S3.PUT`, `S3.POST uploadId`: the service, and what it was asked to do."""
    service, _, operation = headers.get("x-amz-target", "").rpartition(".")
    if operation:
        return f"{service.partition('_')[0]}.{operation}"
    if path.startswith(_LAMBDA):
        return f"Lambda.{method}"
    return " ".join([f"S3.{method}", *(flag for flag in _S3_FLAGS if flag in query)])
