"""One AWS API call, as far as the layers need to know it: who, where, which service and operation.

Only the credential scope of the signature is read; the signature itself is not verified.
"""

import gzip
import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qs

from .operations import rest_operation

SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request")
CBOR_PATH = re.compile(r"^/service/([^/]+)/operation/([^/]+)$")
# The names of IAM policies, where the signature uses another one.
IAM_PREFIX = {"monitoring": "cloudwatch", "email": "ses"}
REST_XML = {"s3"}


@dataclass
class Call:
    environ: dict
    access_key: str = ""
    region: str = "us-east-1"
    service: str = ""
    operation: str = ""
    protocol: str = "rest-json"
    account_id: str = ""
    session: object = None
    entry: dict | None = None  # of the record of starts and stops, once the call had its effect
    body: bytes = field(default=b"", repr=False)

    @cached_property
    def form(self) -> dict[str, str]:
        """The parameters of the query protocols, flat as they came."""
        text = self.body.decode("utf-8", "replace") or self.environ.get("QUERY_STRING", "")
        return {key: values[0] for key, values in parse_qs(text, keep_blank_values=True).items()}

    @property
    def action(self) -> str:
        return f"{self.service}:{self.operation}"

    def replace_body(self, body: bytes) -> None:
        self.body = body
        self.environ["wsgi.input"] = io.BytesIO(body)
        self.environ["CONTENT_LENGTH"] = str(len(body))


def read_call(environ: dict) -> Call:
    call = Call(environ)
    scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope:
        call.access_key, _, call.region, name = scope.groups()
        call.service = IAM_PREFIX.get(name, name)
    call.replace_body(_read_body(environ))
    _name_operation(call)
    return call


def _read_body(environ: dict) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length) if length else b""
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        body = environ["wsgi.input"].read()
    # The SDKs compress large CloudWatch requests.
    if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
        environ.pop("HTTP_CONTENT_ENCODING")
        body = gzip.decompress(body)
    return body


def _name_operation(call: Call) -> None:
    cbor = CBOR_PATH.match(call.environ.get("PATH_INFO", ""))
    target = call.environ.get("HTTP_X_AMZ_TARGET", "")
    if cbor:
        call.protocol, call.operation = "cbor", cbor[2]
    elif target:
        call.protocol, call.operation = "json", target.rpartition(".")[2]
    elif call.form.get("Action"):
        call.protocol = "ec2" if call.service == "ec2" else "query"
        call.operation = call.form["Action"]
    else:
        call.protocol = "rest-xml" if call.service in REST_XML else "rest-json"
        call.operation = rest_operation(call.service, call.environ)
