"""Plants DynamoDB waste beside its healthy look-alikes."""

from ..metrics.series import constant, office
from .tables import make_backup, make_table, make_target, scale_table

UNUSED, NO_SCALING, OVER = "dynamodb-table-unused", "dynamodb-no-autoscaling", "dynamodb-overprovisioned"
TO_DEMAND, TO_PROVISIONED = "dynamodb-provisioned-to-ondemand", "dynamodb-ondemand-to-provisioned"
TO_IA, TO_STANDARD, INDEX = "dynamodb-standard-to-ia", "dynamodb-ia-to-standard", "dynamodb-gsi-unused"
BACKUPS, FIXED, RECOVERY, EXPIRY = (
    "dynamodb-backups-extra", "dynamodb-autoscaling-fixed-range", "dynamodb-pitr-review", "dynamodb-ttl-disabled",
)
CAPACITY = [NO_SCALING, OVER, TO_DEMAND, TO_PROVISIONED]
NOTHING = (constant(0.0), constant(0.0))


def steady(reads: float, writes: float) -> tuple:
    return constant(reads), constant(writes)


def plant_tables(place) -> None:
    _plant_unused(place)
    _plant_capacity(place)
    _plant_classes(place)
    _plant_indexes(place)
    _plant_care(place)


def _plant_unused(place) -> None:
    make_table(place, "sessions-2023", units=(100, 50), use=NOTHING, gib=5)
    place.plant(UNUSED, "sessions-2023", "neither read nor written for 14 days")
    make_table(place, "poll-2019", use=NOTHING, gib=60, recovery=True)
    place.plant(UNUSED, "poll-2019", "on demand: its 60 GiB and their recovery are paid")
    make_table(place, "tax-2019", units=(20, 20), use=NOTHING, tags={"keep": "10 years"})
    place.healthy("tax-2019", UNUSED, "tagged to keep")
    make_table(place, "accounts-global", units=(20, 20), use=NOTHING, replicas=("us-west-2",))
    place.healthy("accounts-global", [UNUSED, *CAPACITY], "a global table")
    make_table(place, "next-release", units=(20, 20), use=NOTHING, age=5)
    place.healthy("next-release", [UNUSED, *CAPACITY], "5 days old")
    make_table(place, "dark", units=(20, 20))
    place.healthy("dark", [UNUSED, *CAPACITY], "no metrics: unknown")


def _plant_capacity(place) -> None:
    make_table(place, "orders", units=(400, 400), use=(office(20, 250), constant(285.0)))
    place.plant(NO_SCALING, "orders", "read in office hours only")
    make_table(place, "carts", units=(100, 100), use=steady(14, 14))
    place.plant(NO_SCALING, "carts", "14 % used all day long")
    place.plant(OVER, "carts", "20 of 100 units would do", role="alternative")
    place.plant(TO_DEMAND, "carts", "would cost half by the request", role="alternative")
    make_table(place, "invoices", units=(50, 50), use=steady(0.5, 0.2))
    place.plant(TO_DEMAND, "invoices", "1 % used")
    for rule in (NO_SCALING, OVER):
        place.plant(rule, "invoices", "one unit would do", role="alternative")
    make_table(place, "clicks", use=steady(200, 100), gib=2)
    place.plant(TO_PROVISIONED, "clicks", "the same load at every hour")
    make_table(place, "newsletter", use=(office(0, 300), office(0, 200)), gib=2)
    place.healthy("newsletter", TO_PROVISIONED, "rests for two thirds of the week")
    make_table(place, "ledger", units=(100, 100), use=steady(30, 30))
    scale_table(place, "ledger", (5, 200), (5, 200))
    place.healthy("ledger", [*CAPACITY, FIXED], "follows its load")
    make_table(place, "flash-sale", units=(20, 20), use=steady(15, 15))
    scale_table(place, "flash-sale", (20, 20), (5, 40))
    place.plant(FIXED, "flash-sale", "scales reads between 20 and 20", role="exposure")
    make_table(place, "stock", units=(40, 40), use=steady(30, 30))
    place.healthy("stock", CAPACITY, "its capacity is used")


def _plant_classes(place) -> None:
    make_table(place, "audit-log", use=(constant(0.1), office(0, 6)), gib=900)
    place.plant(TO_IA, "audit-log", "900 GiB that are rarely touched")
    make_table(place, "catalog", units=(500, 500), use=steady(400, 400), gib=30, table_class="STANDARD_INFREQUENT_ACCESS")
    place.plant(TO_STANDARD, "catalog", "its throughput costs ten times its storage")
    make_table(place, "archive", use=(constant(0.1), office(0, 1)), gib=700, table_class="STANDARD_INFREQUENT_ACCESS")
    place.healthy("archive", [TO_STANDARD, TO_IA], "is where it belongs")


def _plant_indexes(place) -> None:
    by_phone = ("by-phone", (20, 20), 1, (constant(0.0), constant(15.0)))
    by_mail = ("by-mail", (20, 20), 1, steady(15, 15))
    make_table(place, "customers", units=(30, 30), use=steady(22, 22), indexes=(by_phone, by_mail))
    place.plant(INDEX, "customers/index/by-phone", "written with every customer, never read")
    place.healthy("customers/index/by-mail", INDEX, "is read")


def _plant_care(place) -> None:
    made = [make_backup(place, "orders", age=age, gib=40) for age in (10, 40, 70, 100)]
    for name in made[:2]:
        place.healthy(name, BACKUPS, "the newest two")
    for name in made[2:]:
        place.plant(BACKUPS, name, "has two newer ones")
    place.healthy(make_backup(place, "orders", age=200, gib=40, kind="AWS_BACKUP"), BACKUPS, "belongs to AWS Backup")
    rests = {"use": (office(0, 20), office(0, 20)), "gib": 40, "class_age": 5}
    make_table(place, "carts-staging", recovery=True, tags={"env": "staging"}, **rests)
    place.plant(RECOVERY, "carts-staging", "recovery in staging")
    place.healthy("carts-staging", TO_IA, "its class was changed 5 days ago")
    make_table(place, "carts-prod", recovery=True, tags={"env": "prod"}, **rests)
    place.healthy("carts-prod", RECOVERY, "production")
    make_table(place, "events", keys=("device", "createdAt"), **rests)
    place.plant(EXPIRY, "events", "40 GiB with a time as its key, and no end", role="exposure")
    make_table(place, "metrics", keys=("device", "createdAt"), expires=True, **rests)
    place.healthy("metrics", EXPIRY, "its items expire")
