"""CloudWatch statistics over a list of values."""

import math
import re

BASIC = {
    "SampleCount": lambda values: float(len(values)),
    "Sum": math.fsum,
    "Average": lambda values: math.fsum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}
PERCENTILE = re.compile(r"^p(\d{1,2}(?:\.\d{1,10})?|100)$")


def is_statistic(name: str) -> bool:
    return name in BASIC or bool(PERCENTILE.match(name))


def aggregate(values: list[float], name: str) -> float:
    if name in BASIC:
        return BASIC[name](values)
    return percentile(values, float(PERCENTILE.match(name)[1]))


def percentile(values: list[float], rank: float) -> float:
    """Linear interpolation between the closest ranks."""
    ordered = sorted(values)
    position = (len(ordered) - 1) * rank / 100
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)
