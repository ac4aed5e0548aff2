"""All seeded metrics, found by account, region, namespace, name and dimensions; and their periods."""

from .series import PER_DAY, STEP, Series
from .statistics import aggregate


class MetricStore:
    def __init__(self, clock):
        self.clock = clock
        self.clear()

    def clear(self) -> None:
        self._series: dict[tuple, dict[tuple, Series]] = {}

    def put(self, account_id, region, namespace, name, dimensions: dict, profile, **bounds) -> None:
        key = (namespace, name, tuple(sorted(dimensions.items())))
        seed = "|".join([account_id, region, namespace, name, *map("=".join, key[2])])
        self._series.setdefault((account_id, region), {})[key] = Series(seed, profile, **bounds)

    def find(self, account_id, region, namespace, name, dimensions) -> Series | None:
        return self._series.get((account_id, region), {}).get((namespace, name, tuple(sorted(dimensions))))

    def keys(self, account_id, region) -> list[tuple]:
        return list(self._series.get((account_id, region), {}))

    def datapoints(self, series: Series, start: float, end: float, period: int, statistics) -> list[tuple]:
        """``(epoch, [value per statistic])`` for each period with data, oldest first."""
        end = min(end, self.clock.now().timestamp())
        begin = start // period * period if period <= 3600 else start // 60 * 60
        points = []
        while begin < end:
            values = _values_between(series, begin, min(begin + period, end))
            if values:
                points.append((begin, [aggregate(values, name) for name in statistics]))
            begin += period
        return points


def _values_between(series: Series, begin: float, end: float) -> list[float]:
    """The values of the five-minute slots that begin in ``[begin, end)``, datapoints only."""
    first, last = -int(-begin // STEP), -int(-end // STEP)
    values: list[float] = []
    while first < last:
        day, slot = divmod(first, PER_DAY)
        upto = min(last, (day + 1) * PER_DAY)
        values.extend(series.day(day)[slot : slot + upto - first])
        first = upto
    return [value for value in values if value == value]
