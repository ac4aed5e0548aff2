"""GetProducts, DescribeServices and GetAttributeValues, with their filters and pages."""

import base64
import datetime as dt
import json

from ..errors import AwsError
from .products import NAMES, price_item, products
from .tables import regions

PAGE = 100

MATCH = {
    "TERM_MATCH": lambda value, wanted: value == wanted,
    "EQUALS": lambda value, wanted: value == wanted,
    "CONTAINS": lambda value, wanted: wanted in value,
    "ANY_OF": lambda value, wanted: value in wanted.split(","),
    "NONE_OF": lambda value, wanted: value not in wanted.split(","),
}


def get_products(clock, params: dict) -> dict:
    filters = params.get("Filters") or []
    for item in filters:
        if item["Type"] not in MATCH:
            raise AwsError("InvalidParameterException", f"Filter type {item['Type']} is not supported.")
    found = [entry for entry in _all(params["ServiceCode"], filters) if _passes(entry, filters)]
    page, token = _page(found, params)
    published = (clock.now() - dt.timedelta(days=2)).strftime("%Y-%m-%dT00:00:00Z")
    reply = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(price_item(entry, published)) for entry in page]}
    return {**reply, "NextToken": token} if token else reply


def _all(service: str, filters: list):
    if service not in NAMES:
        raise AwsError("NotFoundException", f"Service {service} not found")
    fixed = [f["Value"] for f in filters if f["Field"] == "regionCode" and f["Type"] in ("TERM_MATCH", "EQUALS")]
    for region in regions():
        if all(region == wanted for wanted in fixed):
            yield from products(service, region)


def _passes(entry: dict, filters: list) -> bool:
    return all(MATCH[item["Type"]](_field(entry, item["Field"]), item["Value"]) for item in filters)


def _field(entry: dict, field: str) -> str:
    top = {
        "ServiceCode": entry["serviceCode"], "productFamily": entry["product"].get("productFamily", ""),
        "sku": entry["product"]["sku"],
    }
    return top.get(field) or entry["product"]["attributes"].get(field, "")


def _page(found: list, params: dict) -> tuple[list, str | None]:
    size = int(params.get("MaxResults") or PAGE)
    if not 1 <= size <= PAGE:
        raise AwsError("InvalidParameterException", "MaxResults must be between 1 and 100.")
    try:
        start = int(base64.b64decode(params["NextToken"])) if params.get("NextToken") else 0
    except ValueError:
        raise AwsError("InvalidNextTokenException", "The pagination token is invalid.") from None
    following = start + size
    token = base64.b64encode(str(following).encode()).decode() if following < len(found) else None
    return found[start:following], token


def describe_services(params: dict) -> dict:
    wanted = params.get("ServiceCode")
    if wanted and wanted not in NAMES:
        raise AwsError("NotFoundException", f"Service {wanted} not found")
    names = [wanted] if wanted else list(NAMES)
    return {"FormatVersion": "aws_v1", "Services": [_service(name) for name in names]}


def _service(name: str) -> dict:
    fields = {field for entry in products(name, "us-east-1") for field in entry["product"]["attributes"]}
    return {"ServiceCode": name, "AttributeNames": sorted(fields | {"productFamily"})}


def get_attribute_values(_clock, params: dict) -> dict:
    values = {_field(entry, params["AttributeName"]) for entry in _all(params["ServiceCode"], [])} - {""}
    page, token = _page(sorted(values), params)
    reply = {"AttributeValues": [{"Value": value} for value in page]}
    return {**reply, "NextToken": token} if token else reply
