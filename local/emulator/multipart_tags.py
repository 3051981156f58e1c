"""Tags of an object that is uploaded in parts, given when the upload starts and kept until it is complete.

Terraform uploads large files in parts; without their tags, its second plan is not empty.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from ministack.services import s3

Answer = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Put these around MiniStack's CreateMultipartUpload and CompleteMultipartUpload."""
    s3._create_multipart_upload = _keeping_tags(s3._create_multipart_upload)
    s3._complete_multipart_upload = _tagging(s3._complete_multipart_upload)


def tag_set(header: str) -> bytes:
    """The body of PutObjectTagging for what `x-amz-tagging` says, such as `a=1&b=2`."""
    root = ElementTree.Element("Tagging")
    tags = ElementTree.SubElement(root, "TagSet")
    for name, value in parse_qsl(header, keep_blank_values=True):
        tag = ElementTree.SubElement(tags, "Tag")
        ElementTree.SubElement(tag, "Key").text = name
        ElementTree.SubElement(tag, "Value").text = value
    return ElementTree.tostring(root)


def _keeping_tags(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def wrapped(bucket: str, key: str, headers: dict[str, str]) -> Answer:
        answer = original(bucket, key, headers)
        if answer[0] == 200 and headers.get("x-amz-tagging"):
            s3._multipart_uploads[_upload_id(answer)]["tagging"] = headers["x-amz-tagging"]
        return answer

    return wrapped


def _upload_id(answer: Answer) -> str:
    return answer[2].partition(b"<UploadId>")[2].partition(b"</UploadId>")[0].decode()


def _tagging(original: Callable[..., Answer]) -> Callable[..., Answer]:
    def wrapped(bucket: str, key: str, body: bytes, query: dict[str, Any], *more: Any) -> Answer:
        tagging = s3._multipart_uploads.get(s3._qp(query, "uploadId"), {}).get("tagging")
        answer = original(bucket, key, body, query, *more)
        if answer[0] == 200 and tagging:
            s3._put_object_tagging(bucket, key, tag_set(tagging))
        return answer

    return wrapped
