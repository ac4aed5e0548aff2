"""Caches, Redshift's clusters and Aurora answer as AWS does, as far as they are read."""

import unittest

from running import SHOP, client, refusal


def of(service: str, region: str = "us-east-1"):
    return client(service, region, account=SHOP)


class Caches(unittest.TestCase):
    def test_nodes_name_their_group_and_groups_their_nodes(self):
        caches = of("elasticache")
        group = caches.describe_replication_groups(ReplicationGroupId="products")["ReplicationGroups"][0]
        self.assertEqual(group["MemberClusters"], ["products-001", "products-002"])
        node = caches.describe_cache_clusters(CacheClusterId="products-001")["CacheClusters"][0]
        self.assertEqual((node["ReplicationGroupId"], node["Engine"]), ("products", "valkey"))

    def test_tags_are_given_one_by_one(self):
        caches = of("elasticache")
        group = caches.describe_replication_groups(ReplicationGroupId="staging-cache")["ReplicationGroups"][0]
        self.assertNotIn("TagList", group)
        tags = caches.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
        self.assertIn({"Key": "env", "Value": "staging"}, tags)

    def test_what_is_not_there_is_not_found(self):
        code = refusal(of("elasticache").describe_cache_clusters, CacheClusterId="gone")[0]
        self.assertEqual(code, "CacheClusterNotFound")
        self.assertEqual(of("elasticache", "eu-west-1").describe_cache_clusters()["CacheClusters"], [])

    def test_pages_lead_on(self):
        pages = of("elasticache").get_paginator("describe_cache_clusters").paginate(PaginationConfig={"PageSize": 20})
        names = [node["CacheClusterId"] for page in pages for node in page["CacheClusters"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("dark-cache", names)


class Warehouses(unittest.TestCase):
    def test_a_cluster_says_what_decides_whether_it_can_pause(self):
        cluster = of("redshift").describe_clusters(ClusterIdentifier="core")["Clusters"][0]
        self.assertEqual((cluster["MultiAZ"], cluster["AutomatedSnapshotRetentionPeriod"]), ("Enabled", 1))

    def test_an_action_names_its_cluster(self):
        action = of("redshift").describe_scheduled_actions()["ScheduledActions"][0]
        self.assertEqual(action["TargetAction"], {"PauseCluster": {"ClusterIdentifier": "finance"}})

    def test_a_snapshot_says_what_it_added(self):
        snapshots = of("redshift").describe_cluster_snapshots(SnapshotType="manual")["Snapshots"]
        snapshot = next(item for item in snapshots if item["SnapshotIdentifier"] == "events-before-ra3")
        self.assertLess(snapshot["ActualIncrementalBackupSizeInMegaBytes"], snapshot["TotalBackupSizeInMegaBytes"])


class Aurora(unittest.TestCase):
    def test_a_cluster_says_how_it_is_paid(self):
        clusters = {item["DBClusterIdentifier"]: item for item in of("rds").describe_db_clusters()["DBClusters"]}
        self.assertEqual(clusters["archive-search"]["StorageType"], "aurora-iopt1")
        self.assertEqual(clusters["preview"]["ServerlessV2ScalingConfiguration"]["MinCapacity"], 2.0)

    def test_prices_of_what_is_charged_beside_instances_are_listed(self):
        def usd(usage: str) -> str:
            filters = [{"Type": "TERM_MATCH", "Field": "usagetype", "Value": usage}]
            return of("pricing").get_products(ServiceCode="AmazonRDS", Filters=filters)["PriceList"][0]

        for usage in ("Aurora:StorageIOUsage", "Aurora:ServerlessV2Usage", "PI_LTR:R6G"):
            self.assertIn(usage, usd(usage))


if __name__ == "__main__":
    unittest.main()
