"""The time periods of a Cost Explorer request."""

import calendar
import datetime as dt

from ..errors import AwsError


def read_period(params: dict) -> tuple[dt.date, dt.date]:
    try:
        start = dt.date.fromisoformat(params["TimePeriod"]["Start"][:10])
        end = dt.date.fromisoformat(params["TimePeriod"]["End"][:10])
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid date: {error}") from None
    if start >= end:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date (and hour)")
    return start, end


def split_period(start: dt.date, end: dt.date, granularity: str) -> list[tuple[dt.date, dt.date]]:
    """Days, or calendar months cut to the period; the end is exclusive."""
    if granularity not in ("DAILY", "MONTHLY"):
        raise AwsError("ValidationException", f"Granularity {granularity} is not enabled for this account.")
    parts = []
    while start < end:
        following = min(end, start + dt.timedelta(days=1) if granularity == "DAILY" else next_month(start))
        parts.append((start, following))
        start = following
    return parts


def next_month(day: dt.date) -> dt.date:
    return day.replace(day=1) + dt.timedelta(days=calendar.monthrange(day.year, day.month)[1])


def days_of(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + dt.timedelta(days=n) for n in range((end - start).days)]
