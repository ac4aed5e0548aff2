"""Works out what else the rules find on the planted machines: Graviton, generation, size, gp2.

A by-product that depends on how the rule is read (is a cheaper type of the same size a rightsizing?)
is marked ``optional``: it may be found, and need not.
"""

from ..pricing.products import regional
from ..pricing.tables import ec2_types
from .ledger import HOURS
from .storage_reviews import plant_reviews

GRAVITON = {
    **dict.fromkeys(["t2", "t3", "t3a"], "t4g"), **dict.fromkeys(["m4", "m5", "m5a", "m6i", "m6a"], "m6g"),
    **dict.fromkeys(["c4", "c5", "c5a", "c6i", "c6a"], "c6g"), **dict.fromkeys(["r4", "r5", "r5a", "r6i", "r6a"], "r6g"),
}
NEWER = {
    **dict.fromkeys(["t1", "t2"], "t3"), **dict.fromkeys(["m1", "m2", "m3", "m4"], "m6i"),
    **dict.fromkeys(["c1", "c3", "c4"], "c6i"), **dict.fromkeys(["r3", "r4"], "r6i"),
}
AMD = {"t3": "t3a", "m5": "m5a", "c5": "c5a", "r5": "r5a", "m6i": "m6a", "c6i": "c6a", "r6i": "r6a"}
NONPROD = set("dev development test testing qa staging stage sandbox nonprod non-prod demo uat".split())
MANAGED = ("aws:autoscaling:groupName", "eks:cluster-name", "kubernetes.io/cluster/", "aws:elasticmapreduce:",
           "elasticbeanstalk:", "aws:batch:")
RUNTIMES = {"java", "nodejs", "python", "go", "nginx", "php", "ruby", "dotnet"}
SPECIAL = ("m5d", "c5d", "i3", "g4dn", "g5", "m3", "r3", "c3", "m1", "c1", "m2")


def plant_byproducts(place) -> None:
    known = {(item["rule"], item["resourceId"]) for item in place.state.planted}
    for fact in place.facts:
        if not fact["running"] or fact["lifecycle"] or _is_managed(fact["tags"]):
            continue
        found = [_graviton(place, fact), _newer(place, fact), _smaller(place, fact), _amd(place, fact)]
        found += [_spot(place, fact), _long_running(fact), _large(fact), _elsewhere(place, fact)]
        for rule, role, why, optional in found:
            if role and (rule, fact["instance"].id) not in known:
                more = {"optional": True} if optional else {}
                place.plant(rule, fact["instance"].id, why, role=role, **more)
    _plant_gp2(place, known)
    plant_reviews(place)


def _is_managed(tags: dict) -> bool:
    return any(key.startswith(MANAGED) for key in tags)


def _usd(place, name: str, system: str) -> float | None:
    item = ec2_types().get(name)
    if item is None or (system.startswith(("windows", "sql-")) and item.windows is None):
        return None
    return regional(item.usd_of(system), place.region)


def _saves(place, fact: dict, target: str) -> bool:
    price = _usd(place, target, fact["system"])
    return price is not None and (_usd(place, fact["kind"], fact["system"]) - price) * HOURS >= 1


def _graviton(place, fact: dict) -> tuple:
    family, size = fact["kind"].split(".")
    rule = "ec2-instance-graviton"
    target = f"{GRAVITON.get(family)}.{size}"
    if fact["system"] != "linux" or fact["code"] or not _saves(place, fact, target):
        return rule, None, "", False
    tagged = any(key.lower() in ("workload", "runtime") and value in RUNTIMES for key, value in fact["tags"].items())
    return rule, "alternative" if tagged else "exposure", f"x86 Linux machine; {target} is cheaper", False


def _newer(place, fact: dict) -> tuple:
    family, size = fact["kind"].split(".")
    target = f"{NEWER.get(family)}.{size}"
    found = "alternative" if _saves(place, fact, target) else None
    return "ec2-instance-previous-gen", found, f"{target} is cheaper", False


def _amd(place, fact: dict) -> tuple:
    family, size = fact["kind"].split(".")
    target = f"{AMD.get(family)}.{size}"
    found = "alternative" if not fact["code"] and _saves(place, fact, target) else None
    return "ec2-instance-amd-variant", found, f"{target} is cheaper", False


def _spot(place, fact: dict) -> tuple:
    tags = {key.lower(): value.lower() for key, value in fact["tags"].items()}
    stage = tags.get("env", tags.get("environment", tags.get("stage")))
    plain = not fact["system"].startswith("sql-") and not fact["code"]
    found = "exposure" if plain and stage in NONPROD else None
    return "ec2-spot-candidate", found, f"stage {stage}", False


def _long_running(fact: dict) -> tuple:
    found = "exposure" if fact["age"] >= 180 else None
    return "ec2-instance-long-running", found, f"launched {fact['age']} days ago", False


def _large(fact: dict) -> tuple:
    vcpu = ec2_types()[fact["kind"]].vcpu
    return "ec2-instance-large", "exposure" if vcpu >= 16 else None, f"{vcpu} vCPUs", False


def _elsewhere(place, fact: dict) -> tuple:
    """The account runs machines in us-east-1, too, where everything is cheapest."""
    here, there = _usd(place, fact["kind"], fact["system"]), regional(ec2_types()[fact["kind"]].usd_of(fact["system"]), "us-east-1")
    found = "exposure" if place.region != "us-east-1" and there <= here * 0.9 else None
    return "ec2-cheaper-region", found, f"{there} in us-east-1 against {here}", False


def _smaller(place, fact: dict) -> tuple:
    """The widest reading: any cheaper current type of the architecture that holds CPU and memory."""
    rule, now = "ec2-instance-rightsize-cross-family", ec2_types()[fact["kind"]]
    if fact["metrics"] is None or "mem" in fact["metrics"] or fact["kind"].startswith(SPECIAL):
        return rule, None, "", True
    need = now.vcpu * fact["peak"] / 100 * 1.2
    fits = [
        item.name for item in ec2_types().values()
        if item.arch == now.arch and item.current == "Yes" and not item.name.startswith(SPECIAL)
        and item.vcpu >= min(need, now.vcpu) and item.gib >= now.gib and _saves(place, fact, item.name)
    ]
    return rule, "alternative" if fits else None, f"{len(fits)} cheaper types would hold it", True


def _plant_gp2(place, known: set) -> None:
    rule = "ebs-volume-gp2-to-gp3"
    for volume in place.ec2.volumes.values():
        if volume.volume_type == "gp2" and (rule, volume.id) not in known and _gp3_saves(place, volume.size) >= 1:
            place.plant(rule, volume.id, "gp2, beside the planted finding", role="alternative")


def _gp3_saves(place, size: int) -> float:
    iops, throughput = max(3000, min(16000, 3 * size)), 125 if size < 334 else 250
    gp3 = size * 0.08 + (iops - 3000) * 0.005 + (throughput - 125) * 0.04
    return (size * 0.10 - gp3) * (regional(1.0, place.region))
