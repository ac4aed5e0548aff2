"""Makes the machines and databases that tests of the scheduler need, one or ten thousand, with one request."""

from ..clock import naive
from .databases import in_blue_green, put_status, rds_of
from .instances import RUNNING, backend_of, put_state

VERSIONS = {"postgres": "17.4", "mysql": "8.4.5", "mariadb": "11.4.5", "aurora-mysql": "8.0.mysql_aurora.3.10.0",
            "aurora-postgresql": "17.4", "sqlserver-se": "16.00.4185.3.v1"}


def make_instances(state, account_id: str, region: str, *, count=1, name=None, instanceType="t4g.micro", zone=0, tags=None,
                   state_="running", lifecycle=None, spotRequest="one-time", rootDeviceType="ebs", rootVolume=True,
                   stopProtection=False, autoScalingGroup=None, tenancy="default", managedBy=None, ageDays=0) -> list[str]:
    """``managedBy`` is a principal such as ``eks.amazonaws.com``; ``zone`` is a number or a name; with a number, machines of a larger count are spread from there."""
    backend = backend_of(account_id, region)
    subnets = sorted(backend.describe_subnets(), key=lambda subnet: subnet.availability_zone)
    group = {"aws:autoscaling:groupName": autoScalingGroup} if autoScalingGroup else {}
    made = []
    for number in range(count):
        subnet = _subnet(subnets, zone, number)
        instance = _launch(backend, region, instanceType, subnet, rootVolume and rootDeviceType == "ebs")
        instance.launch_time = naive(state.clock.of(account_id) - _days(ageDays))
        instance.lifecycle, instance._spot_request = lifecycle, spotRequest
        instance.root_device_type, instance.disable_api_stop = rootDeviceType, stopProtection
        instance._placement.tenancy = tenancy
        instance.operator = {"Managed": True, "Principal": managedBy} if managedBy else None
        instance._made = True
        label = {"Name": name if count == 1 else f"{name}-{number}"} if name else {}
        backend.tags[instance.id].update({**label, **(tags or {}), **group})
        if state_ != RUNNING:
            put_state(state, instance, state_)
        made.append(instance.id)
    return made


def _days(number: float):
    import datetime as dt

    return dt.timedelta(days=number)


def _subnet(subnets: list, zone, number: int):
    if isinstance(zone, str):
        return next(subnet for subnet in subnets if subnet.availability_zone == zone)
    return subnets[(zone + number) % len(subnets)]


def _launch(backend, region: str, kind: str, subnet, root_volume: bool):
    disks = [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True}}] if root_volume else []
    return backend.run_instances(
        "ami-0abcdef1234567890", 1, None, [], instance_type=kind, is_instance_type_default=True, placement=None,
        region_name=region, subnet_id=subnet.id, associate_public_ip=False, block_device_mappings=disks,
    ).instances[0]


def make_db_instance(state, account_id: str, region: str, *, id, engine="postgres", instanceClass="db.t4g.medium", tags=None,
                     state_="available", multiAz=False, cluster=None, replicaOf=None, blueGreen=False, ageDays=0) -> list[str]:
    """``replicaOf`` names a source that exists; ``blueGreen`` makes a deployment with this one as blue."""
    rds = rds_of(account_id, region)
    base = engine.removeprefix("custom-")
    settings = {
        "db_instance_identifier": id, "db_instance_class": instanceClass, "engine": base, "multi_az": multiAz,
        "engine_version": VERSIONS.get(base, "19.0"), "allocated_storage": 100, "storage_type": "gp3",
        "master_username": "app", "master_user_password": "not-a-secret", "tags": _tag_list(tags),
    }
    db = rds.create_db_instance({**settings, **({"db_cluster_identifier": cluster} if cluster else {})})
    db.engine = engine
    db.created = db.instance_create_time = naive(state.clock.of(account_id) - _days(ageDays))
    db.dbi_resource_id = f"db-{abs(hash((account_id, region, id))):026X}"[:29]
    if replicaOf:
        db.source_db_instance_identifier, db.is_replica = replicaOf, True
        rds.databases[replicaOf].replicas.append(id)
    if blueGreen:
        _make_blue_green(rds, db.db_instance_arn, id)
    put_status(state, db, state_)
    return [id]


def make_db_cluster(state, account_id: str, region: str, *, id, engine="aurora-mysql", engineMode="provisioned", tags=None,
                    state_="available", members=(), memberTags=None, globalCluster=None, replicationSource=None,
                    readReplicas=(), blueGreen=False, ageDays=0) -> list[str]:
    """``members`` are ``{id, instanceClass}``; ``globalCluster`` is an identifier, the replication fields are ARNs."""
    rds = rds_of(account_id, region)
    cluster = rds.create_db_cluster({
        "db_cluster_identifier": id, "engine": engine, "engine_version": VERSIONS[engine], "engine_mode": engineMode,
        "master_username": "app", "master_user_password": "not-a-secret", "allocated_storage": 100, "storage_type": "aurora",
        "tags": _tag_list(tags),
    })
    for member in members:
        make_db_instance(state, account_id, region, engine=engine, cluster=id, tags=memberTags, **member)
    cluster.created = cluster.cluster_create_time = naive(state.clock.of(account_id) - _days(ageDays))
    cluster.global_cluster_identifier, cluster.replication_source_identifier = globalCluster, replicationSource
    cluster.read_replica_identifiers = list(readReplicas)
    if blueGreen:
        _make_blue_green(rds, cluster.db_cluster_arn, id)
    put_status(state, cluster, state_)
    return [id, *(member["id"] for member in members)]


def _tag_list(tags: dict | None) -> list[dict]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def _make_blue_green(rds, arn: str, name: str) -> None:
    """With a green side, which moto makes as a copy; it is a replica of the blue one."""
    rds.create_blue_green_deployment({"blue_green_deployment_name": f"{name}-upgrade", "source": arn})
    assert in_blue_green(rds, arn)
    green = next(item.target for item in rds.blue_green_deployments.values() if item.source == arn).split(":")[-1]
    if name in rds.databases:
        rds.databases[name].replicas = [green]
        rds.databases[green].source_db_instance_identifier, rds.databases[green].is_replica = name, True
    else:
        rds.clusters[name].read_replica_identifiers = [rds.clusters[green].db_cluster_arn]
        rds.clusters[green].replication_source_identifier = arn


MAKERS = {"instance": make_instances, "dbInstance": make_db_instance, "dbCluster": make_db_cluster}
