"""Lets callers that speak rpc-v2-cbor reach moto's CloudWatch, which knows JSON only.

GetMetricData, GetMetricStatistics and ListMetrics do not come here: see ``own.py``.
"""

import datetime as dt
import json

import cbor2

from .call import Call
from .errors import AwsError, Reply, error_reply
from .wire import cbor_reply, operation_model


def to_json_request(call: Call) -> None:
    """Rewrites the request in place; ``call.protocol`` stays ``cbor`` for the way back."""
    params = cbor2.loads(call.body) if call.body else {}
    call.replace_body(json.dumps(_jsonable(params)).encode())
    call.environ.update(
        PATH_INFO="/",
        CONTENT_TYPE="application/x-amz-json-1.0",
        HTTP_X_AMZ_TARGET=f"GraniteServiceVersion20100801.{call.operation}",
    )


def to_cbor_reply(call: Call, reply: Reply) -> Reply:
    try:
        body = json.loads(reply.body or b"{}")
    except ValueError:
        return error_reply(call, AwsError("InternalServiceFault", "moto could not answer this", 500))
    if reply.status >= 300:
        code = str(body.get("__type", "InternalServiceFault")).rpartition("#")[2]
        return error_reply(call, AwsError(code, str(body.get("message") or body.get("Message")), reply.status))
    return cbor_reply(operation_model("cloudwatch", call.operation).output_shape, body, {})


def _jsonable(value):
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    return [_jsonable(item) for item in value] if isinstance(value, list) else value
