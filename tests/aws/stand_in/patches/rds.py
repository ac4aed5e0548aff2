"""RDS: fields that moto leaves out. Seeded objects carry them as plain attributes."""


def patch_rds() -> None:
    from moto.rds.models import DBCluster, DBClusterSnapshot, DBInstance, DBSnapshot

    # Set while it is stopped: see power/databases.py.
    DBInstance.automatic_restart_time = DBCluster.automatic_restart_time = None
    DBInstance.engine_lifecycle_support = "open-source-rds-extended-support"
    # moto has no setter: the age of a snapshot is that of its object.
    DBSnapshot.snapshot_create_time = property(lambda self: self.created)
    DBClusterSnapshot.snapshot_create_time = property(lambda self: self.created)
