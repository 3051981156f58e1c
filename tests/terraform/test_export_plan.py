"""What a plan says of the export service that nothing here can enforce: limits, origins, lifetimes, nothing public."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.terraform.offline import Planned
from tests.terraform.test_plans import PUBLIC

GATEWAY = {"aws_apigatewayv2_api", "aws_apigatewayv2_route", "aws_cognito_user_pool"}


def those(plan: Planned, kind: str, name: str = "module.export") -> list[Mapping[str, Any]]:
    return [one for one in plan if one["type"] == kind and one["address"].startswith(name)]


@pytest.mark.parametrize("plan", ["nothing", "no_alarms", "lake"])
def test_without_the_flag_nothing_is_public(plans: dict[str, Planned], plan: str) -> None:
    assert [one["address"] for one in plans[plan] if one["type"] in PUBLIC or "export" in one["address"]] == []


def test_with_the_flag_the_api_and_its_pool_are_all_that_is_public(plans: dict[str, Planned]) -> None:
    assert {one["type"] for one in plans["everything"]} & PUBLIC == GATEWAY


def test_requests_are_limited_and_logged_without_tokens(plans: dict[str, Planned]) -> None:
    [stage] = those(plans["everything"], "aws_apigatewayv2_stage")
    [limits] = stage["default_route_settings"]
    assert (limits["throttling_rate_limit"], limits["throttling_burst_limit"]) == (50, 100)
    [log] = stage["access_log_settings"]
    assert not any("header" in value.lower() for value in json.loads(log["format"]).values())


def test_no_origin_is_allowed_that_nobody_named(plans: dict[str, Planned]) -> None:
    [api] = those(plans["everything"], "aws_apigatewayv2_api")
    assert api["cors_configuration"] == []


def test_files_and_jobs_are_private_and_gone_after_thirty_days(plans: dict[str, Planned]) -> None:
    plan = plans["everything"]
    [private] = those(plan, "aws_s3_bucket_public_access_block")
    kinds = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    assert all(private[kind] for kind in kinds)
    [lifecycle] = those(plan, "aws_s3_bucket_lifecycle_configuration")
    assert {day["days"] for rule in lifecycle["rule"] for day in rule["expiration"] if day["days"]} == {30}
    [table] = those(plan, "aws_dynamodb_table")
    assert table["ttl"][0]["attribute_name"] == "ttl"
    assert table["ttl"][0]["enabled"]
