"""Plants the EBS waste: volumes, snapshots and images, each beside its healthy look-alikes."""

from ..metrics.series import noise, spiky
from .compute import make_image, make_instance, make_snapshot, make_volume
from .stores import make_fast_restore
from .telemetry import volume_metrics

UNATTACHED, ORPHAN, OLD = "ebs-volume-unattached", "ebs-snapshot-orphaned", "ebs-snapshot-old"
PIOPS, OVER, EXTRA = "ebs-volume-piops-to-gp3", "ebs-volume-iops-overprovisioned", "ebs-volume-gp3-extra-iops"
GP2 = "ebs-volume-gp2-to-gp3"
IDLE, IO2, EXTRA_THROUGHPUT = "ebs-volume-idle", "ebs-volume-io1-to-io2", "ebs-volume-gp3-extra-throughput"
FAST_RESTORE = "ebs-snapshot-fast-restore"


def plant_unattached(place, size: int) -> None:
    volume = make_volume(place, "old-jenkins-data", size, age=190, tags={"team": "platform", "env": "prod"})
    place.plant(UNATTACHED, volume.id, "available for 190 days, no idle-time datapoint")
    volume = make_volume(place, "migration-scratch", size + 60, "gp2", age=45)
    place.plant(UNATTACHED, volume.id, "available for 45 days; gp2, so that a cheaper type is the alternative")
    volume = make_volume(place, "reports-2024", 500, "st1", age=420, tags={"team": "bi"})
    place.plant(UNATTACHED, volume.id, "throughput-optimised disk, long forgotten")
    _unattached_lookalikes(place)


def _unattached_lookalikes(place) -> None:
    volume = make_volume(place, "detached-yesterday", 200, age=300)
    volume_metrics(place, volume.id, 20.0, until=place.now.timestamp() - 86400)
    place.healthy(volume.id, UNATTACHED, "was attached until yesterday: VolumeIdleTime has datapoints")
    volume = make_volume(place, "fresh-restore", 100, age=5)
    place.healthy(volume.id, UNATTACHED, "created 5 days ago")
    tags = {"kubernetes.io/created-for/pvc/name": "data-redis-0", "kubernetes.io/created-for/pv/name": "pvc-1b2c"}
    volume = make_volume(place, "pvc-1b2c", 50, age=200, tags=tags)
    place.healthy(volume.id, UNATTACHED, "a Kubernetes volume: its controller manages it")
    volume = make_volume(place, "csi-vol", 50, age=200, tags={"ebs.csi.aws.com/cluster": "true"})
    place.healthy(volume.id, UNATTACHED, "made by the EBS CSI driver")


def plant_volume_types(place, size: int) -> None:
    host = make_instance(place, "orders-db-host", "r6g.2xlarge", tags={"team": "orders", "env": "prod"})
    volume = make_volume(place, "orders-data", size, "gp2", attach=(host, "/dev/xvdb"))
    place.plant(GP2, volume.id, f"gp2 of {size} GiB, below 334 GiB: no extra throughput needed")
    volume = make_volume(place, "orders-archive", 2000, "gp2", attach=(host, "/dev/xvdc"))
    place.plant(GP2, volume.id, "large gp2: gp3 needs 6,000 IOPS and 250 MB/s to be equal and is still cheaper")
    volume = make_volume(place, "orders-tmp", 40, "gp2", attach=(host, "/dev/xvdd"))
    place.healthy(volume.id, GP2, "saves 0.80 USD at most: below the minimum of 1 USD in us-east-1")
    plant_provisioned(place, host)


def plant_provisioned(place, host) -> None:
    volume = make_volume(place, "ledger", 200, "io1", iops=4000, attach=(host, "/dev/xvde"), peak_iops=1000)
    place.plant(PIOPS, volume.id, "io1 with 4,000 IOPS whose peak of 1,000 a gp3 serves for nothing")
    place.plant(OVER, volume.id, "peak is 25 % of the provisioned IOPS", role="alternative")
    volume = make_volume(place, "cluster-quorum", 100, "io2", iops=5000, multi_attach=True,
                         attach=(host, "/dev/xvdf"), peak_iops=500)
    place.plant(OVER, volume.id, "multi-attach rules out gp3, but a tenth of the IOPS is used")
    place.healthy(volume.id, PIOPS, "multi-attach: gp3 cannot")
    volume = make_volume(place, "search-index", 500, iops=8000, attach=(host, "/dev/xvdg"), peak_iops=1500)
    place.plant(EXTRA, volume.id, "8,000 IOPS bought, peak 1,500: the free 3,000 are enough")
    _provisioned_lookalikes(place, host)


def _provisioned_lookalikes(place, host) -> None:
    volume = make_volume(place, "hot-index", 500, iops=6000, attach=(host, "/dev/xvdh"), peak_iops=5600)
    place.healthy(volume.id, EXTRA, "the IOPS are used: 5,600 * 1.2 is above 6,000")
    volume = make_volume(place, "trading-log", 600, "io2", iops=20000, attach=(host, "/dev/xvdi"), peak_iops=17000)
    place.healthy(volume.id, [PIOPS, OVER], "peak of 17,000: more than gp3 gives, and well used")
    volume = make_volume(place, "dark-disk", 100, "io1", iops=3000, attach=(host, "/dev/xvdj"))
    place.healthy(volume.id, [PIOPS, OVER], "no metrics: unknown, not idle")
    volume = make_volume(place, "half-dark-disk", 100, iops=5000, attach=(host, "/dev/xvdk"), peak_iops=300,
                         bounds={"since": place.now.timestamp() - 3 * 86400})
    place.healthy(volume.id, EXTRA, "3 of 14 days of datapoints: unknown")


def plant_snapshots(place, size: int) -> None:
    snapshot = make_snapshot(place, "billing-final", age=70, gone=f"vol-0dead{size:012x}", size=size)
    place.plant(ORPHAN, snapshot.id, "its volume is gone; 70 days old")
    chain = [
        make_snapshot(place, f"warehouse-{age}", age=age, gone=f"vol-0beef{size:012x}", size=size * 2,
                      tags={"keep": "false"} if age == 400 else None)
        for age in (400, 300, 200)
    ]
    ids = [item.id for item in chain]
    for rule, role in ((ORPHAN, "best"), (OLD, "alternative")):
        why = "three snapshots of one gone volume count once; keep=false is no protection"
        place.plant(rule, ids[0], why, role=role, anyOf=ids)
    volume = make_volume(place, "wiki-data", size, age=500, attach=(place.host, place.next_device()))
    snapshot = make_snapshot(place, "wiki-before-upgrade", age=260, volume=volume)
    place.plant(OLD, snapshot.id, "260 days old; its volume lives on")
    make_snapshot(place, "wiki-recent", age=20, volume=volume)
    _snapshot_lookalikes(place, size)


def _snapshot_lookalikes(place, size: int) -> None:
    cases = [
        ("backup-plan", 300, {"aws:backup:source-resource": "arn:aws:ec2:volume/vol-1"}, "made by AWS Backup"),
        ("dlm-policy", 300, {"dlm:managed": "true", "aws:dlm:lifecycle-policy-id": "policy-0a1b"}, "made by DLM"),
        ("golden-data", 600, {"Keep": "audit-2030"}, "carries a keep tag"),
        ("legal-hold", 600, {"RETAIN": "true"}, "carries a retain tag in capitals"),
    ]
    for number, (name, age, tags, why) in enumerate(cases):
        snapshot = make_snapshot(place, name, age=age, gone=f"vol-0cafe{number:012x}", size=size, tags=tags)
        place.healthy(snapshot.id, [ORPHAN, OLD], why)
    snapshot = make_snapshot(place, "copied-in", age=60, gone="vol-ffffffff", size=size)
    place.healthy(snapshot.id, [ORPHAN, OLD], "a copy: vol-ffffffff is no real volume; 60 days old")
    snapshot = make_snapshot(place, "just-deleted", age=10, gone="vol-0feed000000000001", size=size)
    place.healthy(snapshot.id, [ORPHAN, OLD], "10 days old")
    place.template_snapshot = make_snapshot(place, "worker-seed", age=60, gone="vol-0feed000000000002", size=size)
    place.healthy(place.template_snapshot.id, [ORPHAN, OLD], "a launch template starts from it; 60 days old")


def plant_images(place) -> None:
    image = make_image(place, "web-2025-01", age=310, sizes=(60,))
    place.plant("ami-unused", image.id, "310 days old, nothing launches it")
    _hide_image_snapshots(place, image)
    image = make_image(place, "etl-2025-03", age=260, sizes=(100, 400), tags={"golden": "false"})
    place.plant("ami-unused", image.id, "two snapshots; golden=false is no protection")
    _hide_image_snapshots(place, image)
    _image_lookalikes(place)


def _hide_image_snapshots(place, image) -> None:
    for snapshot in image._snapshots:
        place.healthy(snapshot.id, [ORPHAN, OLD], "backs an image: it goes with the image")


def _image_lookalikes(place) -> None:
    used = make_image(place, "web-2025-06", age=200)
    make_instance(place, "web-from-own-image", "t4g.medium", image=used, tags={"env": "prod", "team": "web"})
    in_template = make_image(place, "worker-2025-02", age=280)
    _launch_template(place, in_template)
    in_configuration = make_image(place, "legacy-2023", age=700)
    _launch_configuration(place, in_configuration)
    cases = [
        (used, "an instance runs from it"),
        (in_template, "an older version of a launch template names it"),
        (in_configuration, "a launch configuration names it"),
        (make_image(place, "shared-with-all", age=500, public=True), "public"),
        (make_image(place, "baseline", age=500, tags={"golden": "true"}), "golden"),
        (make_image(place, "by-backup", age=300, tags={"aws:backup:source-resource": "i-1"}), "made by AWS Backup"),
        (make_image(place, "web-next", age=12), "12 days old"),
    ]
    for image, why in cases:
        place.healthy(image.id, "ami-unused", why)
        _hide_image_snapshots(place, image)


def _launch_template(place, image) -> None:
    data = {"ImageId": image.id, "InstanceType": "t4g.large"}
    template = place.ec2.create_launch_template("workers", "first", data, {})
    disk = {"DeviceName": "/dev/xvdb", "Ebs": {"SnapshotId": place.template_snapshot.id, "VolumeSize": 200}}
    base = {"ImageId": place.base_images["linux", "arm64"].id, "InstanceType": "t4g.large"}
    template.create_version({**base, "BlockDeviceMappings": [disk]}, "second")
    template.default_version_number = 2
    template.create_time = place.ago(280)


def _launch_configuration(place, image) -> None:
    place.autoscaling.create_launch_configuration(
        name="legacy-workers", image_id=image.id, key_name=None, kernel_id="", ramdisk_id="", security_groups=[],
        user_data=None, instance_type="t4g.medium", instance_monitoring=False, instance_profile_name=None,
        spot_price=None, ebs_optimized=False, associate_public_ip_address=False, block_device_mappings=[],
    )
    place.autoscaling.launch_configurations["legacy-workers"].created_time = place.ago(700)
    place.plant("asg-unused-launch-configuration", "legacy-workers", "no group names it", role="exposure")


def plant_at_rest(place) -> None:
    """What is attached and not used, or used less than it is paid for."""
    host = make_instance(place, "ledger-host", "r6g.xlarge", tags={"team": "orders", "env": "prod"})
    volume = make_volume(place, "old-scratch", 250, attach=(host, "/dev/xvdb"), peak_iops=0.0)
    place.plant(IDLE, volume.id, "attached to a running machine; not one operation in the window")
    volume = make_volume(place, "matching-engine", 800, "io1", iops=40000, attach=(host, "/dev/xvdc"), peak_iops=36000)
    place.plant(IO2, volume.id, "40,000 IOPS of io1, all of them needed: io2 sells the upper 8,000 for less")
    volume = make_volume(place, "landing", 400, throughput=500, attach=(host, "/dev/xvdd"), peak_iops=2000)
    place.plant(EXTRA_THROUGHPUT, volume.id, "500 MiB/s bought, peak below 40: the free 125 are enough")
    make_volume(place, "tape-import", 90, "standard", attach=(host, "/dev/xvde"), peak_iops=20)
    _at_rest_lookalikes(place, host)
    _fast_restores(place, host)


def _at_rest_lookalikes(place, host) -> None:
    volume = make_volume(place, "heartbeat", 100, attach=(host, "/dev/xvdf"))
    for name in ("VolumeReadOps", "VolumeWriteOps"):
        place.put_metric("AWS/EBS", name, {"VolumeId": volume.id}, spiky(0, 0, 1))
    place.healthy(volume.id, IDLE, "a read and a write a day")
    volume = make_volume(place, "unmeasured", 100, attach=(host, "/dev/xvdg"))
    place.healthy(volume.id, IDLE, "no metrics: unknown")
    volume = make_volume(place, "new-disk", 100, attach=(host, "/dev/xvdh"), age=5, peak_iops=0.0)
    place.healthy(volume.id, IDLE, "5 days old")
    tags = {"kubernetes.io/created-for/pvc/name": "spare-0"}
    volume = make_volume(place, "pvc-spare", 100, attach=(host, "/dev/xvdi"), tags=tags, peak_iops=0.0)
    place.healthy(volume.id, IDLE, "a Kubernetes claim's")
    volume = make_volume(place, "video-out", 300, throughput=300, attach=(host, "/dev/xvdj"), peak_iops=18000)
    place.healthy(volume.id, EXTRA_THROUGHPUT, "its peak of 281 MiB/s uses the throughput")


def _fast_restores(place, host) -> None:
    volume = make_volume(place, "golden-data", 300, attach=(host, "/dev/xvdk"))
    snapshot = make_snapshot(place, "golden-data-1", age=60, volume=volume)
    place.plant(FAST_RESTORE, make_fast_restore(place, snapshot), "no credit was used in the window")
    snapshot = make_snapshot(place, "golden-data-2", age=60, volume=volume)
    place.healthy(make_fast_restore(place, snapshot, lowest=7.0), FAST_RESTORE, "volumes are made of it every day")
    snapshot = make_snapshot(place, "golden-data-3", age=12, volume=volume)
    place.healthy(make_fast_restore(place, snapshot, days=6), FAST_RESTORE, "enabled 6 days ago")


def make_host(place) -> None:
    """A busy machine that other plants attach volumes to."""
    place.host = make_instance(place, "wiki", "t4g.xlarge", tags={"team": "platform", "env": "prod"},
                               metrics={"cpu": noise(30.0, 88.0), "net": noise(2e6, 3e7)})
    letters = iter("fghijklmnop")
    place.next_device = lambda: f"/dev/xvd{next(letters)}"
