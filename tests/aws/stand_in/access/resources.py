"""The resources that a call names, with their tags: what Resource and aws:ResourceTag are about.

EC2's Describe calls have no resource-level permissions. Other services' resources are not looked up: their
calls name none, and a condition on a tag does not hold for them.
"""

import re
from dataclasses import dataclass, field

from ..call import Call

EC2_FIELD = re.compile(r"^(?:InstanceId|ResourceId|VolumeId|SnapshotId|ImageId)(?:\.\d+)?$")
EC2_TYPES = {
    "i": "instance", "vol": "volume", "snap": "snapshot", "ami": "image", "eni": "network-interface",
    "vpc": "vpc", "subnet": "subnet", "sg": "security-group", "nat": "natgateway", "eipalloc": "elastic-ip",
}
TAG_KEYS = {"ec2": ("ec2:ResourceTag/",), "db": ("rds:db-tag/",), "cluster": ("rds:cluster-tag/",)}


@dataclass
class Resource:
    arn: str
    kind: str = ""
    tags: dict = field(default_factory=dict)
    # What does not exist is judged without the conditions on its tags, and then not found.
    exists: bool = True

    def context(self) -> dict:
        prefixes = ("aws:ResourceTag/", *TAG_KEYS.get(self.kind, ()))
        return {prefix + key: value for key, value in self.tags.items() for prefix in prefixes}


def named_resources(call: Call) -> list[Resource]:
    if call.service == "ec2" and not call.operation.startswith(("Describe", "Get")):
        return _of_ec2(call, [value for key, value in call.form.items() if EC2_FIELD.match(key)])
    return _of_rds(call) if call.service == "rds" else []


def _of_ec2(call: Call, names: list[str]) -> list[Resource]:
    from ..power.instances import backend_of, find_instances

    tags = backend_of(call.account_id, call.region).tags if names else {}
    machines = find_instances(call.account_id, call.region, names) if names else {}
    kinds = {name: EC2_TYPES.get(name.partition("-")[0], "*") for name in names}
    return [
        Resource(f"arn:aws:ec2:{call.region}:{call.account_id}:{kind}/{name}", "ec2", dict(tags.get(name, {})),
                 kind != "instance" or name in machines)
        for name, kind in kinds.items()
    ]


def _of_rds(call: Call) -> list[Resource]:
    from ..power.databases import rds_of

    backend, form = rds_of(call.account_id, call.region), call.form
    named = [
        ("db", form.get("DBInstanceIdentifier"), backend.databases),
        ("cluster", form.get("DBClusterIdentifier"), backend.clusters),
    ]
    parts = form.get("ResourceName", "").split(":", 6)
    if len(parts) == 7:
        named.append((parts[5], parts[6], backend.databases if parts[5] == "db" else backend.clusters))
    return [_database(call, *item) for item in named if item[1]]


def _database(call: Call, kind: str, name: str, known: dict) -> Resource:
    found = known.get(name.lower())
    tags = {tag["Key"]: tag["Value"] for tag in found.tags} if found else {}
    return Resource(f"arn:aws:rds:{call.region}:{call.account_id}:{kind}:{name.lower()}", kind, tags, found is not None)
