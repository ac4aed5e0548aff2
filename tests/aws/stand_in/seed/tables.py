"""Makes DynamoDB tables in a place, with what they consume and what that costs."""

import datetime as dt

from ..metrics.series import constant
from .ledger import HOURS

DYNAMODB = "Amazon DynamoDB"
GIB = 2**30
SECONDS = 300  # of one value of a series
USD = {
    "STANDARD": {"read": 0.00013, "write": 0.00065, "reads": 0.125, "writes": 0.625, "gib": 0.25},
    "STANDARD_INFREQUENT_ACCESS": {"read": 0.00016, "write": 0.00081, "reads": 0.155, "writes": 0.78, "gib": 0.10},
}

# Usage types of the class for rare access say so.
RARE = {"STANDARD": "", "STANDARD_INFREQUENT_ACCESS": "IA-"}


def make_table(place, name, *, units=None, gib=1, use=None, indexes=(), table_class="STANDARD", age=400, tags=None,
               keys=("id",), expires=False, recovery=False, replicas=(), class_age=None):
    """``units`` (reads, writes) a second, None on demand; ``use`` two profiles of units a second, None publishes none."""
    stock = place.state.serverless.of(place.account.id, place.region)
    arn = f"arn:aws:dynamodb:{place.region}:{place.account.id}:table/{name}"
    table = {
        "TableName": name, "TableArn": arn, "TableId": f"table-{name}", "TableStatus": "ACTIVE",
        "CreationDateTime": _at(place, age), "TableSizeBytes": int(gib * GIB), "ItemCount": int(gib * 1000),
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))],
        "ProvisionedThroughput": _throughput(units), "DeletionProtectionEnabled": False,
        "GlobalSecondaryIndexes": [_index(place, arn, name, units, *index) for index in indexes],
        "Replicas": [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in replicas],
    }
    if units is None:
        table["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST"}
    if table_class != "STANDARD" or class_age:
        table["TableClassSummary"] = {"TableClass": table_class, "LastUpdateDateTime": _at(place, class_age or age - 1)}
    stock.tables[name] = table
    stock.table_tags[name] = [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
    stock.recovery[name] = recovery
    if expires:
        stock.expiry[name] = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    total = sum(index[2] for index in indexes)
    _charge_units(place, table_class, units)
    _charge(place, RARE[table_class] + "TimedStorage-ByteHrs", USD[table_class]["gib"] * (gib + total))
    if recovery:
        _charge(place, "TimedPITRStorage-ByteHrs", 0.20 * gib)
    if use:
        _measure(place, {"TableName": name}, units, use, table_class, age)
    return name


def _index(place, arn, table, on_table, name, units, gib, use):
    """``units`` is ignored on demand."""
    _charge_units(place, "STANDARD", units if on_table else None)
    if use:
        _measure(place, {"TableName": table, "GlobalSecondaryIndexName": name}, on_table and units, use, "STANDARD", 400)
    return {
        "IndexName": name, "IndexStatus": "ACTIVE", "IndexSizeBytes": int(gib * GIB), "IndexArn": f"{arn}/index/{name}",
        "ProvisionedThroughput": _throughput(units if on_table else None), "Projection": {"ProjectionType": "ALL"},
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    }


def _at(place, age: float) -> dt.datetime:
    return (place.now - dt.timedelta(days=age)).replace(microsecond=0)


def _throughput(units) -> dict:
    reads, writes = units or (0, 0)
    return {"ReadCapacityUnits": reads, "WriteCapacityUnits": writes}


def _measure(place, own: dict, units, use, table_class: str, age: float) -> None:
    since = {"since": place.now.timestamp() - age * 86400}
    sides = (("Read", "reads", use[0]), ("Write", "writes", use[1]))
    for number, (side, price, profile) in enumerate(sides):
        place.put_metric("AWS/DynamoDB", f"Consumed{side}CapacityUnits", own, _times(profile, SECONDS), **since)
        if units:
            place.put_metric("AWS/DynamoDB", f"Provisioned{side}CapacityUnits", own, constant(units[number]), **since)
        else:
            month = _weekly_mean(profile) * 3600 * HOURS
            _charge(place, f"{RARE[table_class]}{side}RequestUnits", month / 1e6 * USD[table_class][price])


def _times(profile, factor: float):
    return lambda rng, weekday: [value * factor for value in profile(rng, weekday)]


def _weekly_mean(profile) -> float:
    import random

    values = [value for weekday in range(7) for value in profile(random.Random(weekday), weekday)]
    return sum(values) / len(values)


def _charge_units(place, table_class: str, units) -> None:
    for side, count in zip(("read", "write"), units or ()):
        _charge(place, f"{RARE[table_class]}{side.title()}CapacityUnit-Hrs", USD[table_class][side] * HOURS * count)


def _charge(place, usage: str, usd: float) -> None:
    place.account.ledger.add_monthly(DYNAMODB, usage, place.region, usd)


def make_backup(place, table, *, age, gib, kind="USER") -> str:
    """Its id in the form of the ARN."""
    stock = place.state.serverless.of(place.account.id, place.region)
    # AWS writes the instant here; an age keeps the id the same at every start.
    name = f"{table}/backup/{1_500_000_000_000 + age:014d}-{len(stock.backups):08x}"
    arn = f"arn:aws:dynamodb:{place.region}:{place.account.id}:table/{name}"
    stock.backups.append({
        "TableName": table, "TableId": f"table-{table}", "TableArn": arn.partition("/backup/")[0], "BackupArn": arn,
        "BackupName": f"{table}-{age}", "BackupCreationDateTime": _at(place, age), "BackupStatus": "AVAILABLE", "BackupType": kind,
        "BackupSizeBytes": int(gib * GIB),
    })
    _charge(place, "TimedBackupStorage-ByteHrs", 0.10 * gib)
    return name


def make_target(place, resource: str, dimension: str, least: int, most: int) -> None:
    stock = place.state.serverless.of(place.account.id, place.region)
    arn = f"arn:aws:application-autoscaling:{place.region}:{place.account.id}:scalable-target/{len(stock.targets):032x}"
    stock.targets.append({
        "ServiceNamespace": dimension.partition(":")[0], "ResourceId": resource, "ScalableDimension": dimension,
        "MinCapacity": least, "MaxCapacity": most, "CreationTime": _at(place, 100), "ScalableTargetARN": arn,
        "RoleARN": f"arn:aws:iam::{place.account.id}:role/aws-service-role/scaling",
    })


def scale_table(place, table: str, reads: tuple, writes: tuple) -> None:
    for side, (least, most) in (("Read", reads), ("Write", writes)):
        make_target(place, f"table/{table}", f"dynamodb:table:{side}CapacityUnits", least, most)
