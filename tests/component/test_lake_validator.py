"""The validator on the embedded AWS: real objects and versions, a real table and secret."""

import json
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lake_validator.files_table import FilesTable
from lake_validator.raw_zone import RawZone
from lake_validator.requests import Accept, Begin, Validate
from lake_validator.service import SPARE_SECONDS, Tally, Validator
from lake_validator.token_key import TokenKey
from local.embedded_aws import EmbeddedAws
from local.lake.generate import FIRST_DAY, Month, day_files
from local.lake.world import World

DAY = FIRST_DAY
FOLDER = f"raw/reviews/date={DAY}/"
REVIEW = (
    b'{"review_id":"R-1","product_id":"P-1","customer_id":"CU-1","rating":5,"verified":true,'
    b'"review_timestamp":"2026-10-01T10:00:00Z"}\n'
)


class Lake:
    """A bucket, table and secret that no other test sees."""

    def __init__(self, aws: EmbeddedAws) -> None:
        self.s3, self.dynamodb, self.secrets = (aws.client(name) for name in ("s3", "dynamodb", "secretsmanager"))
        self.name = f"lake-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.name)
        self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        keys = ("dataset", "file_key")
        self.dynamodb.create_table(
            TableName=self.name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        self.secret = self.secrets.create_secret(Name=self.name)["ARN"]
        self.tally = Tally(Counter(), Counter())
        self.remaining = 900.0
        self.validator = Validator(
            RawZone(self.s3, self.name),
            FilesTable(self.dynamodb, self.name),
            TokenKey(self.secrets, self.secret),
            ("crawler",),
            lambda: datetime(2026, 10, 2, tzinfo=UTC),
        )

    def put(self, **contents: bytes) -> None:
        for name, content in contents.items():
            self.s3.put_object(Bucket=self.name, Key=f"{FOLDER}{name}.json", Body=content)

    def perform(self, request: Any) -> dict[str, Any]:
        return self.validator.perform(request, lambda: self.remaining, self.tally)

    def validate(self) -> dict[str, Any]:
        return self.perform(Validate("reviews", DAY))

    def accepted(self) -> list[str]:
        """The list as the jobs read it, without the folder."""
        uri = self.perform(Accept(DAY, "run-1"))["uri"]
        body = self.s3.get_object(Bucket=self.name, Key=uri.removeprefix(f"s3://{self.name}/"))["Body"].read()
        return [key.removeprefix(FOLDER) for key in json.loads(body)["keys"]]


@pytest.fixture
def lake(emulator: EmbeddedAws) -> Lake:
    return Lake(emulator)


def test_what_is_accepted_is_listed_and_what_is_refused_is_kept(lake: Lake) -> None:
    lake.put(a=REVIEW, b=REVIEW, c=b"broken\n", d=b"", e=REVIEW * 2)
    assert lake.validate() == {
        "done": True,
        "counts": {"accepted": 2, "quarantined": 2, "duplicate": 1, "rows": 3},
    }
    assert lake.accepted() == ["a.json", "e.json"]
    assert lake.tally.reasons == {"not_json": 1, "empty": 1}
    head = lake.s3.head_object(Bucket=lake.name, Key=f"quarantine/not_json/reviews/date={DAY}/c.json")
    assert head["Metadata"]["reason"] == "not_json"
    assert "1 of the first 1" in head["Metadata"]["detail"]
    kept = lake.s3.get_object(Bucket=lake.name, Key=f"quarantine/not_json/reviews/date={DAY}/c.json")["Body"].read()
    assert kept == b"broken\n"


def test_a_second_run_reads_nothing_again(lake: Lake) -> None:
    lake.put(a=REVIEW, c=b"broken\n")
    before = lake.validate()
    lake.tally.files.clear()
    assert lake.validate() == before
    assert not lake.tally.files


def test_the_newest_version_counts(lake: Lake) -> None:
    lake.put(a=REVIEW, b=REVIEW)
    lake.validate()
    lake.put(a=b"broken\n")
    lake.validate()
    assert lake.accepted() == ["b.json"]
    lake.put(a=REVIEW * 3)
    lake.validate()
    assert lake.accepted() == ["a.json", "b.json"]


def test_a_call_ends_before_its_time_does_and_the_next_one_goes_on(lake: Lake) -> None:
    lake.put(a=REVIEW, b=REVIEW * 2, c=REVIEW * 3)
    lake.remaining = SPARE_SECONDS - 1
    assert [lake.validate()["done"] for _ in range(3)] == [False, False, True]
    assert lake.accepted() == ["a.json", "b.json", "c.json"]


def test_a_generated_day_is_accepted_whole(lake: Lake) -> None:
    files = day_files(Month(world=World(scale=0.1), defects=()), DAY)
    for key, content in files.items():
        lake.s3.put_object(Bucket=lake.name, Key=key, Body=content)
    for dataset in ("transactions", "products", "clickstream", "reviews"):
        assert lake.perform(Validate(dataset, DAY))["done"]
    assert lake.perform(Accept(DAY, "run-1"))["files"] == len(files)


def test_the_key_of_the_tokens_is_made_once(lake: Lake) -> None:
    begun = lake.perform(Begin(date(2026, 10, 1), "hand", ("reviews.unique",)))
    assert begun == {
        "date": "2026-10-01",
        "trigger": "hand",
        "datasets": ["transactions", "products", "clickstream", "reviews"],
        "crawlers": ["crawler"],
        "accepted_rules": ["reviews.unique"],
    }
    first = lake.secrets.get_secret_value(SecretId=lake.secret)["SecretString"]
    assert len(first) >= 32
    lake.perform(Begin(date(2026, 10, 1), "hand"))
    assert lake.secrets.get_secret_value(SecretId=lake.secret)["SecretString"] == first
