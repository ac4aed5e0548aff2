"""Daily cost of each account, line by line; nothing is kept that a line cannot compute for a date."""

import datetime as dt
from dataclasses import dataclass
from typing import Callable

ESTIMATED_DAYS = 2


@dataclass(frozen=True)
class CostLine:
    """``amount`` gives USD of a date at list price; ``quantity`` is the usage behind one USD of it.

    ``unblended`` and ``amortized`` are what is charged of the list price: nothing is paid for a reserved hour on its
    day, but a share of the fee is spread over it.
    """

    service: str
    usage_type: str
    region: str
    amount: Callable[[dt.date], float]
    quantity: float = 1.0
    unit: str = "Hrs"
    purchase_type: str = "On Demand Instances"
    record_type: str = "Usage"
    net_factor: float = 1.0  # what a private discount leaves to pay
    unblended: float = 1.0
    amortized: float = 1.0
    legal_entity: str = "Amazon Web Services, Inc."


class CostStore:
    def __init__(self, clock):
        self.clock = clock
        self.clear()

    def clear(self) -> None:
        self.lines: dict[str, list[CostLine]] = {}
        self.since: dict[str, dt.date] = {}

    def put(self, account_id: str, lines: list[CostLine], since: dt.date) -> None:
        self.lines[account_id], self.since[account_id] = lines, since

    def today(self) -> dt.date:
        return self.clock.now().date()

    def is_estimated(self, last_day: dt.date) -> bool:
        return last_day > self.today() - dt.timedelta(days=ESTIMATED_DAYS + 1)

    def amount(self, account_id: str, line: CostLine, day: dt.date) -> float:
        """Nothing before the account's first day, nor from today on."""
        if not self.since[account_id] <= day < self.today():
            return 0.0
        return line.amount(day)
