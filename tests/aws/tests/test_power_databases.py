"""Starting and stopping RDS instances and clusters, and the end of every stop after seven days."""

import datetime as dt
import unittest

from running import Customer, refusal

SEVEN = dt.timedelta(days=7)


class Databases(unittest.TestCase):
    def setUp(self):
        self.shop = Customer()

    def db(self, name: str) -> dict:
        return self.shop.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def cluster(self, name: str) -> dict:
        return self.shop.rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def stop(self, name: str) -> dict:
        return self.shop.rds.stop_db_instance(DBInstanceIdentifier=name)["DBInstance"]

    def cannot_stop(self, name: str, code: str) -> None:
        before = self.db(name)["DBInstanceStatus"]
        for call in (self.shop.rds.stop_db_instance, self.shop.rds.start_db_instance):
            self.assertEqual(refusal(call, DBInstanceIdentifier=name)[0::2], (code, 400), name)
        self.assertEqual(self.db(name)["DBInstanceStatus"], before)

    def test_an_instance_takes_its_time(self):
        self.shop.make("dbInstance", id="orders")
        self.shop.delays(stopDb=300, startDb=400)
        self.assertEqual(self.stop("orders")["DBInstanceStatus"], "stopping")
        self.shop.later(seconds=300)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "stopped")
        told = self.shop.rds.start_db_instance(DBInstanceIdentifier="orders")["DBInstance"]
        self.assertEqual(told["DBInstanceStatus"], "starting")
        self.shop.later(seconds=399)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "starting")
        self.shop.later(seconds=1)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "available")
        self.assertNotIn("AutomaticRestartTime", self.db("orders"))

    def test_at_once_unless_asked(self):
        self.shop.make("dbInstance", id="orders")
        self.assertEqual(self.stop("orders")["DBInstanceStatus"], "stopping")
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "stopped")

    def test_only_from_the_right_state(self):
        self.shop.make("dbInstance", id="on")
        self.shop.make("dbInstance", id="off", state="stopped")
        self.shop.make("dbInstance", id="busy", state="backing-up")
        wrong = ("InvalidDBInstanceState", "Instance off is not in available state.", 400)
        self.assertEqual(refusal(self.shop.rds.stop_db_instance, DBInstanceIdentifier="off"), wrong)
        self.assertEqual(refusal(self.shop.rds.start_db_instance, DBInstanceIdentifier="on")[0], "InvalidDBInstanceState")
        self.assertEqual(refusal(self.shop.rds.stop_db_instance, DBInstanceIdentifier="busy")[0], "InvalidDBInstanceState")
        self.assertEqual(refusal(self.shop.rds.stop_db_instance, DBInstanceIdentifier="gone")[0::2], ("DBInstanceNotFound", 404))
        self.assertEqual(refusal(self.shop.rds.stop_db_cluster, DBClusterIdentifier="gone")[0::2], ("DBClusterNotFoundFault", 404))

    def test_restarts_by_itself_after_seven_days(self):
        self.shop.make("dbInstance", id="orders")
        self.shop.delays(startDb=600)
        due = self.stop("orders")["AutomaticRestartTime"]
        self.assertEqual(self.db("orders")["AutomaticRestartTime"], due)
        self.shop.later(days=6, hours=23)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "stopped")
        self.shop.later(hours=1, seconds=5)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "starting")
        self.shop.later(seconds=600)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "available")
        self.assertNotIn("AutomaticRestartTime", self.db("orders"))
        self.assertEqual(len(self.shop.calls()), 1, "nobody asked for it")

    def test_a_start_ends_the_seven_days(self):
        self.shop.make("dbInstance", id="orders")
        self.stop("orders")
        self.shop.rds.start_db_instance(DBInstanceIdentifier="orders")
        self.shop.later(days=1)
        due = self.stop("orders")["AutomaticRestartTime"]
        self.shop.later(days=6, hours=12)
        self.assertEqual(self.db("orders")["DBInstanceStatus"], "stopped")
        self.assertEqual(self.db("orders")["AutomaticRestartTime"], due)

    def test_what_cannot_be_stopped(self):
        self.shop.make("dbInstance", id="source")
        self.shop.make("dbInstance", id="replica", replicaOf="source")
        self.shop.make("dbInstance", id="mirrored", engine="sqlserver-se", multiAz=True)
        self.shop.make("dbInstance", id="upgraded", engine="mysql", blueGreen=True)
        self.shop.make("dbInstance", id="custom", engine="custom-oracle-ee")
        for name in ("source", "replica", "mirrored", "upgraded"):
            self.cannot_stop(name, "InvalidDBInstanceState")
        self.cannot_stop("custom", "InvalidParameterCombination")
        self.assertEqual(self.db("replica")["ReadReplicaSourceDBInstanceIdentifier"], "source")
        self.assertEqual(self.db("source")["ReadReplicaDBInstanceIdentifiers"], ["replica"])
        self.assertEqual((self.db("mirrored")["Engine"], self.db("mirrored")["MultiAZ"]), ("sqlserver-se", True))
        self.assertEqual(self.db("custom")["Engine"], "custom-oracle-ee")
        blue, = self.shop.rds.describe_blue_green_deployments()["BlueGreenDeployments"]
        self.assertEqual(blue["Source"], self.db("upgraded")["DBInstanceArn"])
        self.assertEqual([name.partition("-green-")[0] for name in self.db("upgraded")["ReadReplicaDBInstanceIdentifiers"]], ["upgraded"])

    def test_multi_az_of_other_engines_can(self):
        self.shop.make("dbInstance", id="ha", engine="postgres", multiAz=True)
        self.stop("ha")
        self.assertEqual(self.db("ha")["DBInstanceStatus"], "stopped")

    def test_members_follow_their_cluster(self):
        members = [{"id": "events-1", "instanceClass": "db.r6g.large"}, {"id": "events-2", "instanceClass": "db.r6g.large"}]
        self.shop.make("dbCluster", id="events", members=members, tags={"Scheduler": "Enabled"})
        self.shop.delays(stopCluster=120, startCluster=120)
        code, text, _ = refusal(self.shop.rds.stop_db_instance, DBInstanceIdentifier="events-1")
        self.assertEqual((code, text), ("InvalidParameterCombination", "aurora-mysql DB instances are not eligible for stopping and starting."))
        told = self.shop.rds.stop_db_cluster(DBClusterIdentifier="events")["DBCluster"]
        self.assertEqual((told["Status"], len(told["DBClusterMembers"])), ("stopping", 2))
        self.assertEqual(self.db("events-2")["DBInstanceStatus"], "stopping")
        self.shop.later(seconds=120)
        self.assertEqual([self.cluster("events")["Status"], self.db("events-1")["DBInstanceStatus"]], ["stopped", "stopped"])
        self.assertIn("AutomaticRestartTime", self.cluster("events"))
        told = self.shop.rds.start_db_cluster(DBClusterIdentifier="events")["DBCluster"]
        self.assertEqual(told["Status"], "starting")
        self.shop.later(seconds=120)
        self.assertEqual([self.cluster("events")["Status"], self.db("events-1")["DBInstanceStatus"]], ["available", "available"])

    def test_a_cluster_restarts_with_its_members(self):
        self.shop.make("dbCluster", id="events", members=[{"id": "events-1", "instanceClass": "db.r6g.large"}])
        self.shop.rds.stop_db_cluster(DBClusterIdentifier="events")
        self.shop.later(days=7, seconds=5)
        self.assertEqual([self.cluster("events")["Status"], self.db("events-1")["DBInstanceStatus"]], ["available", "available"])

    def test_clusters_only_from_the_right_state(self):
        self.shop.make("dbCluster", id="events", state="stopped")
        text = "DbCluster events is in stopped state but expected it to be one of available."
        self.assertEqual(refusal(self.shop.rds.stop_db_cluster, DBClusterIdentifier="events"), ("InvalidDBClusterStateFault", text, 400))

    def test_clusters_that_cannot_be_stopped(self):
        arn = f"arn:aws:rds:us-east-1:{self.shop.id}:cluster:elsewhere"
        self.shop.make("dbCluster", id="old", engineMode="serverless")
        self.shop.make("dbCluster", id="worldwide", globalCluster="world")
        self.shop.make("dbCluster", id="copied", replicationSource=arn)
        self.shop.make("dbCluster", id="read-abroad", readReplicas=[arn])
        self.shop.make("dbCluster", id="upgraded", blueGreen=True)
        self.shop.make("dbCluster", id="two-standbys", engine="postgres")
        for name in ("old", "worldwide", "copied", "read-abroad", "upgraded", "two-standbys"):
            self.assertEqual(refusal(self.shop.rds.stop_db_cluster, DBClusterIdentifier=name)[0], "InvalidDBClusterStateFault", name)
        self.assertEqual(self.cluster("old")["EngineMode"], "serverless")
        self.assertEqual(self.cluster("worldwide")["GlobalClusterIdentifier"], "world")
        self.assertEqual(self.cluster("copied")["ReplicationSourceIdentifier"], arn)
        self.assertEqual(self.cluster("read-abroad")["ReadReplicaIdentifiers"], [arn])
