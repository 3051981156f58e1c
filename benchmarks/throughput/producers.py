"""Producers that take little of the cores that are measured: open connections, nothing signed.

The embedded AWS does not ask for signatures without --auth. boto3 takes several times as long for a PUT.
"""

import threading
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit


class Producers:
    """What of a boto3 S3 client a producer needs."""

    def __init__(self, endpoint: str) -> None:
        self._netloc = urlsplit(endpoint).netloc
        self._connections = threading.local()

    def put_object(self, *, Bucket: str, Key: str, Body: Any) -> dict[str, str]:  # noqa: N803 - boto3's names
        """Put one object.

        Raises:
            RuntimeError: it was refused.
        """
        connection = self._connection()
        connection.request("PUT", quote(f"/{Bucket}/{Key}"), Body.read())
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{Key} could not be put: {answer.status} {said.decode(errors='replace')}")
        return {"ETag": answer.headers["ETag"]}

    def _connection(self) -> HTTPConnection:
        """One for each thread."""
        if not hasattr(self._connections, "own"):
            self._connections.own = HTTPConnection(self._netloc)
        connection: HTTPConnection = self._connections.own
        return connection
