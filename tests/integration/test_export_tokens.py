"""Tokens that the export API must not accept: on every route 401, whatever is wrong with them."""

import hmac
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_encode

from local.access import is_given
from local.embedded_aws import EmbeddedAws
from local.exporting import ExportApi
from tests.integration.test_export import Exported, exported

__all__ = ["exported"]

pytestmark = pytest.mark.skipif(is_given(), reason="no LocalStack image that is free has Cognito and HTTP APIs")

ROUTES = [
    ("POST", "/upload"),
    ("POST", "/trigger-job"),
    ("GET", "/jobs"),
    ("GET", "/job-status/12345678-1234-4123-8123-123456789abc"),
    ("GET", "/preview/12345678-1234-4123-8123-123456789abc"),
    ("GET", "/download/12345678-1234-4123-8123-123456789abc"),
    ("GET", "/pipeline"),
    ("GET", "/pipeline/outputs"),
    ("GET", "/openapi.json"),
]
FORGERS_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Mint:
    """Makes tokens that differ from a good one in what a test says, signed with the user pool's own key."""

    def __init__(self, exported: Exported) -> None:
        assert isinstance(exported.deployed.aws, EmbeddedAws)
        good = exported.ana.token or ""
        self.claims: Mapping[str, Any] = jwt.decode(good, options={"verify_signature": False})
        self.header = jwt.get_unverified_header(good)
        keys = exported.deployed.aws.home / "state" / "cognito-pool-keys"
        self.key = read_key(keys / f"{exported.outputs.export_user_pool_id}-access.pem")

    def in_groups(self, *groups: str) -> str:
        claims = {**self.claims, "cognito:groups": list(groups)}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.header["kid"]})

    def token(self, key: Any = None, header: Mapping[str, Any] | None = None, **claims: Any) -> str:
        changed = {**self.claims, **claims}
        headers = {"kid": self.header["kid"], **(header or {})}
        return jwt.encode(changed, key or self.key, algorithm="RS256", headers=headers)


def read_key(path: Path) -> Any:
    return serialization.load_pem_private_key(path.read_bytes(), password=None)


@pytest.fixture(scope="module")
def mint(exported: Exported) -> Mint:
    return Mint(exported)


def with_token(exported: Exported, token: str | None) -> ExportApi:
    access = exported.deployed.aws.access if isinstance(exported.deployed.aws, EmbeddedAws) else exported.deployed.aws
    return ExportApi(access, exported.outputs, token)


def unsigned(mint: Mint) -> str:
    return jwt.encode(dict(mint.claims), "", algorithm="none", headers={"kid": mint.header["kid"]})


def with_the_public_key_as_a_secret(mint: Mint) -> str:
    """What a verifier takes that lets the token choose the algorithm."""
    public = mint.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    header = {"alg": "HS256", "typ": "JWT", "kid": mint.header["kid"]}
    signed = b".".join(base64url_encode(json.dumps(part).encode()) for part in (header, mint.claims))
    return (signed + b"." + base64url_encode(hmac.digest(public, signed, "sha256"))).decode()


def with_claims_exchanged(mint: Mint) -> str:
    head, _, signature = mint.token().split(".")
    _, claims, _ = mint.token(sub="somebody-else").split(".")
    return f"{head}.{claims}.{signature}"


def now(seconds: int) -> int:
    return int(time.time()) + seconds


BAD: dict[str, Callable[[Mint], str | None]] = {
    "none": lambda mint: None,
    "empty": lambda mint: "",
    "garbage": lambda mint: "x.y.z",
    "unsigned": unsigned,
    "signed-by-a-forger": lambda mint: mint.token(FORGERS_KEY),
    "of-an-unknown-key": lambda mint: mint.token(FORGERS_KEY, header={"kid": "mine"}),
    "the-public-key-as-a-secret": with_the_public_key_as_a_secret,
    "claims-exchanged": with_claims_exchanged,
    "expired": lambda mint: mint.token(exp=now(-1)),
    "not-valid-yet": lambda mint: mint.token(nbf=now(600)),
    "for-another-client": lambda mint: mint.token(client_id="another"),
    "for-another-audience": lambda mint: mint.token(aud="another"),
    "of-another-pool": lambda mint: mint.token(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_another"),
    "of-another-issuer": lambda mint: mint.token(iss="https://issuer.example.com"),
}


def test_the_mint_makes_good_tokens_too(exported: Exported, mint: Mint) -> None:
    assert with_token(exported, mint.token()).get("/jobs").status == 200


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_token_opens_no_route(exported: Exported, mint: Mint, kind: str) -> None:
    api = with_token(exported, BAD[kind](mint))
    answers = {(method, path): api.call(method, path, {} if method == "POST" else None) for method, path in ROUTES}
    assert {answer.status for answer in answers.values()} == {401}, answers
    assert all(set(answer.body) == {"message"} for answer in answers.values())


def test_a_good_token_in_the_url_is_no_token(exported: Exported, mint: Mint) -> None:
    assert with_token(exported, None).get("/jobs", access_token=mint.token()).status == 401


def test_groups_come_from_the_token_alone(exported: Exported, mint: Mint) -> None:
    assert with_token(exported, mint.in_groups("analysts")).get("/pipeline").status == 403
    assert with_token(exported, mint.in_groups("analysts", "operators")).get("/pipeline").status == 200
