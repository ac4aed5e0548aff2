"""Lambda's functions. They cannot be called."""

from ..errors import AwsError
from .paging import page, with_token


def _stock(state, call):
    return state.serverless.of(call.account_id, call.region)


def _function(state, call, name: str) -> str:
    name = name.rpartition("function:")[2]
    if name not in _stock(state, call).functions:
        arn = f"arn:aws:lambda:{call.region}:{call.account_id}:function:{name}"
        raise AwsError("ResourceNotFoundException", f"Function not found: {arn}", 404)
    return name


def list_functions(state, call, params: dict) -> dict:
    functions = list(_stock(state, call).functions.values())
    found, marker = page(functions, params.get("Marker"), params.get("MaxItems"), 50)
    return with_token({"Functions": found}, "NextMarker", marker)


def list_tags(state, call, params: dict) -> dict:
    name = _function(state, call, params["Resource"])
    return {"Tags": _stock(state, call).function_tags.get(name, {})}


def list_provisioned_concurrency_configs(state, call, params: dict) -> dict:
    configs = _stock(state, call).concurrency.get(_function(state, call, params["FunctionName"]), [])
    found, marker = page(configs, params.get("Marker"), params.get("MaxItems"), 50)
    return with_token({"ProvisionedConcurrencyConfigs": found}, "NextMarker", marker)


OPERATIONS = {
    "lambda:ListFunctions": list_functions,
    "lambda:ListTags": list_tags,
    "lambda:ListProvisionedConcurrencyConfigs": list_provisioned_concurrency_configs,
}
