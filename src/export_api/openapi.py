"""The OpenAPI document, which is made from the routes and served by one of them."""

import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from export_api.models import ErrorAnswer, GatewayAnswer

TITLE = "ndjson-parquet export"
VERSION = "1.0.0"
DESCRIPTION = (
    "Parquet back to JSON: announce a file, upload it, start its conversion, watch it, look at its first rows, "
    "download it. Each endpoint needs a token in the header Authorization, and shows its owner's jobs alone."
)
_TEXT = {
    400: "The request is wrong; the message says where.",
    403: "Only members of the operators' group may.",
    404: "There is no such thing, or it is not yours.",
    409: "The job is not in the state for this.",
    413: "The file is larger than this service takes.",
    429: "Too many requests, or too many of your jobs are running.",
    500: "It failed here, not with you; try again.",
}


def answers(*statuses: int, done: int = 200) -> dict[str, Any]:
    """The arguments of a route that say which statuses it answers with, and that it needs a token."""
    ours = {status: _json(_TEXT[status], ErrorAnswer) for status in sorted({*statuses, 500})}
    theirs = {401: _json("No token, or one that is expired, forged or somebody else's.", GatewayAnswer)}
    every = {done: {"description": "Done."}} | ours | theirs | _too_fast(ours)
    return {"status_code": done, "responses": dict(sorted(every.items())), "security": [{"token": []}]}


def document(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """The document of all routes."""
    made: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(
            title=TITLE,
            version=VERSION,
            description=DESCRIPTION,
            security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        )
    )
    return _as_answered(made)


def _too_fast(ours: dict[int, Any]) -> dict[int, Any]:
    """API Gateway limits every route by itself; one route has a limit of its own beside it."""
    model: Any = ErrorAnswer | GatewayAnswer if 429 in ours else GatewayAnswer
    return {429: _json(_TEXT[429] if 429 in ours else "Too many requests.", model)}


def _json(description: str, model: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"model": model}}}


def _as_answered(made: dict[str, Any]) -> dict[str, Any]:
    """Without Powertools' own answer to what is not valid: here that is a 400 with a sentence."""
    made.pop("servers", None)
    for methods in made["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
    schemas = made["components"]["schemas"]
    while unused := schemas.keys() - set(re.findall(r"#/components/schemas/(\w+)", json.dumps(made))):
        for name in unused:
            del schemas[name]
    return made
