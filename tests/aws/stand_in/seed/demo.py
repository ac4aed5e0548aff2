"""The demo fleet: the accounts "Shop" and "Data platform" over three regions."""

import datetime as dt

from ..costs.store import CostLine
from . import plant_balancers as balancers
from . import plant_capacity as capacity
from . import plant_commitments as commitments
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
from .ledger import CLOUDWATCH, HISTORY_DAYS, OTHER, Commitment, Ledger, steady, step
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
# What the Shop has committed itself to: some machines all of whose hours are covered, some of whose hours part.
COMMITMENTS = [
    Commitment("eu-west-1", "BoxUsage:m6g.4xlarge", share=1.0, rate=0.72, plan=True),
    Commitment("us-east-1", "BoxUsage:m6g.4xlarge", share=0.5, rate=0.72, plan=True),
    Commitment("us-east-1", "InstanceUsage:db.t4g.large", share=0.6, rate=0.66),
    Commitment("us-east-1", "Multi-AZUsage:db.m6g.2xlarge", share=1.0, rate=0.66),
]


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
        accounts[account_id].facts.extend(place.facts)
    accounts[SHOP].ledger.commitments = COMMITMENTS
    for account in accounts.values():
        _seed_user(account)
        commitments.charge_commitments(account)
        _seed_costs(state, account)
        commitments.plant_commitments(state, account)


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


def _usage_charges(state, account: Account) -> list[CostLine]:
    """What only the bill shows, beside the same below what is worth a look."""
    def line(service, usage, region, daily, rate, rule, why):
        listed = state.planted if why else state.healthy
        where = {"accountId": account.id, "region": None, "resourceId": usage}
        listed.append({**where, "rule": rule, "role": "exposure", "why": why} if why
                      else {**where, "mustNotFind": [rule], "why": "too little to look at"})
        return CostLine(service, usage, region, steady(daily, usage), 1 / rate, "GB", net_factor=account.ledger.net_factor)

    zones, early, regional = "data-transfer-cross-az", "s3-early-deletion-charges", "DataTransfer-Regional-Bytes"
    return [
        line(OTHER, regional, "us-east-1", 70.0, 0.01, zones, "210,000 GB a month between the zones"),
        line(OTHER, f"EU-{regional}", "eu-west-1", 0.4, 0.01, zones, None),
        line(S3, "EarlyDelete-SIA", "us-east-1", 0.9, 0.0125, early, "27 USD of young objects in Standard-IA"),
        line(S3, "EU-EarlyDelete-GIR", "eu-west-1", 0.05, 0.004, early, None),
    ]


def _new_product(state, account: Account, change: dt.date) -> CostLine:
    """Somebody subscribed to it in the marketplace; Acme's product was there before."""
    name, rule = "Scanner Pro", "marketplace-new-charges"
    where = {"accountId": account.id, "region": None}
    state.planted.append({**where, "resourceId": name, "rule": rule, "role": "exposure", "why": "charged for four weeks"})
    state.healthy.append({**where, "resourceId": "Acme Observability", "mustNotFind": [rule], "why": "charged all along"})
    daily = step(0.0, 1.5, change + dt.timedelta(days=4), name)
    return CostLine(name, "Scans", "us-east-1", daily, 1.0, "Scans", legal_entity="Scanner Ltd")


def _seed_costs(state, account: Account) -> None:
    today = state.costs.today()
    change = today - dt.timedelta(days=32)
    # S3 of the Shop rises by 43 %; CloudWatch of the other account rises by little money only.
    rising = account.id == SHOP
    s3 = step(14.0, 20.0, change, "s3") if rising else steady(61.0, "s3")
    logs = steady(6.2, "cw") if rising else step(1.0, 1.7, change, "cw")
    net = {"net_factor": account.ledger.net_factor}
    lines = account.ledger.lines() + [
        CostLine(S3, "TimedStorage-ByteHrs", "us-east-1", s3, 1 / 0.023, "GB-Mo", **net),
        CostLine(CLOUDWATCH, "CW:MetricMonitorUsage", "us-east-1", logs, 1 / 0.3, "Metrics", **net),
        CostLine("Acme Observability", "Acme-Hosts", "us-east-1", steady(9.0, "acme"), 1.0, "Hosts", legal_entity="Acme Software Ltd"),
        CostLine(TAX, "NoUsageType", "global", steady(4.0, "tax"), 1.0, "N/A", "Tax", "Tax"),
    ]
    if rising:
        lines += _usage_charges(state, account)
        lines.append(_new_product(state, account, change))
    state.costs.put(account.id, lines, today - dt.timedelta(days=HISTORY_DAYS))
    where = {"accountId": account.id, "region": None, "resourceId": S3 if rising else CLOUDWATCH}
    rule = "cost-increase-month-over-month"
    if rising:
        state.planted.append({**where, "rule": rule, "role": "exposure", "why": "14 to 20 USD a day: 43 %, 180 USD"})
    else:
        state.healthy.append({**where, "mustNotFind": [rule], "why": "rises by 70 %, but by 21 USD only"})
