"""Who asks: read from the claims of a token that the authorizer has checked. No I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from export_api.errors import ForbiddenError, UnauthorizedError


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person or program; `owner` is the token's subject, which never changes."""

    owner: str
    groups: frozenset[str]

    def require(self, group: str | None) -> None:
        """Raises ForbiddenError unless the caller is in the group; everybody is in None."""
        if group is not None and group not in self.groups:
            raise ForbiddenError(
                "not_in_group",
                f"Only members of the group {group!r} may see the pipeline: ask whoever manages the users to add you.",
            )


def caller_of(event: Mapping[str, Any], groups_claim: str) -> Caller:
    """The caller of an HTTP API event.

    Raises:
        UnauthorizedError: no authorizer has checked a token.
        ForbiddenError: the token names no subject.
    """
    authorizer = event.get("requestContext", {}).get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims")
    if not claims:
        raise UnauthorizedError("not_signed_in", "Sign in first: this request carries no token that was checked.")
    owner = claims.get("sub")
    if not isinstance(owner, str) or not owner:
        raise ForbiddenError(
            "no_subject", "The token has no subject (claim sub), so nothing can be kept for its owner."
        )
    return Caller(owner, frozenset(_listed(claims.get(groups_claim))))


def _listed(claim: Any) -> list[str]:
    """The entries of a claim: API Gateway writes a list as `[a b]`, and issuers write `a,b` or `a b`."""
    if isinstance(claim, list):
        return [str(entry) for entry in claim]
    return [entry for entry in re.split(r"[\s,]+", str(claim or "").strip("[]")) if entry]
