"""What one region of an account holds, in the form of the replies. Names keep their order."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Stock:
    tables: dict[str, dict] = field(default_factory=dict)  # TableDescription
    table_tags: dict[str, list] = field(default_factory=dict)
    expiry: dict[str, dict] = field(default_factory=dict)  # TimeToLiveDescription
    recovery: dict[str, bool] = field(default_factory=dict)
    backups: list[dict] = field(default_factory=list)  # BackupSummary
    functions: dict[str, dict] = field(default_factory=dict)  # FunctionConfiguration
    function_tags: dict[str, dict] = field(default_factory=dict)
    concurrency: dict[str, list] = field(default_factory=dict)  # ProvisionedConcurrencyConfigListItem
    clusters: dict[str, dict] = field(default_factory=dict)  # by ARN
    services: dict[str, dict] = field(default_factory=dict)  # by ARN
    task_definitions: dict[str, dict] = field(default_factory=dict)  # by ARN
    targets: list[dict] = field(default_factory=list)  # ScalableTarget


class Stocks:
    def __init__(self):
        self._stocks: dict[tuple, Stock] = defaultdict(Stock)

    def of(self, account_id: str, region: str) -> Stock:
        return self._stocks[account_id, region]
