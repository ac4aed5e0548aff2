"""Application Auto Scaling's scalable targets."""

from .paging import page, with_token


def describe_scalable_targets(state, call, params: dict) -> dict:
    targets = [
        target for target in state.serverless.of(call.account_id, call.region).targets
        if target["ServiceNamespace"] == params["ServiceNamespace"]
        and target["ResourceId"] in (params.get("ResourceIds") or [target["ResourceId"]])
        and params.get("ScalableDimension") in (None, target["ScalableDimension"])
    ]
    found, token = page(targets, params.get("NextToken"), params.get("MaxResults"), 50)
    return with_token({"ScalableTargets": found}, "NextToken", token)


OPERATIONS = {"application-autoscaling:DescribeScalableTargets": describe_scalable_targets}
