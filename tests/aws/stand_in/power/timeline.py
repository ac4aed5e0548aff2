"""What will happen by itself in an account: a state is reached, a database starts again after seven days.

Nothing runs in the background: due events happen, in their order, before the next look at the account. An event
belongs to one turn of its resource; another start or stop, or somebody's hand, begins a new turn and calls it off.
"""

import datetime as dt
import heapq
from collections import defaultdict
from itertools import count

# Seconds from a call until its state is reached. A replaced member of an Auto Scaling group is gone only
# when the clock was moved.
DEFAULT_DELAYS = {
    "start": 0, "stop": 0, "startDb": 0, "stopDb": 0, "startCluster": 0, "stopCluster": 0, "replace": 300,
}


class Timeline:
    def __init__(self, clock):
        self.clock = clock
        self.clear()

    def clear(self) -> None:
        self._coming: dict[str, list] = defaultdict(list)
        self._serial = count()
        self._delays: dict[str, dict] = defaultdict(dict)

    def set_delays(self, account_id: str | None, delays: dict) -> dict:
        unknown = delays.keys() - DEFAULT_DELAYS.keys()
        if unknown:
            raise ValueError(f"unknown delays {sorted(unknown)}, know {sorted(DEFAULT_DELAYS)}")
        self._delays[account_id or "*"].update(delays)
        return {**DEFAULT_DELAYS, **self._delays["*"], **self._delays[account_id or "*"]}

    def delay(self, account_id: str, name: str) -> dt.timedelta:
        own, all_accounts = self._delays.get(account_id, {}), self._delays.get("*", {})
        return dt.timedelta(seconds=own.get(name, all_accounts.get(name, DEFAULT_DELAYS[name])))

    def begin_turn(self, resource) -> int:
        """Calls off whatever was to come for the resource."""
        resource._turn = getattr(resource, "_turn", 0) + 1
        return resource._turn

    def plan(self, account_id: str, at: dt.datetime, resource, event) -> None:
        """``event`` is called with ``at``, unless the resource has begun another turn by then."""
        turn = getattr(resource, "_turn", 0)
        heapq.heappush(self._coming[account_id], (at, next(self._serial), resource, turn, event))

    def catch_up(self, account_id: str) -> None:
        coming = self._coming.get(account_id)
        while coming and coming[0][0] <= self.clock.of(account_id):
            at, _, resource, turn, event = heapq.heappop(coming)
            if resource._turn == turn:
                event(at)
