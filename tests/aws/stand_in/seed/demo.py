"""The demo fleet: the accounts "Shop" and "Data platform" over three regions."""

import datetime as dt

from ..costs.store import CostLine
from . import plant_balancers as balancers
from . import plant_capacity as capacity
from . import plant_databases as databases
from . import plant_edge as edge
from . import plant_functions as functions
from . import plant_groups as groups
from . import plant_instances as instances
from . import plant_network as network
from . import plant_services as services
from . import plant_storage as storage
from . import plant_stores as stores
from . import plant_tables as tables
from . import plant_warehouses as warehouses
from .byproducts import plant_byproducts
from .compute import make_base_images
from .filler import make_filler
from .ledger import CLOUDWATCH, HISTORY_DAYS, Ledger, steady, step
from .place import Account, Place

S3, TAX = "Amazon Simple Storage Service", "Tax"
SHOP, DATA = "222222222222", "333333333333"
# Which themes each region of each account gets, and how much healthy bulk.
LAYOUT = {
    (SHOP, "us-east-1"): ("storage stores instances capacity groups network databases warehouses tables functions", 18, 4),
    (SHOP, "eu-west-1"): ("machines databases-new edge services", 14, 3),
    (SHOP, "eu-central-1"): ("volumes network", 10, 2),
    (DATA, "us-east-1"): ("machines volumes databases-new edge services", 14, 3),
    (DATA, "eu-west-1"): ("storage stores instances capacity groups network databases warehouses tables functions", 16, 4),
    (DATA, "eu-central-1"): ("databases-new network", 10, 3),
}


def seed_demo(state) -> None:
    accounts = {
        SHOP: Account(SHOP, "Shop", Ledger()),
        # This account pays 6 % less than list under a private discount.
        DATA: Account(DATA, "Data platform", Ledger(net_factor=0.94)),
    }
    for number, ((account_id, region), (themes, bulk, dbs)) in enumerate(LAYOUT.items()):
        place = Place(state, accounts[account_id], region)
        make_base_images(place)
        storage.make_host(place)
        for theme in themes.split():
            THEMES[theme](place, number)
        make_filler(place, bulk, dbs)
        plant_byproducts(place)
    for account in accounts.values():
        _seed_user(account)
        _seed_costs(state, account)


def _all_storage(place, number: int) -> None:
    storage.plant_unattached(place, 120 + 20 * number)
    storage.plant_volume_types(place, 200 + 10 * number)
    storage.plant_snapshots(place, 150 + 10 * number)
    storage.plant_images(place)
    storage.plant_at_rest(place)


def _volumes(place, number: int) -> None:
    storage.plant_unattached(place, 90 + 20 * number)
    storage.plant_volume_types(place, 150 + 10 * number)


def _all_instances(place, _number: int) -> None:
    for plant in (instances.plant_idle, instances.plant_rightsize, instances.plant_generations,
                  instances.plant_stopped, instances.plant_schedule):
        plant(place)


def _machines(place, _number: int) -> None:
    instances.plant_idle(place)
    instances.plant_stopped(place)
    instances.plant_schedule(place)


def _network(place, number: int) -> None:
    network.plant_addresses(place, 2 + number % 2)
    network.plant_nat(place)
    network.plant_endpoints(place)


def _edge(place, _number: int) -> None:
    edge.plant_edge(place)
    balancers.plant_balancers(place)


def _all_databases(place, _number: int) -> None:
    for plant in (databases.plant_idle_databases, databases.plant_sizes, databases.plant_classes,
                  databases.plant_storage_and_zones, databases.plant_db_schedule, databases.plant_versions,
                  databases.plant_aurora, databases.plant_care, databases.plant_db_snapshots):
        plant(place)


def _new_databases(place, _number: int) -> None:
    databases.plant_sizes(place)
    databases.plant_storage_and_zones(place)
    databases.plant_db_schedule(place)


THEMES = {
    "storage": _all_storage, "volumes": _volumes, "instances": _all_instances, "machines": _machines,
    "warehouses": lambda place, _: warehouses.plant_warehouses(place),
    "tables": lambda place, _: tables.plant_tables(place),
    "functions": lambda place, _: functions.plant_functions(place),
    "services": lambda place, _: services.plant_services(place),
    "stores": stores.plant_stores,
    "network": _network, "edge": _edge, "databases": _all_databases, "databases-new": _new_databases,
    "capacity": lambda place, _number: capacity.plant_capacity(place),
    "groups": lambda place, _number: groups.plant_groups(place),
}


def _seed_user(account: Account) -> None:
    """An engineer with own keys in the account: access key ``AKIA<account>DEMO``, any secret."""
    from moto.iam import iam_backends
    from moto.iam.models import AccessKey

    backend = iam_backends[account.id]["aws"]
    user = backend.create_user("us-east-1", "engineer")
    key = AccessKey("engineer", "AKIA", account.id)
    key.access_key_id = f"AKIA{account.id}DEMO"
    user.access_keys.append(key)
    backend.access_keys[key.access_key_id] = key


def _seed_costs(state, account: Account) -> None:
    today = state.costs.today()
    change = today - dt.timedelta(days=32)
    # S3 of the Shop rises by 43 %; CloudWatch of the other account rises by little money only.
    rising = account.id == SHOP
    s3 = step(14.0, 20.0, change, "s3") if rising else steady(61.0, "s3")
    logs = steady(6.2, "cw") if rising else step(1.0, 1.7, change, "cw")
    net = {"net_factor": account.ledger.net_factor}
    lines = account.ledger.lines() + [
        CostLine(S3, "TimedStorage-ByteHrs", "us-east-1", s3, 43.5, "GB-Mo", **net),
        CostLine(CLOUDWATCH, "CW:MetricMonitorUsage", "us-east-1", logs, 3.3, "Metrics", **net),
        CostLine(TAX, "NoUsageType", "global", steady(4.0, "tax"), 1.0, "N/A", "Tax", "Tax"),
    ]
    state.costs.put(account.id, lines, today - dt.timedelta(days=HISTORY_DAYS))
    where = {"accountId": account.id, "region": None, "resourceId": S3 if rising else CLOUDWATCH}
    rule = "cost-increase-month-over-month"
    if rising:
        state.planted.append({**where, "rule": rule, "role": "exposure", "why": "14 to 20 USD a day: 43 %, 180 USD"})
    else:
        state.healthy.append({**where, "mustNotFind": [rule], "why": "rises by 70 %, but by 21 USD only"})
