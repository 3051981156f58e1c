"""HTTP APIs of API Gateway: authorizers that accept tokens of a user pool, an empty second plan, and their metrics."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from ministack.services import apigateway, cognito

from local.emulator import metrics

Document = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

NAMESPACE = "AWS/ApiGateway"
KEYS_PATH = "/.well-known/jwks.json"


def install() -> None:
    """Put these operations around MiniStack's."""
    apigateway._fetch_jwks = _knowing_user_pools(apigateway._fetch_jwks)
    apigateway._get_authorizer = _without_payload_version(apigateway._get_authorizer)
    apigateway._handle_execute_in_scope = _counting(apigateway._handle_execute_in_scope)


def _knowing_user_pools(original: Callable[[str], Awaitable[Document]]) -> Callable[[str], Awaitable[Document]]:
    """The keys of an issuer; those of a user pool of this server are looked up and not asked for over plain HTTP."""

    async def wrapped(url: str) -> Document:
        own = f"http://{apigateway._HOST}:{apigateway._PORT}/"
        if not url.startswith(own):
            return await original(url)
        _, _, body = cognito.well_known_jwks(url.removeprefix(own).removesuffix(KEYS_PATH))
        keys: Document = json.loads(body)
        return keys

    return wrapped


def _without_payload_version(original: Callable[..., Answer]) -> Callable[..., Answer]:
    """Reading an authorizer: one of tokens sends no payload anywhere, so it has no version of one."""

    def wrapped(api_id: str, authorizer_id: str) -> Answer:
        status, headers, body = original(api_id, authorizer_id)
        answer = json.loads(body)
        if answer.get("authorizerType") == "JWT":
            answer.pop("authorizerPayloadFormatVersion", None)
        return status, headers, json.dumps(answer).encode()

    return wrapped


def _counting(original: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    """Answering a request: each counts, and so does each refusal and failure."""

    async def wrapped(api_id: str, stage: str, *request: Any, **options: Any) -> Answer:
        answer = await original(api_id, stage, *request, **options)
        for own in ({"ApiId": api_id}, {"ApiId": api_id, "Stage": stage}):
            metrics.count(NAMESPACE, "Count", own)
            if answer[0] >= HTTPStatus.BAD_REQUEST:
                metrics.count(NAMESPACE, "5xx" if answer[0] >= HTTPStatus.INTERNAL_SERVER_ERROR else "4xx", own)
        return answer

    return wrapped
