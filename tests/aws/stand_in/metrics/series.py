"""Metric values made on demand: one value per five minutes, always the same for the same name.

A profile draws a day's 288 values from a generator seeded by the series' name and the day, so any
window can be asked for in any order. Nothing is stored but a cache of days.
"""

import datetime as dt
import random
from array import array
from dataclasses import dataclass, field
from typing import Callable

STEP = 300
PER_DAY = 86400 // STEP
EPOCH = dt.date(1970, 1, 1)


@dataclass
class Series:
    """``since`` and ``until`` (epoch seconds) bound the datapoints; ``keep`` is the share that exists."""

    name: str
    profile: Callable
    since: float = 0.0
    until: float = float("inf")
    keep: float = 1.0
    _days: dict = field(default_factory=dict, repr=False)

    def day(self, number: int) -> array:
        """The values of one UTC day (days since 1970), NaN where there is no datapoint."""
        if number not in self._days:
            self._days[number] = self._make_day(number)
        return self._days[number]

    def _make_day(self, number: int) -> array:
        rng = random.Random(f"{self.name}|{number}")
        weekday = (EPOCH + dt.timedelta(days=number)).weekday()
        values = array("d", self.profile(rng, weekday))
        for slot in range(PER_DAY):
            at = (number * PER_DAY + slot) * STEP
            if not self.since <= at < self.until or (self.keep < 1 and rng.random() > self.keep):
                values[slot] = float("nan")
        return values


def constant(value: float) -> Callable:
    return lambda rng, weekday: [value] * PER_DAY


def noise(low: float, high: float) -> Callable:
    """Even noise between two bounds, both of which are surely kept."""
    return lambda rng, weekday: [low + (high - low) * rng.random() for _ in range(PER_DAY)]


def spiky(low: float, high: float, peak: float, spikes: int = 1) -> Callable:
    """Noise with a few samples a day at ``peak``: a mean that misleads."""

    def profile(rng, weekday):
        values = [low + (high - low) * rng.random() for _ in range(PER_DAY)]
        for slot in rng.sample(range(PER_DAY), spikes):
            values[slot] = peak
        return values

    return profile


def office(idle: float, busy: float, begin: int = 8, end: int = 19, days=range(5)) -> Callable:
    """Busy in some hours (UTC) of some weekdays, idle otherwise; busy means 70 to 100 % of ``busy``."""

    def profile(rng, weekday):
        hours = range(begin, end) if weekday in days else ()
        return [_office_value(rng, slot // 12 in hours, idle, busy) for slot in range(PER_DAY)]

    return profile


def _office_value(rng, at_work: bool, idle: float, busy: float) -> float:
    return busy * (0.7 + 0.3 * rng.random()) if at_work else idle * (0.8 + 0.2 * rng.random())
