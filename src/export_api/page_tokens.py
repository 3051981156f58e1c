"""Where a list goes on, as text that only this API reads. No I/O.

A token holds no right: whoever makes one up names a job or key, which is looked at as if it had been asked for.
"""

import base64
import binascii

from export_api.errors import BadRequestError

_VERSION = "1:"


def token_of(position: str) -> str:
    """A token for a position."""
    return base64.urlsafe_b64encode(f"{_VERSION}{position}".encode()).decode().rstrip("=")


def position_of(token: str) -> str:
    """The position of a token. Raises BadRequestError for what is no token of this API."""
    try:
        text = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise bad_token() from error
    if not text.startswith(_VERSION):
        raise bad_token()
    return text.removeprefix(_VERSION)


def bad_token() -> BadRequestError:
    return BadRequestError("bad_token", "nextToken is not one that this list gave out; ask again without it.")
