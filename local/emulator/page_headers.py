"""Response headers policies of CloudFront, without the empty lists with which a second plan is not empty."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from ministack.services import cloudfront

LISTS = ("CustomHeadersConfig", "RemoveHeadersConfig")


def install() -> None:
    """Put this around MiniStack's."""
    cloudfront._build_rhp_config_xml = _without_empty_lists(cloudfront._build_rhp_config_xml)


def _without_empty_lists(original: Callable[[Element, Mapping[str, Any]], None]) -> Callable[..., None]:
    def wrapped(parent: Element, config: Mapping[str, Any]) -> None:
        original(parent, config)
        for name in LISTS:
            found = parent.find(name)
            if found is not None and found.find("Items") is None:
                parent.remove(found)

    return wrapped
