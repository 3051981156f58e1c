"""The OpenAPI document of the export API, as text: `make docs` writes it to docs/export-openapi.json."""

import json

from aws_lambda_powertools import Logger

from export_api.app import api
from export_api.openapi import document
from export_api.routes import Services

DOCUMENT = "docs/export-openapi.json"


def text() -> str:
    """The document, made without any service."""
    return json.dumps(document(api(_none, Logger(service="docs"))), indent=2, ensure_ascii=False) + "\n"


def _none() -> Services:
    raise RuntimeError("no request is answered while the document is made")
