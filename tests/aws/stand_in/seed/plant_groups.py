"""Plants waste of Auto Scaling groups beside healthy look-alikes."""

from ..metrics.series import noise
from .groups import make_group

IDLE, SIZE, UPGRADE, ARM = "asg-idle", "asg-rightsize", "asg-upgrade", "asg-graviton"
FIXED, NEVER, FLOOR, UNUSED = "asg-fixed-size", "asg-never-scaled", "asg-min-too-high", "asg-unused-launch-configuration"
QUIET = {"cpu": noise(0.5, 3.5), "net": noise(2000, 5000)}
LIGHT = {"cpu": noise(4, 15), "net": noise(1e6, 4e7)}
PROD = {"env": "prod", "team": "web"}


def plant_groups(place) -> None:
    found = make_group(place, "batch-2024", "t4g.large", 3, tags=PROD, metrics=QUIET)
    place.plant(IDLE, found, "three members, CPU at most 3.5 %, 2 MB a day each")
    found = make_group(place, "api", "r6g.2xlarge", 3, tags=PROD, in_service=5,
                       metrics={"cpu": noise(5, 20), "net": noise(1e6, 4e7), "mem": noise(12, 20)})
    place.plant(SIZE, found, "CPU 20 %, memory 20 % by the agent: two sizes down, for each of four members on average")
    found = make_group(place, "legacy-web", "m4.xlarge", 2, tags=PROD)
    place.plant(UPGRADE, found, "m4 to m6i of the same size")
    place.plant(ARM, found, "x86 without a known workload", role="exposure")
    found = make_group(place, "checkout", "m6a.large", 2, tags={**PROD, "workload": "java"})
    place.plant(ARM, found, "tagged workload=java: counted")
    found = make_group(place, "quorum", "t4g.medium", 3, low=3, high=3, tags=PROD)
    place.plant(FIXED, found, "between three and three", role="exposure")
    found = make_group(place, "steady", "t4g.large", 3, low=2, tags=PROD, changed=35)
    place.plant(NEVER, found, "last changed 35 days ago", role="exposure")
    found = make_group(place, "floor", "t4g.large", 6, low=6, high=10, tags=PROD, metrics=LIGHT, changed=20, in_service=6)
    place.plant(FLOOR, found, "never more than the minimum of six, and a CPU of 15 %: two are enough")
    _lookalikes(place)
    _configurations(place)


def _lookalikes(place) -> None:
    found = make_group(place, "nodes", "t4g.large", 2, low=2, high=2, metrics=QUIET, changed=41,
                       tags={"eks:cluster-name": "main", "k8s.io/cluster-autoscaler/main": "owned"})
    place.healthy(found, [IDLE, SIZE, FIXED, NEVER, FLOOR], "a node group of EKS")
    found = make_group(place, "launched-last-week", "t4g.large", 2, low=2, high=2, age=6, metrics=QUIET)
    place.healthy(found, [IDLE, FIXED], "6 days old")
    found = make_group(place, "frontend", "t4g.large", 2, in_service=6)
    place.healthy(found, [IDLE, SIZE, NEVER, FLOOR], "busy, and scaled two days ago")
    found = make_group(place, "singleton", "t4g.medium", 1, low=1, high=1)
    place.healthy(found, FIXED, "one member that is replaced when it breaks")


def _configurations(place) -> None:
    make_configuration(place, "web-2024", 300)
    place.plant(UNUSED, "web-2024", "no group names it", role="exposure")
    make_configuration(place, "web-2026", 300)
    make_group(place, "classic", "t4g.medium", 2, configuration="web-2026")
    place.healthy("web-2026", UNUSED, "a group launches from it")
    make_configuration(place, "web-next", 3)
    place.healthy("web-next", UNUSED, "3 days old")


def make_configuration(place, name: str, age: float) -> None:
    place.autoscaling.create_launch_configuration(
        name=name, image_id=place.base_images["linux", "arm64"].id, key_name=None, kernel_id="", ramdisk_id="",
        security_groups=[], user_data=None, instance_type="t4g.medium", instance_monitoring=False,
        instance_profile_name=None, spot_price=None, ebs_optimized=False, associate_public_ip_address=False,
        block_device_mappings=[],
    )
    place.autoscaling.launch_configurations[name].created_time = place.ago(age)
