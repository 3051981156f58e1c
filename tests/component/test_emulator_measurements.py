"""What the embedded AWS writes down for measurements, when it is asked to."""

import json
from collections import Counter
from pathlib import Path

from local.embedded_aws import EmbeddedAws
from local.emulator.sampling_profile import shares
from local.emulator.switches import PROFILE, REQUEST_LOG


def test_requests_are_logged_with_their_operation_and_the_threads_are_sampled(tmp_path: Path) -> None:
    log, profile = tmp_path / "requests.ndjson", tmp_path / "profile.json"
    aws = EmbeddedAws(tmp_path / "aws", settings={REQUEST_LOG: str(log), PROFILE: str(profile)})
    aws.start(port=0)
    s3, dynamodb, functions = (aws.client(name) for name in ("s3", "dynamodb", "lambda"))
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"1.10")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="b")["UploadId"]
    s3.abort_multipart_upload(Bucket="bucket", Key="b", UploadId=upload)
    dynamodb.list_tables()
    functions.list_functions()
    aws.stop()
    requests = [json.loads(line) for line in log.read_text().splitlines()]
    assert [one["operation"] for one in requests if one["path"] != "/bucket"] == [
        "S3.PUT",
        "S3.POST uploads",
        "S3.DELETE uploadId",
        "DynamoDB.ListTables",
        "Lambda.GET",
    ]
    assert all(one["seconds"] > 0 and not one["function"] and one["status"] < 300 for one in requests)
    assert any(name.startswith("server.") for name in json.loads(profile.read_text()))


def test_shares_are_of_all_samples() -> None:
    assert shares(Counter({"": 200, "a.f": 50, "b.g": 100})) == {"b.g": 0.5, "a.f": 0.25}
