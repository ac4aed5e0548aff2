"""Buckets, logs, alarms, dashboards, secrets, keys and fast restores answer as AWS does, as far as they are read."""

import unittest
import urllib.request

from running import SHOP, Customer, allow, client, endpoint, refusal


def of(service: str, region: str = "us-east-1"):
    return client(service, region, account=SHOP)


class Buckets(unittest.TestCase):
    def test_a_region_lists_its_own(self):
        here = of("s3").list_buckets(MaxBuckets=1000, BucketRegion="us-east-1")["Buckets"]
        there = of("s3", "eu-west-1").list_buckets(MaxBuckets=1000, BucketRegion="eu-west-1")["Buckets"]
        self.assertGreater(len(here), 8)
        self.assertEqual(there, [])

    def test_what_was_never_set_is_not_found(self):
        s3, name = of("s3"), "shop-us-east-1-exports"
        self.assertEqual(refusal(s3.get_bucket_lifecycle_configuration, Bucket=name)[0], "NoSuchLifecycleConfiguration")
        unset = "ServerSideEncryptionConfigurationNotFoundError"
        self.assertEqual(refusal(s3.get_bucket_encryption, Bucket=name)[0], unset)
        self.assertEqual(refusal(s3.list_bucket_metrics_configurations, Bucket="gone-for-ever")[0], "NoSuchBucket")
        self.assertNotIn("MetricsConfigurationList", s3.list_bucket_metrics_configurations(Bucket=name))

    def test_a_slash_behind_the_name_is_not_part_of_it(self):
        key = f"AWS4-HMAC-SHA256 Credential=AKIA{SHOP}DEMO/20260901/us-east-1/s3/aws4_request"
        asked = urllib.request.Request(endpoint() + "/shop-us-east-1-reports/?versioning", headers={"Authorization": key})
        with urllib.request.urlopen(asked) as reply:
            self.assertIn(b"<Status>Enabled</Status>", reply.read())

    def test_settings_are_told(self):
        s3 = of("s3")
        whole = s3.list_bucket_metrics_configurations(Bucket="shop-us-east-1-raw-events")["MetricsConfigurationList"]
        self.assertEqual(whole, [{"Id": "EntireBucket"}])
        rules = s3.get_bucket_lifecycle_configuration(Bucket="shop-us-east-1-lake")["Rules"]
        self.assertEqual(rules[0]["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 7})
        rule = s3.get_bucket_encryption(Bucket="shop-us-east-1-contracts")["ServerSideEncryptionConfiguration"]["Rules"][0]
        self.assertTrue(rule["BucketKeyEnabled"])

    def test_iam_has_other_names_for_s3s_operations(self):
        lists = Customer(allow("s3:ListAllMyBuckets"))
        s3 = client("s3", "eu-west-1", lists.keys)
        self.assertEqual(s3.list_buckets()["Buckets"], [])
        self.assertEqual(refusal(s3.get_bucket_encryption, Bucket="shop-us-east-1-lake")[0], "AccessDenied")


class Watching(unittest.TestCase):
    def test_log_groups_come_in_pages(self):
        logs, names, more = of("logs"), [], {}
        while True:
            page = logs.describe_log_groups(limit=3, **more)
            names += [group["logGroupName"] for group in page["logGroups"]]
            if "nextToken" not in page:
                break
            more = {"nextToken": page["nextToken"]}
        self.assertEqual(names, sorted(names))
        self.assertGreater(len(names), 8)

    def test_filters_and_the_newest_stream_are_told(self):
        logs = of("logs")
        self.assertEqual(len(logs.describe_subscription_filters(logGroupName="/shop/stream")["subscriptionFilters"]), 1)
        newest = logs.describe_log_streams(logGroupName="/shop/api", orderBy="LastEventTime", descending=True, limit=1)
        self.assertIn("lastIngestionTime", newest["logStreams"][0])
        self.assertEqual(refusal(logs.describe_log_streams, logGroupName="/gone")[0], "ResourceNotFoundException")

    def test_dashboards_are_the_same_in_every_region(self):
        names = [item["DashboardName"] for item in of("cloudwatch").list_dashboards()["DashboardEntries"]]
        there = [item["DashboardName"] for item in of("cloudwatch", "eu-west-1").list_dashboards()["DashboardEntries"]]
        self.assertEqual(names, there)
        self.assertIn("Shop/Orders", of("cloudwatch").get_dashboard(DashboardName="orders")["DashboardBody"])

    def test_alarms_tell_their_state(self):
        alarms = of("cloudwatch").describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        self.assertIn("INSUFFICIENT_DATA", {alarm["StateValue"] for alarm in alarms})


class Kept(unittest.TestCase):
    def test_secrets_have_no_values_and_come_without_those_that_leave(self):
        for secret in of("secretsmanager").list_secrets()["SecretList"]:
            self.assertNotIn("SecretString", secret)

    def test_the_last_use_of_a_key_is_told(self):
        kms = of("kms")
        keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
        uses = {key["Description"]: kms.get_key_last_usage(KeyId=key["KeyId"]) for key in keys}
        self.assertIn("Timestamp", uses["orders"]["KeyLastUsage"])
        self.assertEqual(uses["new"]["KeyLastUsage"], {})

    def test_fast_restores_are_filtered_by_state(self):
        enabled = [{"Name": "state", "Values": ["enabled"]}]
        ec2 = of("ec2")
        self.assertEqual(len(ec2.describe_fast_snapshot_restores(Filters=enabled)["FastSnapshotRestores"]), 3)
        disabled = [{"Name": "state", "Values": ["disabled"]}]
        self.assertEqual(ec2.describe_fast_snapshot_restores(Filters=disabled)["FastSnapshotRestores"], [])


if __name__ == "__main__":
    unittest.main()
