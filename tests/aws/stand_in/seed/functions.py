"""Makes Lambda functions in a place. One call in five minutes: a slot of a series is a call."""

import datetime as dt

from ..metrics.series import constant
from .ledger import HOURS

LAMBDA = "AWS Lambda"
CALLS_A_MONTH = HOURS * 12
INSIGHTS = "arn:aws:lambda:{region}:580247275435:layer:LambdaInsightsExtension:53"


def make_function(place, name, *, memory=1024, arch="x86_64", runtime="python3.12", timeout=300, seconds=60.0, calls=1.0,
                  errors=0.0, insights=None, layers=(), age=200, tags=None, master=None):
    """``seconds`` None publishes nothing; ``insights`` is (memory in percent, share of the time at work)."""
    stock = place.state.serverless.of(place.account.id, place.region)
    arn = f"arn:aws:lambda:{place.region}:{place.account.id}:function:{name}"
    changed = place.now - dt.timedelta(days=age)
    given = [*layers, *([INSIGHTS.format(region=place.region)] if insights else [])]
    function = {
        "FunctionName": name, "FunctionArn": arn, "Role": f"arn:aws:iam::{place.account.id}:role/{name}",
        "MemorySize": memory, "Timeout": timeout, "Architectures": [arch], "CodeSize": 1_000_000, "Version": "$LATEST",
        "LastModified": changed.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), "PackageType": "Zip" if runtime else "Image",
        "Environment": {"Variables": {"PASSWORD": "never-to-be-seen"}},
        "Layers": [{"Arn": layer, "CodeSize": 1000} for layer in given],
    }
    if runtime:
        function |= {"Runtime": runtime, "Handler": "main.handler"}
    if master:
        function["MasterArn"] = master
    stock.functions[name] = function
    stock.function_tags[name] = tags or {}
    if seconds is not None:
        _measure(place, name, seconds, calls, errors, insights, age)
        usd = 0.0000166667 if arch == "x86_64" else 0.0000133334
        usage = "Lambda-GB-Second" + ("-ARM" if arch == "arm64" else "")
        _charge(place, usage, seconds * calls * CALLS_A_MONTH * memory / 1024 * usd)
    return name


def _measure(place, name, seconds, calls, errors, insights, age) -> None:
    since = {"since": place.now.timestamp() - age * 86400}
    series = {"Invocations": calls, "Errors": errors, "Duration": seconds * 1000.0}
    for metric, value in series.items():
        place.put_metric("AWS/Lambda", metric, {"FunctionName": name}, constant(value), **since)
    if insights:
        memory, share = insights
        own = {"function_name": name}
        place.put_metric("LambdaInsights", "memory_utilization", own, constant(memory), **since)
        place.put_metric("LambdaInsights", "cpu_total_time", own, constant(seconds * 1000.0 * share), **since)


def provision(place, name, alias: str, allocated: int, use: float | None) -> None:
    stock = place.state.serverless.of(place.account.id, place.region)
    function = stock.functions[name]
    stock.concurrency.setdefault(name, []).append({
        "FunctionArn": f"{function['FunctionArn']}:{alias}", "Status": "READY",
        "RequestedProvisionedConcurrentExecutions": allocated, "AvailableProvisionedConcurrentExecutions": allocated,
        "AllocatedProvisionedConcurrentExecutions": allocated, "LastModified": function["LastModified"],
    })
    if use is not None:
        own = {"FunctionName": name, "Resource": f"{name}:{alias}"}
        place.put_metric("AWS/Lambda", "ProvisionedConcurrencyUtilization", own, constant(use))
    arm = function["Architectures"] == ["arm64"]
    usd = 0.0000033334 if arm else 0.0000041667
    _charge(place, "Lambda-Provisioned-Concurrency" + ("-ARM" if arm else ""), allocated * function["MemorySize"] / 1024 * HOURS * 3600 * usd)


def _charge(place, usage: str, usd: float) -> None:
    place.account.ledger.add_monthly(LAMBDA, usage, place.region, usd, "Lambda-GB-Second")
