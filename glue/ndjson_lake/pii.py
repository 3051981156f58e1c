"""Personal data on its way out of raw: masked, or replaced by a keyed hash (HMAC-SHA256, RFC 2104)."""

import hashlib
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from ndjson_lake.errors import SecretError
from ndjson_parquet_lake.datasets import Dataset

_BLOCK = 64
_SHORTEST_KEY = 16
_PADS = "token_pads"
_TOKEN_LENGTH = 32


def read_token_key(name: str | None, client: Any = None) -> bytes:
    """The key of the tokens. Raises SecretError; without a key no personal data is read."""
    if not name:
        raise SecretError("--tokens_secret is not given: name the Secrets Manager secret with the key of the tokens")
    try:
        answer = (client or boto3.client("secretsmanager")).get_secret_value(SecretId=name)
    except (ClientError, BotoCoreError) as error:
        raise SecretError(f"--tokens_secret {name} cannot be read with the job's role: {error}") from error
    key = str(answer.get("SecretString", "")).encode()
    if len(key) < _SHORTEST_KEY:
        raise SecretError(f"--tokens_secret {name} holds {len(key)} bytes: a key has {_SHORTEST_KEY} or more")
    return key


def protected(spark: SparkSession, rows: DataFrame, dataset: Dataset, key: bytes | None) -> DataFrame:
    """The rows with their personal data masked or replaced. Raises SecretError when a token is due and no key is there.

    The key travels as data of a one-row table, not as a literal: literals stand in Spark's plans and event logs.
    """
    masks = {column.name: mask(F.col(column.name)) for column in dataset.columns if column.pii == "mask"}
    names = [column.name for column in dataset.columns if column.pii == "token"]
    rows = rows.withColumns(masks) if masks else rows
    if not names:
        return rows
    if key is None:
        raise SecretError(
            f"{dataset.name}: {', '.join(names)} must become tokens and there is no key: give the job --tokens_secret"
        )
    pads = spark.createDataFrame([_pads(key)], f"{_PADS} struct<inner: binary, outer: binary>")
    tokens = {name: token(F.col(name), F.col(f"{_PADS}.inner"), F.col(f"{_PADS}.outer")) for name in names}
    return rows.crossJoin(F.broadcast(pads)).withColumns(tokens).drop(_PADS)


def token(value: Column, inner: Column, outer: Column) -> Column:
    """`tok_` and 128 bits of the HMAC of the value in lower case, without spaces around it; null stays null."""
    message = F.lower(F.trim(value)).cast("binary")
    first = F.unhex(F.sha2(F.concat(inner, message), 256))
    second = F.sha2(F.concat(outer, first), 256)
    return F.concat(F.lit("tok_"), F.substring(second, 1, _TOKEN_LENGTH))


def mask(value: Column) -> Column:
    """What may stay, by the shape of the value: the network of an address, the host of an e-mail, one letter of a name.

    IPv4 keeps 24 bits, IPv6 at most 48; null stays null.
    """
    ipv4 = r"^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$"
    ipv6 = r"^([0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}):[0-9a-fA-F:.]+$"
    return (
        F.when(value.rlike(ipv4), F.concat(F.substring_index(value, ".", 3), F.lit(".0")))
        .when(value.rlike(ipv6), F.regexp_replace(value, ipv6, "$1::"))
        .when(value.rlike(r"^[0-9a-fA-F:]*:[0-9a-fA-F:]*$"), F.lit("::"))
        .when(value.contains("@"), F.concat(F.substring(value, 1, 1), F.lit("***@"), F.substring_index(value, "@", -1)))
        .when(value.isNotNull(), F.concat(F.substring(value, 1, 1), F.lit("***")))
    )


def _pads(key: bytes) -> tuple[tuple[bytearray, bytearray]]:
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return ((bytearray(byte ^ 0x36 for byte in block), bytearray(byte ^ 0x5C for byte in block)),)
