"""Starting and stopping as AWS does it: states that take their time, refusals in AWS's words, and a record of the calls."""

from .databases import start_db_cluster, start_db_instance, stop_db_cluster, stop_db_instance
from .instances import start_instances, stop_instances

OPERATIONS = {
    "ec2:StartInstances": start_instances,
    "ec2:StopInstances": stop_instances,
    "rds:StartDBInstance": start_db_instance,
    "rds:StopDBInstance": stop_db_instance,
    "rds:StartDBCluster": start_db_cluster,
    "rds:StopDBCluster": stop_db_cluster,
}
