"""A Glue catalog of one table in memory, which refuses an update of a version that is not the latest, as AWS does."""

import copy
from typing import Any

from botocore.exceptions import ClientError


class EntityNotFoundException(ClientError):  # noqa: N818 - the name on AWS
    """There is no such table."""


class ConcurrentModificationException(ClientError):  # noqa: N818 - the name on AWS
    """The table has changed since the version that was named."""


class Exceptions:
    EntityNotFoundException = EntityNotFoundException
    ConcurrentModificationException = ConcurrentModificationException


class GlueTable:
    """The operations of a Glue client that the catalog uses."""

    exceptions = Exceptions

    def __init__(self, *columns: str) -> None:
        self.versions: list[dict[str, Any]] = [
            {
                "Name": "records",
                "StorageDescriptor": {"Columns": [{"Name": name, "Type": "string"} for name in columns]},
                "PartitionKeys": [{"Name": "date_prefix", "Type": "string"}],
            }
        ]

    @property
    def columns(self) -> list[str]:
        return [column["Name"] for column in self.versions[-1]["StorageDescriptor"]["Columns"]]

    def get_table(self, **_: str) -> dict[str, Any]:
        return {"Table": {**copy.deepcopy(self.versions[-1]), "VersionId": str(len(self.versions))}}

    def update_table(self, TableInput: dict[str, Any], VersionId: str, **_: str) -> None:  # noqa: N803 - as on AWS
        if VersionId != str(len(self.versions)):
            code = "ConcurrentModificationException"
            raise ConcurrentModificationException({"Error": {"Code": code, "Message": "changed"}}, "UpdateTable")
        self.versions.append(copy.deepcopy(TableInput))
