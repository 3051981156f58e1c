"""VPC endpoints, rules of security groups and Glue connections are described as they were made, and changed."""

from typing import Any

import pytest

from local.access import REGION
from local.embedded_aws import ACCOUNT_ID, EmbeddedAws

POLICY = '{"Statement": [{"Sid": "<Ours> & no other"}]}'


@pytest.fixture(scope="module")
def vpc(emulator: EmbeddedAws) -> str:
    return str(emulator.client("ec2").create_vpc(CidrBlock="10.1.0.0/24")["Vpc"]["VpcId"])


def group(aws: EmbeddedAws, vpc: str, name: str) -> str:
    made = aws.client("ec2").create_security_group(GroupName=name, Description=name, VpcId=vpc)
    return str(made["GroupId"])


def described(aws: EmbeddedAws, endpoint: str) -> dict[str, Any]:
    (found,) = aws.client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"]
    return dict(found)


def groups_of(endpoint: dict[str, Any]) -> list[str]:
    return [group["GroupId"] for group in endpoint["Groups"]]


def test_an_endpoint_keeps_its_policy_groups_and_private_names(emulator: EmbeddedAws, vpc: str) -> None:
    ec2, first, second = emulator.client("ec2"), group(emulator, vpc, "first"), group(emulator, vpc, "second")
    made = ec2.create_vpc_endpoint(
        VpcId=vpc,
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{REGION}.sqs",
        SecurityGroupIds=[first],
        PrivateDnsEnabled=True,
        PolicyDocument=POLICY,
    )["VpcEndpoint"]["VpcEndpointId"]
    endpoint = described(emulator, made)
    assert (endpoint["PolicyDocument"], endpoint["PrivateDnsEnabled"]) == (POLICY, True)
    assert groups_of(endpoint) == [first]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made, AddSecurityGroupIds=[second], RemoveSecurityGroupIds=[first], PrivateDnsEnabled=False
    )
    endpoint = described(emulator, made)
    assert (endpoint["PolicyDocument"], endpoint["PrivateDnsEnabled"]) == (POLICY, False)
    assert groups_of(endpoint) == [second]


def test_an_endpoint_that_was_asked_for_less_has_less(emulator: EmbeddedAws, vpc: str) -> None:
    service = f"com.amazonaws.{REGION}.s3"
    made = emulator.client("ec2").create_vpc_endpoint(VpcId=vpc, ServiceName=service)["VpcEndpoint"]["VpcEndpointId"]
    endpoint = described(emulator, made)
    assert (groups_of(endpoint), endpoint["PrivateDnsEnabled"]) == ([], False)


def test_rules_to_two_prefix_lists_are_two_rules(emulator: EmbeddedAws, vpc: str) -> None:
    ec2, owner = emulator.client("ec2"), group(emulator, vpc, "owner")
    ids = {}
    for prefix_list in ("pl-1", "pl-2"):
        entry = {"PrefixListId": prefix_list, "Description": f"To {prefix_list}"}
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [entry]}
        made = ec2.authorize_security_group_egress(GroupId=owner, IpPermissions=[permission])
        (rule,) = made["SecurityGroupRules"]
        ids[rule["SecurityGroupRuleId"]] = prefix_list
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=list(ids))["SecurityGroupRules"]
    assert {rule["SecurityGroupRuleId"]: rule["PrefixListId"] for rule in found} == ids
    assert {rule["Description"] for rule in found} == {"To pl-1", "To pl-2"}


def test_a_connection_keeps_its_tags(emulator: EmbeddedAws) -> None:
    glue = emulator.client("glue")
    connection: Any = {"Name": "tagged", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=connection, Tags={"a": "b"})
    arn = f"arn:aws:glue:{REGION}:{ACCOUNT_ID}:connection/tagged"
    assert glue.get_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
