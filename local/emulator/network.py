"""VPC endpoints with their policy, groups and private names, rules with their prefix list, connections with their tags.

MiniStack drops them: a second plan is not empty, and two rules to two prefix lists have one id.
"""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import ec2, glue

Document = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]

KEPT = ("PolicyDocument", "PrivateDnsEnabled")
VERBS = ("", "Add", "Remove")


def install() -> None:
    """Put these around MiniStack's endpoints, rules and Glue connections."""
    for action in ("CreateVpcEndpoint", "ModifyVpcEndpoint"):
        ec2._ACTION_MAP[action] = _keeping_all(ec2._ACTION_MAP[action])
    ec2._vpce_fields_xml = _telling_all(ec2._vpce_fields_xml)
    ec2._parse_ip_permissions = _reading_prefix_lists(ec2._parse_ip_permissions)
    ec2._sg_rule_xml = _telling_prefix_list(ec2._sg_rule_xml)
    glue._create_connection = _keeping_tags(glue._create_connection)


def _keeping_all(original: Callable[[Document], Answer]) -> Callable[[Document], Answer]:
    def wrapped(form: Document) -> Answer:
        answer = original(form)
        if answer[0] == 200:
            endpoint = ec2._vpc_endpoints[ec2._p(form, "VpcEndpointId") or _made(answer)]
            endpoint.update({name: ec2._p(form, name) for name in KEPT if name in form})
            first, more, gone = (ec2._parse_member_list(form, f"{verb}SecurityGroupId") for verb in VERBS)
            endpoint["Groups"] = [group for group in endpoint.get("Groups", []) + first + more if group not in gone]
        return answer

    return wrapped


def _made(answer: Answer) -> str:
    return answer[2].partition(b"<vpcEndpointId>")[2].partition(b"</vpcEndpointId>")[0].decode()


def _telling_all(original: Callable[..., str]) -> Callable[..., str]:
    def wrapped(endpoint: Document, tag: str = "item") -> str:
        groups = "".join(f"<item><groupId>{group}</groupId></item>" for group in endpoint.get("Groups", []))
        more = f"<policyDocument>{escape(endpoint.get('PolicyDocument', ''))}</policyDocument>"
        more += f"<privateDnsEnabled>{endpoint.get('PrivateDnsEnabled', 'false')}</privateDnsEnabled>"
        return _with_last(original(endpoint, tag), f"{more}<groupSet>{groups}</groupSet>", f"</{tag}>")

    return wrapped


def _reading_prefix_lists(original: Callable[..., list[Document]]) -> Callable[..., list[Document]]:
    def wrapped(form: Document, prefix: str) -> list[Document]:
        rules = original(form, prefix)
        for number, rule in enumerate(rules, start=1):
            # The provider's rules have one each.
            first = f"{prefix}.{number}.PrefixListIds.1"
            named = {name: ec2._p(form, f"{first}.{name}") for name in ("PrefixListId", "Description")}
            if named["PrefixListId"]:
                rule["PrefixListIds"] = [{name: value for name, value in named.items() if value}]
        return rules

    return wrapped


def _telling_prefix_list(original: Callable[..., str]) -> Callable[..., str]:
    def wrapped(group: str, rule: Document, is_egress: bool = False) -> str:
        told = original(group, rule, is_egress)
        for entry in rule["PrefixListIds"]:
            told = _with_last(told, f"<prefixListId>{entry['PrefixListId']}</prefixListId>", "</item>")
        return told

    return wrapped


def _keeping_tags(original: Callable[[Document], Answer]) -> Callable[[Document], Answer]:
    def wrapped(request: Document) -> Answer:
        answer = original(request)
        if answer[0] == 200:
            glue._tags[glue._arn("connection", request["ConnectionInput"]["Name"])] = dict(request.get("Tags") or {})
        return answer

    return wrapped


def _with_last(element: str, inner: str, end: str) -> str:
    return element.removesuffix(end) + inner + end
