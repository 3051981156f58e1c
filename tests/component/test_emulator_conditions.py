"""Key conditions of the embedded AWS: what is looked at beforehand changes no answer."""

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.embedded_aws import EmbeddedAws

KEYS = ("MANIFEST#a", "MANIFEST#ab", "MANIFEST", "manifest#a", "日本/1", "日本/2")


@pytest.fixture(scope="module")
def table(emulator: EmbeddedAws) -> str:
    dynamodb, name = emulator.client("dynamodb"), uuid.uuid4().hex
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "day", "KeyType": "HASH"}, {"AttributeName": "key", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("day", "key")],
        BillingMode="PAY_PER_REQUEST",
    )
    for key in KEYS:
        dynamodb.put_item(TableName=name, Item={"day": {"S": "1"}, "key": {"S": key}})
    return name


def found(emulator: EmbeddedAws, table: str, condition: str, **values: Any) -> set[str]:
    answer = emulator.client("dynamodb").query(
        TableName=table,
        KeyConditionExpression=condition,
        ExpressionAttributeNames={
            name: value for name, value in {"#k": "key", "#d": "day"}.items() if name in condition
        },
        ExpressionAttributeValues={f":{name}": {"S": value} for name, value in values.items()},
    )
    return {item["key"]["S"] for item in answer["Items"]}


@pytest.mark.parametrize("prefix", ["MANIFEST", "MANIFEST#", "MANIFEST#ab", "日本/", "m", "x"])
@pytest.mark.parametrize(
    "condition",
    ["#d = :day AND begins_with(#k, :prefix)", "(begins_with ( #k , :prefix ) AND #d = :day)"],
    ids=["plain", "other-order"],
)
def test_a_prefix_finds_the_keys_that_begin_so(emulator: EmbeddedAws, table: str, condition: str, prefix: str) -> None:
    assert found(emulator, table, condition, day="1", prefix=prefix) == {key for key in KEYS if key.startswith(prefix)}


def test_other_conditions_are_evaluated(emulator: EmbeddedAws, table: str) -> None:
    assert found(emulator, table, "#d = :day", day="1") == set(KEYS)
    between = found(emulator, table, "#d = :day AND #k BETWEEN :a AND :b", day="1", a="MANIFEST", b="MANIFEST#a")
    assert between == {"MANIFEST", "MANIFEST#a"}


def test_a_condition_that_is_wrong_is_refused_each_time(emulator: EmbeddedAws, table: str) -> None:
    for _ in range(2):
        with pytest.raises(ClientError, match="ValidationException"):
            found(emulator, table, "#d = :day AND begins_with(#k :prefix)", day="1", prefix="M")
