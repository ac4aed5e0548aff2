"""The stand-in's clock: starts at ``--now``, runs on from there, and can be moved by an admin route.

The layers and the seeded data follow it; moto itself lives in real time. An account may be ahead of the others:
starts, stops and the seven days of a stopped database go by the account's time, sessions and metrics by the clock.
"""

import datetime as dt
import time
from collections import defaultdict

UTC = dt.timezone.utc


class Clock:
    def __init__(self, start: dt.datetime | None = None):
        self.start = (start or dt.datetime.now(UTC)).astimezone(UTC)
        self._monotonic = time.monotonic()
        self._moved = dt.timedelta()
        self._ahead: dict[str, dt.timedelta] = defaultdict(dt.timedelta)

    def now(self) -> dt.datetime:
        return self.start + self._moved + dt.timedelta(seconds=time.monotonic() - self._monotonic)

    def of(self, account_id: str) -> dt.datetime:
        return self.now() + self._ahead.get(account_id, dt.timedelta())

    def advance(self, seconds: float, account_id: str | None = None) -> None:
        """Moves everybody's time, or one account's."""
        if account_id is None:
            self._moved += dt.timedelta(seconds=seconds)
        else:
            self._ahead[account_id] += dt.timedelta(seconds=seconds)


def parse_rfc3339(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def naive(at: dt.datetime) -> dt.datetime:
    """As moto keeps its times: UTC without a zone."""
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
