"""Everything that the API answers instead of what was asked for.

ApiError                 status
├── BadRequestError      400
├── UnauthorizedError    401
├── ForbiddenError       403
├── NotFoundError        404
├── WrongStateError      409
├── TooLargeError        413
└── TooManyError         429

The message is for the person who asks: it names the value and what to do.
"""

from http import HTTPStatus


class ApiError(Exception):
    """Root of them; `code` is what programs look at."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class BadRequestError(ApiError):
    """The request itself is wrong."""

    status = HTTPStatus.BAD_REQUEST


class UnauthorizedError(ApiError):
    """Nobody is signed in. The authorizer refuses such requests; this is for an API that lacks it."""

    status = HTTPStatus.UNAUTHORIZED


class ForbiddenError(ApiError):
    """Who is signed in may not do this."""

    status = HTTPStatus.FORBIDDEN


class NotFoundError(ApiError):
    """There is no such thing, or it is somebody else's: nobody learns which."""

    status = HTTPStatus.NOT_FOUND


class WrongStateError(ApiError):
    """It is there, and too early or too late for this."""

    status = HTTPStatus.CONFLICT


class TooLargeError(ApiError):
    """A file is larger than this deployment accepts."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class TooManyError(ApiError):
    """As much as allowed is going on already."""

    status = HTTPStatus.TOO_MANY_REQUESTS
