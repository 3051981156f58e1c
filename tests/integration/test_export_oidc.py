"""Tokens of somebody else's issuer: accepted when `export_oidc` names it, and then those of nobody else."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local.access import is_given
from local.embedded_aws import EmbeddedAws
from local.exporting import ExportApi, ExportOutputs, People
from tests.deep import DEEP
from tests.integration.conftest import DeployedPipeline

pytestmark = [
    pytest.mark.skipif(not DEEP, reason="two applies: make test-deep"),
    pytest.mark.skipif(is_given(), reason="no LocalStack image that is free has Cognito and HTTP APIs"),
]

AUDIENCE = "export-console"


class Issuer:
    """An OIDC issuer on this machine: its discovery document, its keys, and its tokens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def document(self, path: str) -> dict[str, Any]:
        if path.endswith("openid-configuration"):
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]}

    def token(self, **claims: Any) -> str:
        now = int(time.time())
        good = {"iss": self.url, "aud": AUDIENCE, "sub": "carla", "iat": now, "exp": now + 600}
        return jwt.encode({**good, **claims}, self._key, algorithm="RS256", headers={"kid": "1"})


@contextmanager
def issuing() -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(issuer.document(self.path)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_issuer_that_is_named_is_the_only_one(deployed: DeployedPipeline) -> None:
    assert isinstance(deployed.aws, EmbeddedAws)
    access, before = deployed.aws.access, ExportOutputs.parse(deployed.deployment.outputs_json())
    people = People(access, before)
    of_the_pool = people.tokens(people.add("dora@example.com"))["AccessToken"]
    try:
        with issuing() as issuer:
            deployed.apply({"export_oidc": {"issuer": issuer.url, "audience": AUDIENCE, "groups_claim": "roles"}})

            def status(token: str, path: str = "/jobs") -> int:
                return ExportApi(access, before, token).get(path).status

            assert status(issuer.token()) == 200
            assert status(issuer.token(aud="another")) == 401
            assert status(issuer.token(exp=1)) == 401
            assert status(of_the_pool) == 401
            assert status(issuer.token(), "/pipeline") == 403
            assert status(issuer.token(roles=["operators"]), "/pipeline") == 200
    finally:
        deployed.apply({})
