"""Every bucket is private, encrypted and refuses plain HTTP; what is kept for how long is what the settings say."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.terraform.offline import ACCOUNT, Planned

PLANS = ("nothing", "buckets")
PREFIX = "aws_s3_bucket"
OURS = ("input", "manifest", "output", "quarantine", "scripts")
LOGS, LAKE_LOGS = "ndjson-parquet-access-logs", "ndjson-parquet-lake-logs"


class Buckets:
    """The planned buckets, by name without environment and account."""

    def __init__(self, plan: Planned) -> None:
        self._named = {_module(r): r["bucket"].removesuffix(f"-test-{ACCOUNT}") for r in plan if r["type"] == PREFIX}
        self._plan = plan

    @property
    def names(self) -> list[str]:
        return sorted(self._named.values())

    def each(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """What there is of a kind, such as `versioning`, by the bucket that it is for."""
        found = [r for r in self._plan if r["type"] == f"{PREFIX}_{kind}"]
        return {self._named[_module(r)]: r for r in found}

    def rules(self, name: str) -> dict[str, tuple[str, int | None, int | None]]:
        """Of its lifecycle, by id: the folder, and the days until objects, and earlier versions, are deleted."""
        rules = self.each("lifecycle_configuration")[name]["rule"]
        return {rule["id"]: (_folder(rule), _days(rule, "expiration"), _days(rule, "noncurrent")) for rule in rules}


def _module(resource: Mapping[str, Any]) -> str:
    address: str = resource["address"]
    return address.partition(f".{PREFIX}")[0]


def _folder(rule: Mapping[str, Any]) -> str:
    return "".join(found.get("prefix") or "" for found in rule["filter"])


def _days(rule: Mapping[str, Any], what: str) -> int | None:
    blocks = rule["expiration"] if what == "expiration" else rule["noncurrent_version_expiration"]
    days = [block.get("days" if what == "expiration" else "noncurrent_days") for block in blocks or ()]
    return days[0] if days else None


@pytest.fixture(params=PLANS)
def any_buckets(plans: dict[str, Planned], request: pytest.FixtureRequest) -> Buckets:
    return Buckets(plans[request.param])


@pytest.fixture
def usual(plans: dict[str, Planned]) -> Buckets:
    return Buckets(plans["nothing"])


@pytest.fixture
def all_flags(plans: dict[str, Planned]) -> Buckets:
    return Buckets(plans["buckets"])


def test_none_can_be_public(any_buckets: Buckets) -> None:
    blocks = any_buckets.each("public_access_block")
    assert sorted(blocks) == any_buckets.names
    four = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert all(block[name] for block in blocks.values() for name in four)
    owners = any_buckets.each("ownership_controls")
    assert {name: o["rule"][0]["object_ownership"] for name, o in owners.items()} == dict.fromkeys(
        any_buckets.names, "BucketOwnerEnforced"
    )


def test_each_refuses_plain_http(any_buckets: Buckets) -> None:
    policies = any_buckets.each("policy")
    assert sorted(policies) == any_buckets.names
    # That of the console names a distribution that is not there yet; the module's own test reads it.
    known = {name: json.loads(policy["policy"]) for name, policy in policies.items() if policy.get("policy")}
    assert len(policies) - len(known) <= 1
    for name, policy in known.items():
        arn = f"arn:aws:s3:::{name}-test-{ACCOUNT}"
        assert policy["Statement"][0] == {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def test_only_who_delivers_logs_may_do_more_than_the_account_allows(all_flags: Buckets) -> None:
    policies = {name: json.loads(p["policy"]) for name, p in all_flags.each("policy").items() if p.get("policy")}
    allowed = [
        (name, statement["Principal"]["Service"])
        for name, policy in policies.items()
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow"
    ]
    s3, trail = "logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"
    assert sorted(allowed) == [(LOGS, s3), (LAKE_LOGS, trail), (LAKE_LOGS, trail), (LAKE_LOGS, s3)]


@pytest.mark.parametrize(("plan", "algorithm"), [("nothing", "AES256"), ("buckets", "aws:kms")])
def test_each_is_encrypted(plans: dict[str, Planned], plan: str, algorithm: str) -> None:
    buckets = Buckets(plans[plan])
    rules = {name: e["rule"][0] for name, e in buckets.each("server_side_encryption_configuration").items()}
    found = {name: rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] for name, rule in rules.items()}
    # Access logs can be delivered, and pages be read by anybody, without our key.
    with_s3_key = {LOGS, LAKE_LOGS, "ndjson-parquet-export-console"}
    assert found == {name: "AES256" if name in with_s3_key else algorithm for name in buckets.names}
    assert all(rules[name]["bucket_key_enabled"] for name in found if found[name] == "aws:kms")


def test_the_buckets_are_those_of_the_flags(usual: Buckets, all_flags: Buckets) -> None:
    assert usual.names == [f"ndjson-parquet-{purpose}" for purpose in OURS]
    others = ("access-logs", "export", "export-console", "lake", "lake-logs")
    # Files land in somebody's bucket, which nobody touches.
    assert all_flags.names == sorted(f"ndjson-parquet-{purpose}" for purpose in (*OURS[1:], *others))


def test_versions_are_kept_where_others_choose_the_names(usual: Buckets, all_flags: Buckets) -> None:
    assert sorted(usual.each("versioning")) == ["ndjson-parquet-input", "ndjson-parquet-quarantine"]
    versioned = ("lake", "output", "quarantine")
    assert sorted(all_flags.each("versioning")) == [f"ndjson-parquet-{purpose}" for purpose in versioned]


def test_nothing_is_kept_or_deleted_but_as_the_settings_say(usual: Buckets, all_flags: Buckets) -> None:
    unfinished = {"abort-incomplete-uploads": ("", None, None)}
    markers = {"remove-expired-delete-markers": ("", None, None)}
    assert usual.rules("ndjson-parquet-output") == unfinished
    assert usual.rules("ndjson-parquet-input") == {
        **unfinished,
        "expire": ("", 3, None),
        "expire-earlier-versions": ("", None, 3),
        **markers,
    }
    assert all_flags.rules("ndjson-parquet-output") == {
        **unfinished,
        "expire": ("", 400, None),
        "expire-earlier-versions": ("", None, 14),
        **markers,
    }
    assert all_flags.rules(LOGS) == {**unfinished, "expire": ("", 60, None)}
    assert all_flags.rules("ndjson-parquet-export") == {**unfinished, "expire": ("", 31, None)}
    assert all_flags.rules("ndjson-parquet-lake")["expire-athena-results"][0] == "athena-results/"


def test_access_logs_are_a_flag(usual: Buckets, all_flags: Buckets) -> None:
    assert usual.each("logging") == {}
    found = all_flags.each("logging")
    logged = [name for name in all_flags.names if name not in {LOGS, LAKE_LOGS}]
    assert sorted(found) == logged
    targets = {(logging["target_bucket"], logging["target_prefix"]) for logging in found.values()}
    assert len(targets) == len(logged)
