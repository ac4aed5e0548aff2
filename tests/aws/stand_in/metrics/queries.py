"""GetMetricData: validation, the periods of each query, and paging by datapoints.

Metric math and SEARCH are refused: Tuner does not use them.
"""

import base64
import datetime as dt

from ..errors import AwsError
from .statistics import is_statistic

MAX_QUERIES = 500
MAX_DATAPOINTS = 100_800
UTC = dt.timezone.utc


def get_metric_data(state, account_id: str, region: str, params: dict) -> dict:
    queries = params.get("MetricDataQueries") or []
    start, end = epoch(params["StartTime"]), epoch(params["EndTime"])
    limit = int(params.get("MaxDatapoints") or MAX_DATAPOINTS)
    _check(queries, start, end, limit)
    newest_first = params.get("ScanBy", "TimestampDescending") != "TimestampAscending"
    results = []
    for query in queries:
        if query.get("ReturnData", True):
            points = _points(state, account_id, region, query, start, end)
            results.append((query, points[::-1] if newest_first else points))
    return _page(results, limit, _read_token(params.get("NextToken")))


def epoch(value) -> float:
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, str):
        return dt.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    return float(value)


def _check(queries: list, start: float, end: float, limit: int) -> None:
    if not queries:
        raise AwsError("ValidationError", "The parameter MetricDataQueries is required.")
    if len(queries) > MAX_QUERIES:
        text = f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}."
        raise AwsError("ValidationError", text)
    if start >= end:
        raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    if not 1 <= limit <= MAX_DATAPOINTS:
        raise AwsError("ValidationError", f"MaxDatapoints must be between 1 and {MAX_DATAPOINTS}.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) != len(ids):
        raise AwsError("ValidationError", "The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        _check_query(query)


def _check_query(query: dict) -> None:
    name = query["Id"]
    if not (name[:1].islower() and name.isascii() and name.replace("_", "a").isalnum() and len(name) <= 255):
        raise AwsError("ValidationError", f"Value '{name}' at 'MetricDataQueries.Id' does not match ^[a-z][a-zA-Z0-9_]*$.")
    stat = query.get("MetricStat")
    if not stat or query.get("Expression"):
        raise AwsError("ValidationError", "The stand-in answers MetricStat queries only.")
    if int(stat["Period"]) <= 0 or int(stat["Period"]) % 60:
        raise AwsError("ValidationError", "Period must be a multiple of 60.")
    if not is_statistic(stat["Stat"]):
        raise AwsError("ValidationError", f"The value {stat['Stat']} for parameter Stat is not supported.")


def _points(state, account_id, region, query, start, end) -> list[tuple[float, float]]:
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = [(d["Name"], d["Value"]) for d in metric.get("Dimensions") or []]
    series = state.metrics.find(account_id, region, metric["Namespace"], metric["MetricName"], dimensions)
    if series is None:
        return []
    found = state.metrics.datapoints(series, start, end, int(stat["Period"]), [stat["Stat"]])
    return [(at, values[0]) for at, values in found]


def _page(results: list, limit: int, position: tuple[int, int]) -> dict:
    """Whole results while they fit; the one that does not is cut, and the next page goes on there."""
    first, offset = position
    page, left = [], limit
    for index in range(first, len(results)):
        query, points = results[index]
        part = points[offset : offset + left]
        cut = offset + len(part) < len(points)
        page.append(_result(query, part, "PartialData" if cut else "Complete"))
        left -= len(part)
        if cut or (left == 0 and index + 1 < len(results)):
            following = (index, offset + len(part)) if cut else (index + 1, 0)
            return {"MetricDataResults": page, "NextToken": _write_token(following), "Messages": []}
        offset = 0
    return {"MetricDataResults": page, "Messages": []}


def _result(query: dict, points: list, status: str) -> dict:
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
        "Timestamps": [dt.datetime.fromtimestamp(at, UTC) for at, _ in points],
        "Values": [float(value) for _, value in points],
        "StatusCode": status,
    }


def _write_token(position: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(f"gmd:{position[0]}:{position[1]}".encode()).decode()


def _read_token(token: str | None) -> tuple[int, int]:
    if not token:
        return 0, 0
    try:
        kind, index, offset = base64.urlsafe_b64decode(token).decode().split(":")
        assert kind == "gmd"
        return int(index), int(offset)
    except (ValueError, AssertionError):
        raise AwsError("InvalidNextToken", "The next token is invalid.") from None
