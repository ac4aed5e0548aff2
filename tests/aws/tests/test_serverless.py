"""DynamoDB, Lambda, ECS and Application Auto Scaling answer as AWS does, as far as they are read."""

import json
import unittest

from botocore.exceptions import ClientError

from running import SHOP, client


def of(service: str, region: str = "us-east-1"):
    return client(service, region, account=SHOP)


class Tables(unittest.TestCase):
    def test_names_come_in_pages_by_the_last_name(self):
        tables, names, start = of("dynamodb"), [], {}
        while True:
            page = tables.list_tables(Limit=4, **start)
            names += page["TableNames"]
            if "LastEvaluatedTableName" not in page:
                break
            start = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
        self.assertEqual(names, tables.list_tables()["TableNames"])
        self.assertGreater(len(names), 8)

    def test_a_provisioned_table_has_no_billing_summary(self):
        describe = of("dynamodb").describe_table
        self.assertNotIn("BillingModeSummary", describe(TableName="orders")["Table"])
        self.assertEqual(describe(TableName="clicks")["Table"]["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST")

    def test_a_table_that_is_gone_is_not_found(self):
        with self.assertRaises(ClientError) as caught:
            of("dynamodb").describe_table(TableName="gone")
        self.assertEqual(caught.exception.response["Error"]["Code"], "ResourceNotFoundException")

    def test_backups_are_the_users_own_unless_asked_otherwise(self):
        backups = of("dynamodb")
        self.assertEqual({item["BackupType"] for item in backups.list_backups()["BackupSummaries"]}, {"USER"})
        everything = backups.list_backups(BackupType="ALL")["BackupSummaries"]
        self.assertIn("AWS_BACKUP", {item["BackupType"] for item in everything})

    def test_the_first_tier_of_storage_is_free(self):
        filters = [("regionCode", "TERM_MATCH", "us-east-1"), ("usagetype", "TERM_MATCH", "TimedStorage-ByteHrs")]
        filters = [{"Field": field, "Type": kind, "Value": value} for field, kind, value in filters]
        found = of("pricing").get_products(ServiceCode="AmazonDynamoDB", Filters=filters)["PriceList"]
        (term,) = json.loads(found[0])["terms"]["OnDemand"].values()
        tiers = {tier["beginRange"]: tier["pricePerUnit"]["USD"] for tier in term["priceDimensions"].values()}
        self.assertEqual(tiers, {"0": "0.0000000000", "25": "0.2500000000"})


class Functions(unittest.TestCase):
    def test_functions_come_in_pages(self):
        functions = of("lambda")
        first = functions.list_functions(MaxItems=5)
        second = functions.list_functions(MaxItems=5, Marker=first["NextMarker"])
        names = [item["FunctionName"] for page in (first, second) for item in page["Functions"]]
        self.assertEqual(len(set(names)), 10)

    def test_tags_and_concurrency_are_found_by_path_and_query(self):
        functions = of("lambda")
        known = {item["FunctionName"]: item["FunctionArn"] for item in functions.list_functions()["Functions"]}
        self.assertEqual(functions.list_tags(Resource=known["disaster"])["Tags"], {"keep": "disaster recovery"})
        configs = functions.list_provisioned_concurrency_configs(FunctionName="checkout")
        self.assertEqual(configs["ProvisionedConcurrencyConfigs"][0]["FunctionArn"], known["checkout"] + ":live")
        with self.assertRaises(ClientError) as caught:
            functions.list_tags(Resource=known["checkout"] + "-gone")
        self.assertEqual(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 404)


class Services(unittest.TestCase):
    def test_services_are_described_by_ten_with_tags_where_asked(self):
        services = of("ecs", "eu-west-1")
        arns = services.list_services(cluster="shop", maxResults=100)["serviceArns"]
        with self.assertRaises(ClientError):
            services.describe_services(cluster="shop", services=arns[:11])
        plain = services.describe_services(cluster="shop", services=arns[:1])["services"][0]
        self.assertNotIn("tags", plain)
        tagged = services.describe_services(cluster="shop", services=arns[:1], include=["TAGS"])["services"][0]
        self.assertIn("tags", tagged)

    def test_targets_are_listed_by_namespace(self):
        targets = of("application-autoscaling").describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        self.assertEqual({target["ServiceNamespace"] for target in targets}, {"dynamodb"})
