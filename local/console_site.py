"""The built console beside an embedded AWS: what CloudFront and S3 do on AWS, with the same security headers."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

from local.access import HOST, Access
from local.exporting import ExportOutputs

ROOT = Path(__file__).resolve().parents[1]
BUILT = ROOT / "build" / "console"
POLICY = ROOT / "modules" / "export_console" / "content_security_policy.txt"
KEPT = "/assets/"


def config_of(terraform_output: str, access: Access) -> dict[str, Any]:
    """The console's config.json on an embedded AWS: Terraform's own, with addresses that answer here."""
    outputs = ExportOutputs.parse(terraform_output)
    config: dict[str, Any] = json.loads(terraform_output)["export_console_config"]["value"]
    return {
        **config,
        "apiUrl": f"{access.endpoint}/_aws/execute-api/{outputs.export_api_id}/$default",
        "auth": {**config["auth"], "endpoint": f"{access.endpoint}/"},
    }


def security_headers(connect: str) -> dict[str, str]:
    """What the distribution adds to each answer; `connect` is an origin that the pages may send requests to."""
    return {
        "Content-Security-Policy": Template(POLICY.read_text().strip()).substitute(connect=connect),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def require_free(port: int) -> None:
    """Raises OSError, with what to do, when nothing can be served at the port."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            other = f'make console ARGS="--port {port + 1}"'
            raise OSError(f"port {port} cannot be used ({error.strerror}); name another one: {other}") from error


class _Pages(SimpleHTTPRequestHandler):
    """Files of one folder, and config.json from memory."""

    # Debian knows neither of a woff2's nor, in a container without mime-support, of a script's type.
    extensions_map = {  # noqa: RUF012 - the base class's own attribute
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
        "": "application/octet-stream",
    }

    def __init__(self, config: bytes, headers: Mapping[str, str], *arguments: Any, **options: Any) -> None:
        self._config = config
        self._added = headers
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/config.json":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self._config)))
        self.end_headers()
        self.wfile.write(self._config)

    def list_directory(self, path: Any) -> None:  # noqa: ARG002 - the base class's argument
        self.send_error(404)

    def end_headers(self) -> None:
        for name, value in self._added.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "max-age=31536000" if self.path.startswith(KEPT) else "no-store")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: who runs it reads the console's own pages."""


class ConsoleSite:
    """Serves the built console at `address`."""

    def __init__(self, config: Mapping[str, Any], connect: str, port: int, folder: Path = BUILT) -> None:
        if not (folder / "index.html").exists():
            raise FileNotFoundError(f"{folder}/index.html is not there: run make console-build")
        handler = partial(_Pages, json.dumps(config).encode(), security_headers(connect), directory=str(folder))
        self._server = ThreadingHTTPServer((HOST, port), handler)
        self.address = f"http://{HOST}:{self._server.server_port}"

    def serve(self) -> None:
        """Until somebody interrupts it."""
        self._server.serve_forever()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """In the background; the address."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self.address
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()
