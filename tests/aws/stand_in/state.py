"""All that the stand-in remembers beside moto's own backends, and how to forget it."""

import threading
from collections import Counter

from .clock import Clock
from .costs.store import CostStore
from .metrics.store import MetricStore
from .power.timeline import Timeline
from .serverless.store import Stocks

OWN_ACCOUNT = "123456789012"  # Tuner's own account: whoever has no assumed-role credential


class State:
    def __init__(self, clock: Clock):
        self.clock = clock
        self.lock = threading.RLock()
        self.metrics = MetricStore(clock)
        self.costs = CostStore(clock)
        self.timeline = Timeline(clock)
        self.clear()

    def clear(self) -> None:
        """Empties everything but the clock; moto's backends are the caller's to reset."""
        self.sessions: dict[str, object] = {}
        self.session_log: list[dict] = []
        self.attempt_log: list[dict] = []
        self.faults: list = []
        self.calls: Counter = Counter()
        self.power_log: list[dict] = []
        self.planted: list[dict] = []
        self.healthy: list[dict] = []
        self.scheduled: list[dict] = []
        self.serverless = Stocks()
        # By account and region.
        self.groups: dict[tuple, list[dict]] = {}
        self.activities: dict[tuple, list[dict]] = {}
        self.capacity_reservations: dict[tuple, list[dict]] = {}
        # By account, region and kind: see stores/.
        self.shelves: dict[tuple, list] = {}
        self.metrics.clear()
        self.costs.clear()
        self.timeline.clear()

    def shelf(self, account_id: str, region: str, kind: str) -> list:
        return self.shelves.setdefault((account_id, region, kind), [])
