"""GetMetricStatistics and ListMetrics over the metric store."""

import base64
import datetime as dt

from ..errors import AwsError
from .queries import UTC, epoch
from .statistics import is_statistic

MAX_STATISTICS_POINTS = 1440
PAGE = 500


def get_metric_statistics(state, account_id: str, region: str, params: dict) -> dict:
    start, end = epoch(params["StartTime"]), epoch(params["EndTime"])
    period = int(params["Period"])
    basic = params.get("Statistics") or []
    extended = params.get("ExtendedStatistics") or []
    _check(start, end, period, [*basic, *extended])
    dimensions = [(d["Name"], d["Value"]) for d in params.get("Dimensions") or []]
    name = params["MetricName"]
    series = state.metrics.find(account_id, region, params["Namespace"], name, dimensions)
    found = [] if series is None else state.metrics.datapoints(series, start, end, period, [*basic, *extended])
    points = [_datapoint(at, values, basic, extended, params.get("Unit")) for at, values in found]
    return {"Label": name, "Datapoints": points}


def _check(start: float, end: float, period: int, names: list[str]) -> None:
    if not names:
        raise AwsError("InvalidParameterCombination", "At least one of the parameters Statistics and ExtendedStatistics must be specified.")
    if start >= end:
        raise AwsError("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.")
    if period <= 0 or period % 60:
        raise AwsError("InvalidParameterValue", "The parameter Period must be a multiple of 60.")
    for name in names:
        if not is_statistic(name):
            raise AwsError("InvalidParameterValue", f"The value {name} for parameter Statistics is not supported.")
    wanted = int((end - start) // period)
    if wanted > MAX_STATISTICS_POINTS:
        text = (
            f"You have requested up to {wanted:,} datapoints, which exceeds the limit of 1,440. "
            "You may reduce the datapoints requested by increasing Period, or decreasing the time range."
        )
        raise AwsError("InvalidParameterCombination", text)


def _datapoint(at: float, values: list, basic: list, extended: list, unit) -> dict:
    point = {"Timestamp": dt.datetime.fromtimestamp(at, UTC), "Unit": unit or "None"}
    point.update(zip(basic, values))
    if extended:
        point["ExtendedStatistics"] = dict(zip(extended, values[len(basic) :]))
    return point


def list_metrics(state, account_id: str, region: str, params: dict) -> dict:
    wanted = params.get("Dimensions") or []
    found = [
        key
        for key in state.metrics.keys(account_id, region)
        if params.get("Namespace") in (None, key[0])
        and params.get("MetricName") in (None, key[1])
        and all(_has_dimension(key[2], item) for item in wanted)
    ]
    start = int(base64.b64decode(params["NextToken"]) if params.get("NextToken") else 0)
    reply = {"Metrics": [_metric(key) for key in found[start : start + PAGE]]}
    if start + PAGE < len(found):
        reply["NextToken"] = base64.b64encode(str(start + PAGE).encode()).decode()
    return reply


def _has_dimension(dimensions: tuple, item: dict) -> bool:
    return any(name == item["Name"] and item.get("Value") in (None, value) for name, value in dimensions)


def _metric(key: tuple) -> dict:
    dimensions = [{"Name": name, "Value": value} for name, value in key[2]]
    return {"Namespace": key[0], "MetricName": key[1], "Dimensions": dimensions}
