"""EC2: fields that moto leaves out, reasons as AWS words them, wildcards, and faster tags."""

import fnmatch

PREVIOUS = {"a1", "c1", "c3", "c4", "cc2", "cr1", "g2", "g3", "hs1", "i2", "m1", "m2", "m3", "m4", "p2", "r3", "r4", "t1"}
# The Regions that every account has without opting in.
DEFAULT_REGIONS = {
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}


def patch_ec2() -> None:
    _patch_instances()
    _patch_tags()
    _patch_images()
    _patch_instance_types()
    _patch_addresses()
    _patch_interfaces()
    _patch_regions()


def _patch_instances() -> None:
    from moto.ec2.models.instances import Instance

    Instance.ena_support = True
    Instance.platform_details = property(_platform_details)
    Instance.usage_operation = property(_usage_operation)
    Instance.instance_lifecycle = property(lambda self: self.lifecycle)
    Instance.state_transition_reason = property(lambda self: self._reason.replace(" UTC)", " GMT)"))
    Instance.operator = None
    Instance.cpu_options = property(lambda self: None)


def _platform_details(instance) -> str:
    return getattr(instance, "_details", ("Linux/UNIX", "RunInstances"))[0]


def _usage_operation(instance) -> str:
    return getattr(instance, "_details", ("Linux/UNIX", "RunInstances"))[1]


def _patch_tags() -> None:
    from moto.ec2.models.core import TaggedEC2Resource

    # moto searches all tags of the region for every resource.
    def get_tags(self) -> list[dict]:
        tags = self.ec2_backend.tags.get(self.id, {})
        return [{"resource_id": self.id, "key": key, "value": value} for key, value in tags.items()]

    TaggedEC2Resource.get_tags = get_tags


def _patch_images() -> None:
    from moto.ec2.models.amis import Ami

    plain = Ami.block_device_mappings

    def mappings(self) -> list[dict]:
        seeded = getattr(self, "_snapshots", None)
        return plain.fget(self) if seeded is None else [_mapping(n, item) for n, item in enumerate(seeded)]

    Ami.block_device_mappings = property(mappings)
    Ami.platform_details = property(_platform_details)
    Ami.usage_operation = property(_usage_operation)
    Ami.image_owner_alias = property(lambda self: self.owner_alias)
    Ami.public = property(lambda self: self.is_public)


def _mapping(number: int, snapshot) -> dict:
    ebs = {
        "SnapshotId": snapshot.id, "VolumeSize": snapshot.volume_size, "VolumeType": "gp3",
        "DeleteOnTermination": True, "Encrypted": False,
    }
    return {"DeviceName": "/dev/xvda" if number == 0 else f"/dev/xvd{chr(97 + number)}", "Ebs": ebs}


def _patch_instance_types() -> None:
    from moto.ec2.models.instance_types import INSTANCE_TYPES, InstanceTypeBackend
    from moto.ec2.responses import EC2Response

    for item in InstanceTypeBackend.instance_types:
        # moto's table has flags that contradict AWS's list of previous generations.
        item["CurrentGeneration"] = item["InstanceType"].split(".")[0] not in PREVIOUS
    whole = EC2Response.describe_instance_types

    # AWS takes wildcards in the filter instance-type; moto compares exactly.
    def describe(self):
        for item in self.params.get("Filters") or []:
            if item["Name"] == "instance-type":
                item["Values"] = [n for n in INSTANCE_TYPES if any(fnmatch.fnmatch(n, v) for v in item["Values"])]
        return whole(self)

    EC2Response.describe_instance_types = describe


def _patch_addresses() -> None:
    from moto.ec2.models.elastic_ip_addresses import ElasticAddress
    from moto.ec2.models.instances import StateReason

    # AWS leaves out what is empty.
    ElasticAddress.instance_id = property(lambda self: self.instance.id if self.instance else None)
    ElasticAddress.network_interface_id = property(lambda self: self.eni.id if self.eni else None)
    ElasticAddress.public_ipv4_pool = "amazon"
    StateReason.__init__ = lambda self, message="", code="": self.__dict__.update(message=message or None, code=code or None)


def _patch_interfaces() -> None:
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface

    plain = NetworkInterface.association.fget

    # An address that no customer allocated is AWS's own; without an address there is no association.
    def association(self):
        found = plain(self)
        if found and not found.get("allocationId"):
            found["ipOwnerId"] = "amazon"
        return found or None

    NetworkInterface.association = property(association)


def _patch_regions() -> None:
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    def describe_regions(self):
        names = self.params.get("RegionNames") or []
        regions = [_region(region) for region in self.ec2_backend.describe_regions(names)]
        if not self.params.get("AllRegions") and not names:
            regions = [item for item in regions if item["OptInStatus"] != "not-opted-in"]
        return ActionResult({"Regions": regions})

    EC2Response.describe_regions = describe_regions


def _region(region) -> dict:
    status = "opt-in-not-required" if region.name in DEFAULT_REGIONS else "not-opted-in"
    return {"RegionName": region.name, "Endpoint": region.endpoint, "OptInStatus": status}
