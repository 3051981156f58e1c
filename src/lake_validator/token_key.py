"""The key of the tokens that replace personal data: made once, by whoever runs first, and seen by no person.

Terraform makes the empty secret, so that the key is neither in its state nor in anybody's settings.
"""

import secrets
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

BYTES: Final = 36


class TokenKey:
    """The secret's value. Of several that make it at once, one wins."""

    def __init__(self, client: "SecretsManagerClient", secret_arn: str) -> None:
        self._client = client
        self._secret = secret_arn

    def ensure(self) -> bool:
        """Make the key unless there is one; whether this call made it."""
        if self._client.describe_secret(SecretId=self._secret).get("VersionIdsToStages"):
            return False
        value = secrets.token_urlsafe(BYTES)
        # A version's id can have one value for ever: the second writer is refused.
        version = str(uuid.uuid5(uuid.NAMESPACE_URL, self._secret))
        try:
            self._client.put_secret_value(SecretId=self._secret, SecretString=value, ClientRequestToken=version)
        except self._client.exceptions.ResourceExistsException:
            return False
        return True
