"""GetCostAndUsage, GetCostForecast and GetDimensionValues.

Groups by dimension only; the forecast is the mean of the last 30 final days, with a band of 10 %.
"""

from collections import defaultdict
import datetime as dt

from ..errors import AwsError
from .filters import dimension, holds
from .periods import days_of, read_period, split_period
from .store import CostStore

PAGE_ROWS = 5000
METRICS = {"UnblendedCost", "BlendedCost", "AmortizedCost", "NetAmortizedCost", "NetUnblendedCost", "UsageQuantity"}


def get_cost_and_usage(store: CostStore, account_id: str, params: dict) -> dict:
    start, end = read_period(params)
    metrics, keys = _read_metrics(params), _read_groups(params)
    lines = _lines(store, account_id, params.get("Filter"))
    rows = []
    for first, last in split_period(start, end, params.get("Granularity", "MONTHLY")):
        rows.append((first, last, _groups(store, account_id, lines, days_of(first, last), keys)))
    reply = _page(store, rows, metrics, bool(keys), int(params.get("NextPageToken") or 0))
    if keys:
        reply["GroupDefinitions"] = params["GroupBy"]
    return reply


def _read_metrics(params: dict) -> list[str]:
    metrics = params.get("Metrics") or []
    unknown = set(metrics) - METRICS
    if not metrics or unknown:
        raise AwsError("ValidationException", f"Invalid metrics: {sorted(unknown)}" if unknown else "Metrics are required.")
    return metrics


def _read_groups(params: dict) -> list[str]:
    groups = params.get("GroupBy") or []
    if len(groups) > 2:
        raise AwsError("ValidationException", "The maximum number of GroupBy is 2.")
    if any(group.get("Type") != "DIMENSION" for group in groups):
        raise AwsError("ValidationException", "The stand-in groups by DIMENSION only.")
    return [group["Key"] for group in groups]


def _lines(store: CostStore, account_id: str, expression: dict | None) -> list:
    if account_id not in store.lines:
        text = "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be ingested yet"
        raise AwsError("DataUnavailableException", text)
    return [line for line in store.lines[account_id] if holds(expression, account_id, line)]


def _groups(store: CostStore, account_id: str, lines: list, days: list, keys: list[str]) -> dict:
    """Sums by group: ``{keys: (unblended, amortised, the two net, quantity, units)}``."""
    sums: dict[tuple, list] = defaultdict(_nothing)
    for line in lines:
        at_list = sum(store.amount(account_id, line, day) for day in days)
        if at_list == 0:
            continue
        total = sums[tuple(dimension(key, account_id, line) for key in keys)]
        unblended, amortized = at_list * line.unblended, at_list * line.amortized
        parts = (unblended, amortized, unblended * line.net_factor, amortized * line.net_factor, at_list * line.quantity)
        for place, part in enumerate(parts):
            total[place] += part
        total[5].add(line.unit)
    return dict(sums)


def _nothing() -> list:
    return [0.0, 0.0, 0.0, 0.0, 0.0, set()]


def _page(store: CostStore, rows: list, metrics: list, grouped: bool, skip: int) -> dict:
    results, seen = [], 0
    for first, last, groups in rows:
        items = sorted(groups.items())
        begin, room = max(0, skip - seen), max(0, skip + PAGE_ROWS - seen)
        seen += len(items)
        part = items[begin:room]
        if part or not items and room:
            results.append(_result(store, first, last, part, metrics, grouped))
    reply: dict = {"ResultsByTime": results, "DimensionValueAttributes": []}
    if seen > skip + PAGE_ROWS:
        reply["NextPageToken"] = str(skip + PAGE_ROWS)
    return reply


def _result(store, first, last, items, metrics, grouped) -> dict:
    groups = [{"Keys": list(keys), "Metrics": _metrics(total, metrics)} for keys, total in items]
    total = {} if grouped else (groups[0]["Metrics"] if groups else _metrics(_nothing(), metrics))
    return {
        "TimePeriod": {"Start": first.isoformat(), "End": last.isoformat()},
        "Total": total,
        "Groups": groups if grouped else [],
        "Estimated": store.is_estimated(last - dt.timedelta(days=1)),
    }


def _metrics(total: list, metrics: list[str]) -> dict:
    unblended, amortized, net_unblended, net_amortized, quantity, units = total
    amounts = {
        "UsageQuantity": quantity, "AmortizedCost": amortized, "NetUnblendedCost": net_unblended,
        "NetAmortizedCost": net_amortized,
    }
    return {
        name: {
            "Amount": f"{amounts.get(name, unblended):.10f}",
            "Unit": ("N/A" if len(units) != 1 else next(iter(units))) if name == "UsageQuantity" else "USD",
        }
        for name in metrics
    }


def get_cost_forecast(store: CostStore, account_id: str, params: dict, announced: list[float] = ()) -> dict:
    """``announced`` is what the span will cost, where the demo knows more than the history."""
    start, end = read_period(params)
    if start < store.today():
        raise AwsError("ValidationException", "Start date must be on or after the current date.")
    lines = _lines(store, account_id, params.get("Filter"))
    upto = store.today() - dt.timedelta(days=2)
    history = _groups(store, account_id, lines, days_of(upto - dt.timedelta(days=30), upto), [])
    daily = history[()][0] / 30 if history else 0.0
    daily = announced[0] / max(1, (end - start).days) if announced else daily
    parts = [
        _forecast(first, last, daily * (last - first).days)
        for first, last in split_period(start, end, params["Granularity"])
    ]
    total = daily * (end - start).days
    return {"Total": {"Amount": f"{total:.10f}", "Unit": "USD"}, "ForecastResultsByTime": parts}


def _forecast(first: dt.date, last: dt.date, amount: float) -> dict:
    return {
        "TimePeriod": {"Start": first.isoformat(), "End": last.isoformat()},
        "MeanValue": f"{amount:.10f}",
        "PredictionIntervalLowerBound": f"{amount * 0.9:.10f}",
        "PredictionIntervalUpperBound": f"{amount * 1.1:.10f}",
    }


def get_dimension_values(store: CostStore, account_id: str, params: dict) -> dict:
    lines = _lines(store, account_id, params.get("Filter"))
    values = sorted({dimension(params["Dimension"], account_id, line) for line in lines})
    items = [{"Value": value, "Attributes": {}} for value in values]
    return {"DimensionValues": items, "ReturnSize": len(items), "TotalSize": len(items)}
