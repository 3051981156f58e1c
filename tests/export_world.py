"""The export API on the embedded AWS without API Gateway: own table, buckets and state machine, and events by hand."""

import io
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from export_api.app import api
from export_api.exports import Exports, Rules
from export_api.files import SIGNED, Files
from export_api.job_table import JobTable
from export_api.pipeline_reads import PipelineReads
from export_api.routes import Services
from local.embedded_aws import EmbeddedAws
from ndjson_parquet.items import from_item, to_item
from ndjson_parquet.tracking import TrackingTable
from tests.component.control_plane import ControlPlane

WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 3600, "End": True}}}
RULES = Rules(max_upload_bytes=1000, max_running_jobs=2, longest=timedelta(hours=5), ttl=timedelta(days=30))
GROUP = "operators"


def parquet(rows: int = 3) -> bytes:
    """A small Parquet file."""
    content = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(rows)), "name": [f"n{number}" for number in range(rows)]}), content)
    return content.getvalue()


@dataclass(frozen=True)
class Said:
    """What the API answered."""

    status: int
    body: Any
    headers: dict[str, Any]

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


class ExportWorld:
    """One deployment's worth of export API. `now` is what its clock says."""

    def __init__(self, aws: EmbeddedAws, plane: ControlPlane, rules: Rules = RULES) -> None:
        self.id = uuid.uuid4().hex[:8]
        self.now = datetime.now(UTC)
        self.plane = plane
        self.dynamodb, self.states = plane.dynamodb, plane.stepfunctions
        self.table, self.bucket, self.outputs = f"jobs-{self.id}", f"export-{self.id}", f"output-{self.id}"
        self._rules = rules
        self.s3 = aws.access.client("s3", SIGNED)
        for bucket in (self.bucket, self.outputs):
            self.s3.create_bucket(Bucket=bucket)
        create_jobs_table(self.dynamodb, self.table)
        self.state_machine = self.states.create_state_machine(
            name=f"export-{self.id}", definition=json.dumps(WAITING), roleArn="arn:aws:iam::000000000000:role/any"
        )["stateMachineArn"]
        self.app = api(self.services, Logger(service="test"))

    def services(self, group: str | None = GROUP) -> Services:
        files = Files(self.s3, self.bucket)
        outputs = Files(self.s3, self.outputs)
        exports = Exports(
            JobTable(self.dynamodb, self.table),
            files,
            outputs,
            self.states,
            self.state_machine,
            rules=self._rules,
            clock=lambda: self.now,
        )
        tracking = TrackingTable(self.dynamodb, self.plane.table, self.plane.manifests)
        pipeline = PipelineReads(self.dynamodb, self.plane.table, tracking, outputs, 10)
        return Services(exports, pipeline, "test", group, "cognito:groups", lambda: self.now)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str | None = "ana",
        groups: str = "",
        **query: str,
    ) -> Said:
        """One request as API Gateway hands it over; `who` is None for one that no authorizer saw."""
        content = body if isinstance(body, str) or body is None else json.dumps(body)
        claims = {"sub": who, "cognito:groups": f"[{groups}]"}
        event: dict[str, Any] = {
            "version": "2.0",
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "queryStringParameters": query or None,
            "requestContext": {
                "http": {"method": method, "path": path},
                "requestId": "request-1",
                "stage": "$default",
                **({"authorizer": {"jwt": {"claims": claims, "scopes": []}}} if who is not None else {}),
            },
            "body": content,
            "isBase64Encoded": False,
        }
        answer = self.app.resolve(event, LambdaContext())
        return Said(answer["statusCode"], json.loads(answer["body"]), answer["headers"])

    def upload(
        self, name: str = "orders.parquet", who: str = "ana", content: bytes | None = None, **wanted: str
    ) -> str:
        """A job whose file is in its place."""
        content = parquet() if content is None else content
        said = self.ask("POST", "/upload", {"fileName": name, "size": 999, **wanted}, who=who)
        assert said.status == 201, said
        job_id = str(said.body["jobId"])
        self.s3.put_object(Bucket=self.bucket, Key=f"uploads/{job_id}/{name}", Body=content)
        return job_id

    def change(self, job_id: str, **attributes: Any) -> None:
        """Write attributes of a job's item, as the state machine or the run would."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=to_item({"jobId": job_id}),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
            ExpressionAttributeNames={f"#{name}": name for name in attributes},
            ExpressionAttributeValues=to_item({f":{name}": value for name, value in attributes.items()}),
        )

    def complete(self, job_id: str, content: bytes, **attributes: Any) -> None:
        """The job ends with this result."""
        self.s3.put_object(Bucket=self.bucket, Key=self.item(job_id)["outputS3Key"], Body=content)
        self.change(job_id, status="COMPLETED", progress=100, **attributes)

    def item(self, job_id: str) -> dict[str, Any]:
        return from_item(self.dynamodb.get_item(TableName=self.table, Key=to_item({"jobId": job_id}))["Item"])

    def executions(self) -> list[str]:
        found = self.states.list_executions(stateMachineArn=self.state_machine)["executions"]
        return [execution["name"] for execution in found]


def create_jobs_table(dynamodb: Any, name: str) -> None:
    """A jobs table as Terraform makes it."""

    def index(key: str) -> dict[str, Any]:
        keys = [{"AttributeName": key, "KeyType": "HASH"}, {"AttributeName": "createdAt", "KeyType": "RANGE"}]
        return {"IndexName": f"{key}-createdAt-index", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}

    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"}
            for attribute in ("jobId", "status", "owner", "createdAt")
        ],
        KeySchema=[{"AttributeName": "jobId", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[index("status"), index("owner")],
    )
