"""Who asks, by the claims of a checked token; and tokens of pages that hold no right."""

import base64

import pytest

from export_api.callers import Caller, caller_of
from export_api.errors import BadRequestError, ForbiddenError, UnauthorizedError
from export_api.files import attachment
from export_api.page_tokens import position_of, token_of


def event(**claims: object) -> dict[str, object]:
    return {"requestContext": {"authorizer": {"jwt": {"claims": claims}}}}


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("[operators analysts]", {"operators", "analysts"}),
        ("operators", {"operators"}),
        ("operators,analysts", {"operators", "analysts"}),
        (["operators", "analysts"], {"operators", "analysts"}),
        ("[]", set()),
        ("", set()),
        (None, set()),
    ],
)
def test_groups_are_read_in_every_form(claim: object, expected: set[str]) -> None:
    assert caller_of(event(sub="ana", groups=claim), "groups") == Caller("ana", frozenset(expected))


@pytest.mark.parametrize(
    "broken", [{}, {"requestContext": {}}, {"requestContext": {"authorizer": {"iam": {}}}}, event()]
)
def test_without_checked_claims_nobody_is_signed_in(broken: dict[str, object]) -> None:
    with pytest.raises(UnauthorizedError):
        caller_of(broken, "groups")


@pytest.mark.parametrize("subject", [None, ""])
def test_a_token_without_a_subject_owns_nothing(subject: object) -> None:
    with pytest.raises(ForbiddenError, match="no subject"):
        caller_of(event(sub=subject, aud="x"), "groups")


def test_a_group_is_required_of_its_members_only() -> None:
    Caller("ana", frozenset({"operators"})).require("operators")
    Caller("ana", frozenset()).require(None)
    with pytest.raises(ForbiddenError, match="'operators'"):
        Caller("ana", frozenset({"operator", "operators2"})).require("operators")


@pytest.mark.parametrize("position", ["", "id-1", "pipeline/output/ä.parquet"])
def test_a_token_is_its_position_and_back(position: str) -> None:
    assert position_of(token_of(position)) == position
    assert token_of(position).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("token", ["", "x", "%%%", "ä", base64.b64encode(b"id-1").decode(), "////", "1:id-1"])
def test_what_nobody_gave_out_is_refused(token: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        position_of(token)
    assert refused.value.code == "bad_token"


def test_a_download_is_saved_under_its_name_whatever_that_is() -> None:
    assert attachment("a.ndjson") == "attachment; filename=\"a.ndjson\"; filename*=UTF-8''a.ndjson"
    odd = attachment('ö "x"\\;.json')
    assert odd == "attachment; filename=\"_ _x__;.json\"; filename*=UTF-8''%C3%B6%20%22x%22%5C%3B.json"
