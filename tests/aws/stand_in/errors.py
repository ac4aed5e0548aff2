"""AWS errors in the form of each protocol: code, message and HTTP status as the services send them.

Which code a service uses for a refusal, a throttle or an expired token is written in one table
here, so that the layers only say what happened.
"""

import json
import uuid
from dataclasses import dataclass
from xml.sax.saxutils import escape

import cbor2

from .call import Call


@dataclass
class AwsError(Exception):
    code: str
    message: str
    status: int = 400


@dataclass
class Reply:
    status: int
    headers: dict
    body: bytes


THROTTLES = {
    "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
    "ce": ("LimitExceededException", "Rate exceeded", 400),
    "pricing": ("ThrottlingException", "Rate exceeded", 400),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "lambda": ("TooManyRequestsException", "Rate exceeded", 429),
    "dynamodb": ("ThrottlingException", "Rate exceeded", 400),
}

# Error codes of the query protocol whose shape has another name in CloudWatch's model.
CLOUDWATCH_SHAPES = {
    "AccessDenied": "AccessDeniedException",
    "Throttling": "ThrottlingException",
    "ValidationError": "ValidationException",
    "InvalidParameterValue": "InvalidParameterValueException",
    "InvalidParameterCombination": "InvalidParameterCombinationException",
    "MissingParameter": "MissingRequiredParameterException",
    "InternalServiceError": "InternalServiceFault",
    "InternalFailure": "InternalServiceFault",
}


def throttled(call: Call) -> AwsError:
    return AwsError(*THROTTLES.get(call.service, ("Throttling", "Rate exceeded", 400)))


def expired(call: Call) -> AwsError:
    text = "The security token included in the request is expired"
    if call.service == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    if call.protocol in ("json", "cbor", "rest-json"):
        return AwsError("ExpiredTokenException", text, 400)
    return AwsError("ExpiredToken", text, 403)


def denied(call: Call, arn: str, reason: str) -> AwsError:
    text = f"User: {arn} is not authorized to perform: {call.action}{reason}"
    if call.service == "ec2":
        return AwsError("UnauthorizedOperation", "You are not authorized to perform this operation. " + text, 403)
    if call.protocol == "json":
        return AwsError("AccessDeniedException", text, 400)
    if call.protocol == "rest-json":
        return AwsError("AccessDeniedException", text, 403)
    return AwsError("AccessDenied", text, 403)


def internal(call: Call) -> AwsError:
    if call.protocol == "ec2":
        return AwsError("InternalError", "An internal error has occurred", 500)
    return AwsError("InternalFailure", "The request processing has failed because of an unknown error", 500)


def unknown_operation(call: Call) -> AwsError:
    code = "UnknownOperationException" if call.protocol in ("json", "cbor") else "InvalidAction"
    return AwsError(code, f"The stand-in does not know {call.action}.", 400)


def error_reply(call: Call, error: AwsError) -> Reply:
    request_id = str(uuid.uuid4())
    write = {"json": _json, "rest-json": _json, "cbor": _cbor, "ec2": _ec2, "rest-xml": _s3}
    headers, body = write.get(call.protocol, _query)(error, request_id)
    return Reply(error.status, {**headers, "x-amzn-RequestId": request_id}, body)


def _json(error: AwsError, _id: str):
    body = {"__type": error.code, "message": error.message, "Message": error.message}
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-ErrorType": error.code}
    return headers, json.dumps(body).encode()


def _cbor(error: AwsError, _id: str):
    side = "Sender" if error.status < 500 else "Receiver"
    name = CLOUDWATCH_SHAPES.get(error.code, error.code)
    body = {"__type": f"com.amazonaws.cloudwatch#{name}", "message": error.message}
    headers = {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "x-amzn-query-error": f"{error.code};{side}",
    }
    return headers, cbor2.dumps(body)


def _ec2(error: AwsError, request_id: str):
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    )
    return {"Content-Type": "text/xml;charset=UTF-8"}, text.encode()


def _query(error: AwsError, request_id: str):
    side = "Sender" if error.status < 500 else "Receiver"
    text = (
        f"<ErrorResponse><Error><Type>{side}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return {"Content-Type": "text/xml"}, text.encode()


def _s3(error: AwsError, request_id: str):
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error>'
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId></Error>"
    )
    return {"Content-Type": "application/xml"}, text.encode()
