"""Reads parameters and writes results of our own operations, guided by botocore's service models.

Four protocols: rpc-v2-cbor (CloudWatch from the newer SDKs), JSON 1.x, REST with JSON (Lambda) and the query
protocol. A result that does not fit the model's output shape is a bug of the stand-in and raises.
"""

import datetime as dt
import json
import re
import uuid
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

import cbor2
from botocore.validate import ParamValidator
from werkzeug.datastructures import MultiDict

from .call import Call
from .errors import AwsError, Reply
from .operations import service_model


# What stands around S3's replies, where the operation does not give it its name.
S3_ROOTS = {
    "GetBucketVersioning": "VersioningConfiguration",
    "ListBucketMetricsConfigurations": "ListMetricsConfigurationsResult",
    "ListBucketIntelligentTieringConfigurations": "ListBucketIntelligentTieringConfigurationsOutput",
}


@lru_cache(maxsize=None)
def operation_model(service: str, operation: str):
    return service_model(service).operation_model(operation)


def read_params(call: Call) -> dict:
    if call.protocol == "cbor":
        return cbor2.loads(call.body) if call.body else {}
    if call.protocol == "json":
        return json.loads(call.body or b"{}")
    if call.protocol in ("rest-json", "rest-xml"):
        return _read_rest(call)
    from moto.core.parse import EC2QueryParser, QueryParser

    parser_class = EC2QueryParser if call.protocol == "ec2" else QueryParser
    parser = parser_class(_moto_model(call))
    return parser.parse({"values": MultiDict(call.form)})


def _read_rest(call: Call) -> dict:
    """From the path, the query and the body; the path's pattern is the model's."""
    operation = operation_model(call.service, call.operation)
    path = operation.http["requestUri"].partition("?")[0]
    found = re.match(re.sub(r"\{(\w+)\+?\}", r"(?P<\1>.+)", path) + "/?$", call.environ.get("PATH_INFO", "/"))
    query = dict(parse_qsl(call.environ.get("QUERY_STRING", "")))
    given = {**query, **(found.groupdict() if found else {})}
    params = json.loads(call.body or b"{}")
    for name, shape in operation.input_shape.members.items():
        value = given.get(shape.serialization.get("name", name))
        if value is not None and shape.serialization.get("location") in ("uri", "querystring"):
            params[name] = int(value) if shape.type_name in ("integer", "long") else unquote(value)
    return params


def check_params(call: Call, params: dict) -> None:
    """Required members and types of the request, as the service's model has them."""
    shape = operation_model(call.service, call.operation).input_shape
    if shape is None:
        return
    report = ParamValidator().validate(_plain(shape, params), shape)
    if report.has_errors():
        raise AwsError("ValidationException", report.generate_report(), 400)


def _plain(shape, value):
    """JSON and CBOR bring timestamps as numbers; the validator wants datetimes."""
    if shape.type_name == "structure":
        return {k: _plain(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if shape.type_name == "list":
        return [_plain(shape.member, item) for item in value]
    if shape.type_name == "timestamp" and isinstance(value, (int, float)):
        return dt.datetime.fromtimestamp(value, dt.timezone.utc)
    return value


def write_result(call: Call, result: dict) -> Reply:
    operation = operation_model(call.service, call.operation)
    if not _has_objects(result):
        _check_result(call, operation, result)
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": request_id}
    if call.protocol == "cbor":
        return cbor_reply(operation.output_shape, result, headers)
    if call.protocol == "json":
        headers["Content-Type"] = "application/x-amz-json-1.1"
        return Reply(200, headers, json.dumps(result, default=dt.datetime.timestamp).encode())
    if call.protocol == "rest-json":
        headers["Content-Type"] = "application/json"
        return Reply(200, headers, json.dumps(result, default=dt.datetime.timestamp).encode())
    return _xml_reply(call, result, request_id)


def _has_objects(result: dict) -> bool:
    """moto's own objects are read by its serializers."""
    values = (value[0] if isinstance(value, list) and value else value for value in result.values())
    return any(hasattr(value, "__dict__") for value in values)


def _check_result(call: Call, operation, result: dict) -> None:
    report = ParamValidator().validate(result, operation.output_shape)
    if report.has_errors():
        raise RuntimeError(f"{call.action} does not fit its model: {report.generate_report()}")


def cbor_reply(shape, result: dict, headers: dict, status: int = 200) -> Reply:
    body = cbor2.dumps(to_cbor(shape, result) if shape else {})
    return Reply(status, {**headers, "Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, body)


def to_cbor(shape, value):
    """Shapes a value for CBOR: timestamps become tag 1, numbers get the type that the model says."""
    kind = shape.type_name
    if kind == "structure":
        return {k: to_cbor(shape.members[k], v) for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list":
        return [to_cbor(shape.member, item) for item in value]
    if kind == "map":
        return {k: to_cbor(shape.value, v) for k, v in value.items()}
    if kind == "timestamp":
        return cbor2.CBORTag(1, _epoch(value))
    return float(value) if kind in ("double", "float") else value


def _epoch(value) -> float:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return float(value)


def _moto_model(call: Call):
    """moto's parsers and serializers insist on moto's own reading of the models."""
    from moto.core.utils import get_service_model

    return get_service_model(call.service).operation_model(call.operation)


def _xml_reply(call: Call, result: dict, request_id: str) -> Reply:
    from moto.core.serialize import (
        EC2Serializer, QuerySerializer, S3Serializer, SerializationContext, XFormedAttributePicker,
    )

    serializer = {"ec2": EC2Serializer, "rest-xml": S3Serializer}.get(call.protocol, QuerySerializer)
    picker = XFormedAttributePicker() if _has_objects(result) else None
    written = serializer(_moto_model(call), SerializationContext(request_id), value_picker=picker).serialize(result)
    body = written["body"]
    if call.operation in S3_ROOTS:
        body = body.replace(f"{call.operation}Response", S3_ROOTS[call.operation])
    return Reply(200, {"x-amzn-RequestId": request_id, "Content-Type": "text/xml"}, body.encode())
