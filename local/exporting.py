"""The export service as a program uses it: sign in, upload, start, watch, look, download.

people = People(aws.access, outputs)
ana = people.sign_in(people.add("ana@example.com"))
job = ana.export(Path("orders.parquet"))
"""

import contextlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import urllib3

from local.access import Access

PARQUET = "application/vnd.apache.parquet"
ENDED = ("COMPLETED", "FAILED")
_POLL_SECONDS = 0.3


class ExportError(RuntimeError):
    """The export service is not deployed, or refused; the text says which and why."""


@dataclass(frozen=True)
class ExportOutputs:
    """The root module's outputs that the export service has."""

    export_api_id: str
    export_api_url: str
    export_issuer: str
    export_user_pool_id: str
    export_user_pool_client_id: str
    export_bucket: str
    export_jobs_table: str
    export_state_machine_arn: str
    export_glue_job: str
    output_bucket: str
    tracking_table: str

    @classmethod
    def parse(cls, text: str) -> "ExportOutputs":
        """From `terraform output -json`. Raises ExportError without the service, or without its user pool."""
        values = {name: output["value"] for name, output in json.loads(text).items()}
        if absent := [field.name for field in fields(cls) if not values.get(field.name)]:
            raise ExportError(
                f"terraform has no value for {', '.join(absent)}: "
                "apply with enable_export_api = true and export_oidc = null"
            )
        return cls(**{field.name: values[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Person:
    """Who can sign in."""

    email: str
    password: str


@dataclass(frozen=True)
class Answer:
    """What the API said."""

    status: int
    body: Any

    @property
    def code(self) -> str | None:
        """The code of an error; None for anything else."""
        error = self.body.get("error") if isinstance(self.body, Mapping) else None
        return error["code"] if error else None


class ExportApi:
    """The API with one token, or with none."""

    def __init__(self, access: Access, outputs: ExportOutputs, token: str | None) -> None:
        self.token = token
        self._outputs = outputs
        self._http = urllib3.PoolManager(ca_certs=access.ca_bundle, retries=False)
        # The address that Terraform knows has a name that only browsers resolve.
        self.url = f"{access.endpoint}/_aws/execute-api/{outputs.export_api_id}/$default"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """One request. `body` is sent as JSON, or as it is when it is bytes."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = "application/json"
        wanted = {name: str(value) for name, value in query.items() if value is not None}
        answer = (
            self._http.request(method, self.url + path, fields=wanted, headers=headers)
            if content is None
            else (self._http.request(method, self.url + path, body=content, headers=headers))
        )
        return Answer(answer.status, json.loads(answer.data or b"null"))

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, body)

    def upload(self, name: str, content: bytes, **wanted: str) -> str:
        """Announce a file and post it as a browser does; the job's id. Raises ExportError."""
        announced = self._good(self.post("/upload", {"fileName": name, "size": len(content), **wanted}), 201)
        status = self.send(announced["uploadUrl"], announced["uploadFields"], name, content)
        if status not in (200, 204):
            raise ExportError(f"S3 answered {status} to the upload of {name}")
        return str(announced["jobId"])

    def send(self, url: str, form: Mapping[str, str], name: str, content: bytes) -> int:
        """Post a file with a form; S3's status."""
        parts: Sequence[tuple[str, Any]] = [*form.items(), ("file", (name, content, PARQUET))]
        return self._http.request("POST", url, fields=parts).status

    def start(self, job_id: str) -> dict[str, Any]:
        return self._good(self.post("/trigger-job", {"jobId": job_id}), 202)

    def job(self, job_id: str) -> dict[str, Any]:
        return self._good(self.get(f"/job-status/{job_id}"), 200)

    def ended(self, job_id: str, seconds: float = 60) -> dict[str, Any]:
        """The job when it has ended. Raises ExportError when it takes longer."""
        deadline = time.monotonic() + seconds
        while (job := self.job(job_id))["status"] not in ENDED:
            if time.monotonic() > deadline:
                raise ExportError(f"job {job_id} has not ended after {seconds:.0f} s: {job}")
            time.sleep(_POLL_SECONDS)
        return job

    def download(self, job_id: str) -> tuple[str, bytes]:
        """File name and content of a result, through the link that the API gives."""
        answer = self._good(self.get(f"/download/{job_id}"), 200)
        return str(answer["fileName"]), self._http.request("GET", answer["downloadUrl"]).data

    def _good(self, answer: Answer, status: int) -> dict[str, Any]:
        if answer.status != status:
            raise ExportError(f"the export API answered {answer.status}: {answer.body}")
        found: dict[str, Any] = answer.body
        return found


class People:
    """Those who may sign in, in the service's own user pool."""

    def __init__(self, access: Access, outputs: ExportOutputs) -> None:
        self._access = access
        self._outputs = outputs
        self._cognito = access.client("cognito-idp")

    def add(self, email: str, *groups: str) -> Person:
        """A new person, whose password is made up; one who is there already gets a new password."""
        pool, person = self._outputs.export_user_pool_id, Person(email, f"Aa1-{secrets.token_urlsafe(15)}")
        with contextlib.suppress(self._cognito.exceptions.UsernameExistsException):
            self._cognito.admin_create_user(
                UserPoolId=pool,
                Username=email,
                MessageAction="SUPPRESS",
                UserAttributes=[{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}],
            )
        self._cognito.admin_set_user_password(UserPoolId=pool, Username=email, Password=person.password, Permanent=True)
        for group in groups:
            self._cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        return person

    def tokens(self, person: Person) -> dict[str, Any]:
        """What a sign-in gives: AccessToken, IdToken, RefreshToken."""
        answer = self._cognito.initiate_auth(
            ClientId=self._outputs.export_user_pool_client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": person.email, "PASSWORD": person.password},
        )
        result: dict[str, Any] = answer["AuthenticationResult"]
        return result

    def sign_in(self, person: Person) -> ExportApi:
        """The API as this person uses it."""
        return ExportApi(self._access, self._outputs, str(self.tokens(person)["AccessToken"]))
