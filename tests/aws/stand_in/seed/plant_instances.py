"""Plants EC2 instance waste beside its healthy look-alikes.

By-products (Graviton exposure of an x86 machine, and the like) are worked out in ``byproducts.py``.
"""

from ..metrics.series import constant, noise, office, spiky
from .compute import make_instance, make_volume
from .network import make_address
from .place import OFFICE_TAGS

IDLE, SIZE, OLD_GEN = "ec2-instance-idle", "ec2-instance-rightsize", "ec2-instance-previous-gen"
ACROSS, LOW = "ec2-instance-rightsize-cross-family", "ec2-instance-low-utilization"
ARM, STOPPED, SCHEDULE = "ec2-instance-graviton", "ec2-instance-stopped-long", "ec2-instance-schedule"
ON_STOPPED = "ebs-volume-on-stopped-instance"
QUIET = {"cpu": noise(0.5, 3.5), "net": noise(2000, 5000)}
PROD = {"env": "prod", "team": "web"}

# Look-alikes of machines under the schedule: their tags, and why the scheduler leaves them alone.
NEARLY_SCHEDULED = {
    "spot-worker": (OFFICE_TAGS, "Spot"),
    "fresh-start": ({"scheduler": "Enabled", "Schedule": "office"}, "the tag's key is written in lower case"),
    "dark-host": ({**OFFICE_TAGS, "Scheduler": "enabled"}, "the tag's value is written in lower case"),
    "half-dark": ({**OFFICE_TAGS, "Schedule": "ignore"}, "exempt by Schedule=ignore"),
    "proxy": ({**OFFICE_TAGS, "Schedule": "nigths"}, "the schedule that it names does not exist"),
    "daily-job": ({"Schedule": "office"}, "names the schedule, but lacks Scheduler=Enabled"),
}


def plant_idle(place) -> None:
    found = make_instance(place, "forgotten-poc", "t4g.large", metrics=QUIET, peak=3.5, tags={"team": "research"})
    place.plant(IDLE, found.id, "CPU at most 3.5 %, 2 MB a day")
    found = make_instance(place, "old-bastion", "t3a.large", metrics=QUIET, peak=3.5, tags=PROD)
    place.plant(IDLE, found.id, "x86: moving it to Graviton is only exposure beside removing it")
    found = make_instance(place, "licence-server", "t3a.large", system="windows", metrics=QUIET, peak=3.5, tags=PROD)
    place.plant(IDLE, found.id, "Windows machine without load")
    _idle_lookalikes(place)


def _idle_lookalikes(place) -> None:
    managed = [
        ("asg-worker", {"aws:autoscaling:groupName": "workers", **OFFICE_TAGS}, "member of an Auto Scaling group"),
        ("eks-node", {"eks:cluster-name": "main", "kubernetes.io/cluster/main": "owned"}, "EKS node"),
        ("emr-core", {"aws:elasticmapreduce:job-flow-id": "j-1"}, "EMR node"),
        ("beanstalk", {"elasticbeanstalk:environment-id": "e-1"}, "Elastic Beanstalk machine"),
    ]
    usage = [IDLE, SIZE, ACROSS, SCHEDULE, ARM]
    for name, tags, why in managed:
        found = make_instance(place, name, "m5.large", metrics=QUIET, peak=3.5, tags={**tags, "env": "dev"})
        place.healthy(found.id, usage, f"{why}: judged at its parent only")
        if "Scheduler" in tags:
            place.scheduled("instance", found.id, f"{why}: the group would replace it", follows=False)
    cases = [
        ("spot-worker", {"metrics": QUIET, "lifecycle": "spot"}, "Spot"),
        ("fresh-start", {"metrics": QUIET, "age": 6}, "launched 6 days ago"),
        ("dark-host", {"metrics": None}, "no metrics: unknown"),
        ("half-dark", {"metrics": QUIET, "bounds": {"since": place.now.timestamp() - 5 * 86400}}, "5 of 14 days: unknown"),
        ("proxy", {"metrics": {"cpu": noise(0.5, 3.5), "net": noise(1e6, 3e6)}}, "little CPU, but much network"),
        ("daily-job", {"metrics": {"cpu": spiky(0.5, 3, 60), "net": noise(2000, 5000)}}, "works once a day"),
    ]
    for name, more, why in cases:
        tags, left_alone = NEARLY_SCHEDULED.get(name, ({}, None))
        found = make_instance(place, name, "t4g.medium", peak=3.5, tags={**PROD, **tags}, **more)
        place.healthy(found.id, [IDLE, SIZE, ACROSS], why)
        if name == "daily-job":
            place.plant(LOW, found.id, "works once a day, 2 MB a day", role="exposure")
        if left_alone:
            place.scheduled("instance", found.id, left_alone, follows=False)


def plant_rightsize(place) -> None:
    memory = noise(12.0, 20.0)
    found = make_instance(place, "cache", "r6g.2xlarge", tags=PROD, peak=20.0,
                          metrics={"cpu": noise(5, 20), "net": noise(1e6, 4e7), "mem": memory})
    place.plant(SIZE, found.id, "CPU 20 %, memory 20 % by the agent: two sizes down")
    found = make_instance(place, "renderer", "m6g.8xlarge", tags=PROD, peak=10.0,
                          metrics={"cpu": noise(2, 10), "net": noise(1e6, 4e7)})
    place.plant(ACROSS, found.id, "CPU 10 %, memory unknown: the memory may not shrink, the CPUs may")
    _rightsize_lookalikes(place)


def _rightsize_lookalikes(place) -> None:
    found = make_instance(place, "importer", "r6g.2xlarge", tags=PROD, peak=92.0,
                          metrics={"cpu": spiky(1, 8, 92, spikes=4), "net": noise(1e6, 4e7), "mem": noise(60, 75)})
    place.healthy(found.id, [SIZE, ACROSS, IDLE], "mean CPU of 5 %, but 92 % at the peak")
    found = make_instance(place, "memory-hog", "r6g.xlarge", tags=PROD, peak=10.0,
                          metrics={"cpu": noise(3, 10), "net": noise(1e6, 4e7), "mem": noise(70, 85)})
    place.healthy(found.id, [SIZE, ACROSS, IDLE], "little CPU, but the memory is used")
    for name, kind in (("gpu-trainer", "g4dn.xlarge"), ("scratch-node", "i3.xlarge")):
        found = make_instance(place, name, kind, tags=PROD, peak=8.0,
                              metrics={"cpu": noise(1, 8), "net": noise(1e6, 4e7)})
        place.healthy(found.id, [SIZE, ACROSS, IDLE, ARM], "GPU" if kind.startswith("g") else "instance store")


def plant_generations(place) -> None:
    found = make_instance(place, "legacy-crm", "m4.2xlarge", tags=PROD)
    place.plant(OLD_GEN, found.id, "m4 to m6i of the same size")
    found = make_instance(place, "legacy-hr", "r4.xlarge", system="windows", tags=PROD)
    place.plant(OLD_GEN, found.id, "r4 to r6i; Windows, so no Graviton")
    found = make_instance(place, "legacy-batch", "t2.2xlarge", tags=PROD)
    place.plant(OLD_GEN, found.id, "t2 to t3 of the same size")
    tags = {**PROD, "workload": "java"}
    found = make_instance(place, "checkout-java", "r5a.2xlarge", tags=tags)
    place.plant(ARM, found.id, "tagged workload=java: counted")
    found = make_instance(place, "pricing-go", "c6a.4xlarge", tags={**PROD, "Runtime": "go"})
    place.plant(ARM, found.id, "tagged Runtime=go: counted")
    _generation_lookalikes(place)


def _generation_lookalikes(place) -> None:
    found = make_instance(place, "erp", "t3a.xlarge", system="windows", tags=PROD)
    place.healthy(found.id, ARM, "Windows does not run on Graviton")
    found = make_instance(place, "sap-gateway", "r5a.xlarge", system="rhel", tags=PROD)
    place.healthy(found.id, ARM, "Red Hat subscription: not plain Linux/UNIX")
    found = make_instance(place, "firewall", "c5a.4xlarge", code="8xzq1vendor", tags=PROD)
    place.healthy(found.id, ARM, "marketplace product")
    found = make_instance(place, "small-old", "t2.nano", tags=PROD)
    place.healthy(found.id, OLD_GEN, "saves less than 1 USD")


def plant_stopped(place) -> None:
    found = make_instance(place, "crm-2023", "t4g.xlarge", stopped=120, age=400, tags={"team": "sales"})
    volume = make_volume(place, "crm-2023-data", 300, age=400, attach=(found, "/dev/xvdb"))
    address = make_address(place, "crm-2023", instance=found)
    place.plant("eip-on-stopped-instance", address.allocation_id, "its instance is stopped", role="alternative")
    place.plant(STOPPED, found.id, "stopped for 120 days with 330 GiB and an address")
    root = found.block_device_mapping["/dev/xvda"].volume_id
    place.plant(ON_STOPPED, volume.id, "its instance is stopped for 120 days", role="alternative")
    place.healthy(root, ON_STOPPED, "too small to save a dollar a month beside its snapshot")
    found = make_instance(place, "loadtest", "m7g.large", stopped=45, age=100, root=80)
    place.plant(STOPPED, found.id, "stopped for 45 days")
    place.plant(ON_STOPPED, found.block_device_mapping["/dev/xvda"].volume_id, "stopped for 45 days", role="alternative")
    cases = [("stopped-yesterday", 1, None, "stopped yesterday"), ("stopped-someday", 90, "", "no date in the reason"),
             ("stopped-odd", 90, "Server.ScheduledStop", "a reason without a date")]
    for name, days, reason, why in cases:
        found = make_instance(place, name, "t4g.medium", stopped=days, reason=reason, age=300)
        volume_id = found.block_device_mapping["/dev/xvda"].volume_id
        place.healthy(found.id, STOPPED, why)
        place.healthy(volume_id, ON_STOPPED, why)


def plant_schedule(place) -> None:
    daytime = {"cpu": office(2.5, 88.0), "net": office(60_000, 2e7)}
    for name, tags in (("staging-app", {"env": "staging"}), ("qa-runner", {"Environment": "QA"})):
        found = make_instance(place, name, "t4g.xlarge", metrics=daytime, tags={**tags, "team": "web"})
        place.plant(SCHEDULE, found.id, "not production; idle on nights and weekends")
    managed = {"env": "dev", **OFFICE_TAGS}
    cases = [
        ("dev-scheduled", managed, daytime, "has Scheduler=Enabled already"),
        ("office-prod", {"env": "prod"}, daytime, "production"),
        ("dev-nightly", {"env": "dev"}, {"cpu": office(2.5, 88.0, 0, 24, range(7)), "net": office(6e4, 2e7, 0, 24, range(7))},
         "works around the clock"),
        ("dev-chatty", {"env": "dev"}, {"cpu": office(2.5, 88.0), "net": constant(2e6)}, "the network is never still"),
    ]
    for name, tags, metrics, why in cases:
        found = make_instance(place, name, "t4g.xlarge", metrics=metrics, tags=tags)
        place.healthy(found.id, SCHEDULE, why)
        if tags == managed:
            place.scheduled("instance", found.id, "a development machine under the schedule")
