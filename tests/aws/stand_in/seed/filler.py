"""The healthy bulk of a fleet: nothing in it may be found."""

from ..metrics.series import noise
from .compute import make_instance, make_snapshot, make_volume
from .databases import make_db
from .place import OFFICE_TAGS

APPS = {
    "Shop": ["storefront", "checkout", "search", "basket", "mail", "images", "recommend", "admin"],
    "Data platform": ["ingest", "airflow", "kafka", "trino", "notebook", "catalog", "stream", "export"],
}
KINDS = ["t4g.medium", "t4g.large", "t4g.xlarge", "r6g.large", "r6g.xlarge", "m6g.4xlarge", "t4g.small", "t4g.2xlarge"]
TEAMS = ["web", "orders", "platform", "bi"]


def make_filler(place, instances: int, databases: int) -> None:
    names = APPS[place.account.name]
    for number in range(instances):
        app = names[number % len(names)]
        tags = {"env": "prod", "team": TEAMS[number % 4], "app": app}
        if number % 7 == 3:
            tags = {**tags, "env": "dev", **OFFICE_TAGS}
        node = _make_node(place, f"{app}-{number // len(names) + 1}", number, tags)
        if number % 7 == 3:
            place.scheduled("instance", node.id, "a development machine under the schedule")
    for number in range(databases):
        kind = ["db.t4g.large", "db.r6g.large", "db.m6g.large"][number % 3]
        engine = ["postgres", "mysql", "mariadb"][number % 3]
        make_db(place, f"{names[number % len(names)]}-db", kind, engine, age=150 + 40 * number, tags={"env": "prod"})


def _make_node(place, name: str, number: int, tags: dict):
    managed = {"aws:autoscaling:groupName": f"{tags['app']}-asg"} if number % 5 == 4 else {}
    busy = {"cpu": noise(25.0, 86.0 + number % 5), "net": noise(2e6, 4e7)}
    kind = KINDS[number % len(KINDS)]
    node = make_instance(place, name, kind, age=40 + 13 * number, tags={**tags, **managed}, zone=number % 2, metrics=busy)
    volume = make_volume(place, f"{name}-data", 50 + 25 * (number % 9), attach=(node, "/dev/xvdb"), age=40 + 13 * number)
    for age in (2, 9)[: 1 + number % 2]:
        make_snapshot(place, f"{name}-weekly-{age}", age=age, volume=volume, tags={"team": tags["team"]})
    return node
