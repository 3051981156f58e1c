"""The real store on a stubbed client: bodies that do not come whole, and what S3's errors mean to a run."""

import io
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from ndjson_converter.errors import NotFoundError, StorageError
from ndjson_converter.manifest import SourceFile
from ndjson_converter.s3 import Upload
from tests.converter_support import StoreOn

URI = "s3://input/landing/a b.ndjson"
CONTENT = b'{"a":1}\n'
PINNED = SourceFile(0, URI, len(CONTENT), "e1", "v1")
REQUEST = {"Bucket": "input", "Key": "landing/a b.ndjson", "VersionId": "v1", "IfMatch": '"e1"'}


class Breaking(io.BytesIO):
    """A connection that fails while the body is read."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def read(self, *_: Any) -> bytes:
        raise self._error


def whole() -> StreamingBody:
    return StreamingBody(io.BytesIO(CONTENT), len(CONTENT))


BROKEN = {
    "breaks off": lambda: StreamingBody(Breaking(ProtocolError("reset")), len(CONTENT)),
    "takes too long": lambda: StreamingBody(Breaking(ReadTimeoutError(None, "", "slow")), len(CONTENT)),  # type: ignore[arg-type]  # no pool
    "is short": lambda: StreamingBody(io.BytesIO(CONTENT[:-1]), len(CONTENT)),
}


@pytest.fixture
def stub() -> Stubber:
    client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stub = Stubber(client)
    stub.activate()
    return stub


@pytest.fixture
def store(stub: Stubber) -> StoreOn:
    return StoreOn(client=stub.client)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_body_that_does_not_come_whole_is_asked_for_again(stub: Stubber, store: StoreOn, broken: Any) -> None:
    for body in (broken(), broken(), whole()):
        stub.add_response("get_object", {"Body": body}, REQUEST)

    assert store.read_source(PINNED) == CONTENT
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_body_that_never_comes_whole_is_an_error(stub: Stubber, store: StoreOn, broken: Any) -> None:
    for _ in range(3):
        stub.add_response("get_object", {"Body": broken()})

    with pytest.raises(StorageError, match=rf"^cannot read {URI}: ") as raised:
        store.read(URI)

    assert not isinstance(raised.value, NotFoundError)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("NoSuchKey", "the object version is gone"),
        ("NoSuchVersion", "the object version is gone"),
        # What a delete marker answers to who asks for its version.
        ("MethodNotAllowed", "the object version is gone"),
        ("PreconditionFailed", "the object's bytes are not those of the manifest"),
    ],
)
def test_what_is_gone_or_changed_is_not_found(stub: Stubber, store: StoreOn, code: str, message: str) -> None:
    stub.add_client_error("get_object", code)

    with pytest.raises(NotFoundError, match=rf"cannot read {URI}: {message} \({code}\)"):
        store.read_source(PINNED)


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchBucket", "SlowDown", "InternalError"])
def test_any_other_answer_is_an_error_of_the_run(stub: Stubber, store: StoreOn, code: str) -> None:
    stub.add_client_error("get_object", code, "two\nlines")

    with pytest.raises(StorageError, match=rf"^cannot read {URI}: {code}: two lines$") as raised:
        store.read_source(PINNED)

    assert not isinstance(raised.value, NotFoundError)


def test_an_upload_that_is_not_there_any_more_needs_no_abort(stub: Stubber, store: StoreOn) -> None:
    stub.add_client_error("abort_multipart_upload", "NoSuchUpload")

    store.abort_upload(Upload(URI, "u1"))


def test_an_upload_that_another_run_has_aborted_cannot_be_completed(stub: Stubber, store: StoreOn) -> None:
    stub.add_client_error("complete_multipart_upload", "NoSuchUpload")

    with pytest.raises(StorageError, match="cannot complete the upload of"):
        store.complete_upload(Upload(URI, "u1"), ["e1"])
