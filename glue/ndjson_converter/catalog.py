"""The Glue table learns the columns of a batch, so that a query finds them without a crawler."""

import random
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from ndjson_converter.errors import CatalogError

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

_ATTEMPTS = 8
_COLUMN_TYPE = "string"
_LONGEST_NAME = 255
# What get_table returns and update_table takes; the latter does not take an empty text.
_INPUT_FIELDS = (
    "Name",
    "Description",
    "Owner",
    "LastAccessTime",
    "LastAnalyzedTime",
    "Retention",
    "StorageDescriptor",
    "PartitionKeys",
    "ViewOriginalText",
    "ViewExpandedText",
    "TableType",
    "Parameters",
    "TargetTable",
)


class Catalog:
    """One table. `pause` waits between attempts when another run changes the table at the same time."""

    def __init__(
        self, client: "GlueClient", database: str, table: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._database = database
        self._table = table
        self._pause = pause

    def check(self) -> None:
        """Raise CatalogError now, before any work, when the table cannot be read."""
        self._get()

    def add_columns(self, names: Iterable[str]) -> list[str]:
        """Add the columns that the table lacks, all of them strings, and return their catalog names.

        Names are lower case in the catalog; those it cannot hold (longer than 255 characters, or with control
        characters) stay in Parquet alone. Raises CatalogError when the table cannot be updated.
        """
        wanted = list(dict.fromkeys(name.lower() for name in names if _can_be_registered(name.lower())))
        for attempt in range(1, _ATTEMPTS + 1):
            table = self._get()
            missing = _missing(table, wanted)
            if not missing or self._update(table, missing):
                return missing
            self._pause(random.uniform(0, 0.2 * 2**attempt))  # noqa: S311  # jitter
        raise CatalogError(
            f"{self._name} was changed by others {_ATTEMPTS} times in a row while its columns were added"
        )

    @property
    def _name(self) -> str:
        return f"Glue table {self._database}.{self._table}"

    def _get(self) -> dict[str, Any]:
        try:
            return dict(self._client.get_table(DatabaseName=self._database, Name=self._table)["Table"])
        except self._client.exceptions.EntityNotFoundException:
            raise CatalogError(
                f"{self._name} does not exist; create it, or leave out --catalog_database and --catalog_table"
            ) from None
        except (ClientError, BotoCoreError) as error:
            raise CatalogError(f"cannot read {self._name}: {error}") from error

    def _update(self, table: dict[str, Any], missing: list[str]) -> bool:
        """Add the columns unless the table has changed since it was read; False when it has."""
        request: dict[str, Any] = {"DatabaseName": self._database, "TableInput": _with_columns(table, missing)}
        if table.get("VersionId"):
            request["VersionId"] = table["VersionId"]
        try:
            self._client.update_table(**request)
        except self._client.exceptions.ConcurrentModificationException:
            return False
        except (ClientError, BotoCoreError) as error:
            raise CatalogError(f"cannot add columns to {self._name}: {error}") from error
        return True


def _missing(table: dict[str, Any], names: Iterable[str]) -> list[str]:
    columns = [*table.get("StorageDescriptor", {}).get("Columns", []), *table.get("PartitionKeys", [])]
    known = {column["Name"].lower() for column in columns}
    return [name for name in names if name not in known]


def _with_columns(table: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    storage = table.get("StorageDescriptor", {})
    added = [{"Name": name, "Type": _COLUMN_TYPE} for name in names]
    return {
        **{field: table[field] for field in _INPUT_FIELDS if table.get(field) not in (None, "")},
        "StorageDescriptor": {**storage, "Columns": [*storage.get("Columns", []), *added]},
    }


def _can_be_registered(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and all(character >= " " for character in name)
