"""The stand-in's clock: starts at ``--now`` and runs on from there.

Only the layers and the seeded data follow it; moto itself lives in real time.
"""

import datetime as dt
import time

UTC = dt.timezone.utc


class Clock:
    def __init__(self, start: dt.datetime | None = None):
        self.start = (start or dt.datetime.now(UTC)).astimezone(UTC)
        self._monotonic = time.monotonic()

    def now(self) -> dt.datetime:
        return self.start + dt.timedelta(seconds=time.monotonic() - self._monotonic)


def parse_rfc3339(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo else value.replace(tzinfo=UTC)
