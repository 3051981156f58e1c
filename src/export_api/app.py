"""The API: its routes, its document, and one form for all its errors."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as RouteNotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from export_api.callers import caller_of
from export_api.errors import ApiError
from export_api.openapi import answers, document
from export_api.routes import Services, add_job_routes, add_pipeline_routes

JSON = "application/json"
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def api(services: Callable[[], Services], logger: Logger) -> APIGatewayHttpResolver:
    """The API. The services are asked for at each request, so that the document can be made without any."""
    app = APIGatewayHttpResolver(enable_validation=True)
    add_job_routes(app, services)
    add_pipeline_routes(app, services)
    _add_document(app, services)
    _add_error_answers(app, logger)
    return app


def _add_document(app: APIGatewayHttpResolver, services: Callable[[], Services]) -> None:
    @app.get("/openapi.json", summary="This document", **answers())
    def openapi() -> dict[str, Any]:
        caller_of(app.current_event.raw_event, services().groups_claim)
        return document(app)


def _add_error_answers(app: APIGatewayHttpResolver, logger: Logger) -> None:
    def refused(error: ApiError) -> Response[str]:
        logger.info("refused", code=error.code, error_message=error.message)
        return _answer(error.status, error.code, error.message)

    def invalid(error: RequestValidationError | RequestUnsupportedContentType) -> Response[str]:
        return _answer(HTTPStatus.BAD_REQUEST, "invalid_request", _sentence(error.errors()))

    def no_route(_: RouteNotFoundError) -> Response[str]:
        event = app.current_event
        return _answer(HTTPStatus.NOT_FOUND, "no_such_endpoint", f"There is no {event.http_method} {event.path}.")

    def failed(error: Exception) -> Response[str]:
        logger.exception("request failed", kind=type(error).__name__)
        request = app.current_event.raw_event.get("requestContext", {}).get("requestId", "unknown")
        message = f"It failed here, not with you. Try again; if it fails again, tell the operators request {request}."
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", message)

    app.exception_handler(ApiError)(refused)
    app.exception_handler([RequestValidationError, RequestUnsupportedContentType])(invalid)
    app.exception_handler(RouteNotFoundError)(no_route)
    app.exception_handler(Exception)(failed)


def _answer(status: HTTPStatus, code: str, message: str) -> Response[str]:
    body = json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False)
    return Response(status, JSON, body, headers=dict(NO_STORE))


def _sentence(errors: Any) -> str:
    """What is wrong with a request, place by place; no value is repeated."""
    said = [f"{'.'.join(str(part) for part in error['loc'])}: {error['msg']}" for error in errors]
    return f"The request is not valid: {'; '.join(dict.fromkeys(said))}."
