"""Starting and stopping RDS instances and clusters: members follow their cluster, seven days end every stop."""

import datetime as dt

from ..clock import naive
from ..errors import AwsError
from .journal import note_effect

AVAILABLE, STOPPED = "available", "stopped"
LONGEST_STOP = dt.timedelta(days=7)
# RDS can start a database whose key it lost, once the key is back.
STARTABLE = (STOPPED, "inaccessible-encryption-credentials-recoverable")


def start_db_instance(state, call, params: dict) -> dict:
    db = _instance(call, params)
    _check_alone(db)
    if db.status not in STARTABLE:
        raise _wrong_state(f"Instance {db.db_instance_identifier} is not stopped, it cannot be started.")
    _act(state, call, db, "starting", AVAILABLE, "startDb")
    return {"DBInstance": db}


def stop_db_instance(state, call, params: dict) -> dict:
    db = _instance(call, params)
    _check_alone(db)
    if db.status != AVAILABLE:
        raise _wrong_state(f"Instance {db.db_instance_identifier} is not in available state.")
    if params.get("DBSnapshotIdentifier"):
        db.backend.create_db_snapshot(db.db_instance_identifier, params["DBSnapshotIdentifier"])
    _act(state, call, db, "stopping", STOPPED, "stopDb")
    return {"DBInstance": db}


def start_db_cluster(state, call, params: dict) -> dict:
    cluster = _cluster(call, params)
    _check_status(cluster, STARTABLE)
    _act(state, call, cluster, "starting", AVAILABLE, "startCluster")
    return {"DBCluster": cluster}


def stop_db_cluster(state, call, params: dict) -> dict:
    cluster = _cluster(call, params)
    _check_stoppable(cluster)
    _check_status(cluster, (AVAILABLE,))
    _act(state, call, cluster, "stopping", STOPPED, "stopCluster")
    return {"DBCluster": cluster}


def rds_of(account_id: str, region: str):
    from moto.rds import rds_backends

    return rds_backends[account_id][region]


def _instance(call, params: dict):
    name = params["DBInstanceIdentifier"]
    found = rds_of(call.account_id, call.region).databases.get(name.lower())
    if found is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
    return found


def _cluster(call, params: dict):
    name = params["DBClusterIdentifier"]
    found = rds_of(call.account_id, call.region).clusters.get(name.lower())
    if found is None:
        raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
    return found


def _wrong_state(text: str) -> AwsError:
    return AwsError("InvalidDBInstanceState", text, 400)


def _check_alone(db) -> None:
    """Only an instance that nothing else depends on can be started and stopped by itself."""
    if db.db_cluster_identifier or db.engine.startswith("custom-"):
        text = f"{db.engine} DB instances are not eligible for stopping and starting."
        raise AwsError("InvalidParameterCombination", text, 400)
    if in_blue_green(db.backend, db.db_instance_arn):
        raise _wrong_state(f"Cannot stop or start the instance {db.db_instance_identifier}: it is part of a blue/green deployment")
    if db.source_db_instance_identifier:
        raise _wrong_state("Cannot stop or start a Read-Replica instance")
    if db.replicas:
        raise _wrong_state("Cannot stop or start a Read-Replica Source instance")
    if db.multi_az and db.engine.startswith("sqlserver"):
        raise _wrong_state("Cannot stop or start a SQL Server Multi-AZ instance")


def _check_stoppable(cluster) -> None:
    name = cluster.db_cluster_identifier
    reasons = {
        "no Aurora DB cluster": not cluster.engine.startswith("aurora"),
        "a serverless DB cluster": cluster.engine_mode == "serverless",
        "part of a global database": bool(cluster.global_cluster_identifier),
        "part of cross-Region replication": bool(cluster.replication_source_identifier or cluster.read_replica_identifiers),
        "part of a blue/green deployment": in_blue_green(cluster.backend, cluster.db_cluster_arn),
    }
    for reason, holds in reasons.items():
        if holds:
            raise AwsError("InvalidDBClusterStateFault", f"DbCluster {name} cannot be stopped because it is {reason}.", 400)


def in_blue_green(backend, arn: str) -> bool:
    over = ("SWITCHOVER_COMPLETED", "DELETING")
    return any(arn in (item.source, item.target) for item in backend.blue_green_deployments.values() if item.status not in over)


def _check_status(cluster, expected: tuple) -> None:
    if cluster.status in expected:
        return
    text = f"DbCluster {cluster.db_cluster_identifier} is in {cluster.status} state but expected it to be one of {','.join(expected)}."
    raise AwsError("InvalidDBClusterStateFault", text, 400)


def is_cluster(resource) -> bool:
    return hasattr(resource, "db_cluster_arn")


def members_of(resource) -> list:
    return resource.members if is_cluster(resource) else []


def set_status(resource, status: str) -> None:
    for item in [resource, *members_of(resource)]:
        item.status = status


def _act(state, call, resource, moving: str, final: str, delay: str) -> None:
    before, now = resource.status, state.clock.of(call.account_id)
    note_effect(state, call, [{"id": resource.resource_id, "from": before, "to": moving}])
    _begin(state, resource, now, moving, final, delay)
    resource.automatic_restart_time = naive(now + LONGEST_STOP) if final == STOPPED else None
    if final == STOPPED:
        _plan_restart(state, resource, now + LONGEST_STOP, delay.replace("stop", "start"))


def _begin(state, resource, now: dt.datetime, moving: str, final: str, delay: str) -> None:
    account = resource.account_id
    state.timeline.begin_turn(resource)
    set_status(resource, moving)
    state.timeline.plan(account, now + state.timeline.delay(account, delay), resource, lambda _at: set_status(resource, final))


def _plan_restart(state, resource, due: dt.datetime, delay: str) -> None:
    def restart(at: dt.datetime) -> None:
        resource.automatic_restart_time = None
        _begin(state, resource, at, "starting", AVAILABLE, delay)

    state.timeline.plan(resource.account_id, due, resource, restart)


def put_status(state, resource, status: str) -> None:
    """By somebody's hand: the status is there at once, and nothing but the seven days of a stop is to come."""
    state.timeline.begin_turn(resource)
    set_status(resource, status)
    resource.automatic_restart_time = None
    if status == STOPPED:
        due = state.clock.of(resource.account_id) + LONGEST_STOP
        resource.automatic_restart_time = naive(due)
        _plan_restart(state, resource, due, "startCluster" if is_cluster(resource) else "startDb")
