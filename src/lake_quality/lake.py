"""What the quality function reads and writes beside Athena: the catalog, run reports, results and pages."""

import json
from typing import TYPE_CHECKING, Any

from lake_quality.catalog import CatalogError, Found, differences, found_table
from ndjson_parquet_lake.tables import TABLES, Table

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client


class Catalog:
    """The lake's databases in Glue."""

    def __init__(self, client: "GlueClient", environment: str, bucket: str) -> None:
        self._client = client
        self._environment = environment
        self._bucket = bucket

    def check(self) -> int:
        """Compare every declared table; their number.

        Raises:
            CatalogError: one is absent or different.
        """
        said = [text for table in TABLES for text in differences(table, self._found(table), self._bucket)]
        if said:
            raise CatalogError(f"the catalog is not as declared: {'; '.join(said)}. Apply Terraform again")
        return len(TABLES)

    def _found(self, table: Table) -> Found | None:
        try:
            answer = self._client.get_table(DatabaseName=f"{table.zone}_{self._environment}", Name=table.name)
        except self._client.exceptions.EntityNotFoundException:
            return None
        return found_table(answer["Table"])


class Reports:
    """Objects below `reports/` of the lake's bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str) -> dict[str, Any]:
        """A job's report."""
        document: dict[str, Any] = json.loads(self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read())
        return document

    def write(self, key: str, body: bytes, content_type: str) -> str:
        """Over what is there; its URI."""
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        return f"s3://{self._bucket}/{key}"
