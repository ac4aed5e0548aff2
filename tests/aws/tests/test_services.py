"""Paging, metrics, prices and costs, as boto3 reads them."""

import datetime as dt
import json
import unittest
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from running import NOW, SHOP, admin, client, endpoint

END = dt.datetime.fromisoformat(NOW.replace("Z", "+00:00")).replace(minute=0)


class Paging(unittest.TestCase):
    CALLS = [
        ("describe_volumes", "Volumes", "VolumeId"), ("describe_snapshots", "Snapshots", "SnapshotId"),
        ("describe_images", "Images", "ImageId"), ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
        ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
        ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ]

    def test_pages_add_up(self):
        ec2 = client("ec2", account=SHOP)
        for name, items, key in self.CALLS:
            whole = [item[key] for item in getattr(ec2, name)()[items]]
            pages = list(ec2.get_paginator(name).paginate(MaxResults=5))
            self.assertEqual([item[key] for page in pages for item in page[items]], whole, name)
            self.assertTrue(all(len(page[items]) <= 5 for page in pages))

    def test_instance_types_by_wildcard(self):
        pages = client("ec2").get_paginator("describe_instance_types").paginate(
            Filters=[{"Name": "instance-type", "Values": ["m5.*", "t4g.large"]}], MaxResults=10)
        names = {item["InstanceType"]: item for page in pages for item in page["InstanceTypes"]}
        self.assertTrue({"m5.large", "m5.24xlarge", "t4g.large"} <= names.keys() and "m5a.large" not in names)
        self.assertEqual(names["t4g.large"]["ProcessorInfo"]["SupportedArchitectures"], ["arm64"])

    def test_databases_and_limits(self):
        rds = client("rds", account=SHOP)
        whole = rds.describe_db_snapshots()["DBSnapshots"]
        pages = list(rds.get_paginator("describe_db_snapshots").paginate(PaginationConfig={"PageSize": 20}))
        self.assertEqual(sum(len(page["DBSnapshots"]) for page in pages), len(whole))
        self.assertGreater(len(pages), 1)
        with self.assertRaises(ClientError):
            client("ec2", account=SHOP).describe_volumes(MaxResults=2)

    def test_many_callers_at_once(self):
        ec2 = client("ec2", account=SHOP)
        with ThreadPoolExecutor(12) as pool:
            sizes = set(pool.map(lambda _: len(ec2.describe_volumes()["Volumes"]), range(60)))
        self.assertEqual(len(sizes), 1)


class Metrics(unittest.TestCase):
    def setUp(self):
        self.cloudwatch = client("cloudwatch", account=SHOP)
        idle = next(i for i in admin("GET", "planted") if i["rule"] == "ec2-instance-idle" and i["accountId"] == SHOP)
        self.dimensions = [{"Name": "InstanceId", "Value": idle["resourceId"]}]

    def query(self, number: int, stat: str, period: int = 86400, name: str = "CPUUtilization") -> dict:
        metric = {"Namespace": "AWS/EC2", "MetricName": name, "Dimensions": self.dimensions}
        return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}

    def get(self, queries: list, days: int = 14, **more) -> dict:
        return self.cloudwatch.get_metric_data(
            MetricDataQueries=queries, StartTime=END - dt.timedelta(days=days), EndTime=END, **more)

    def test_statistics_fit_each_other(self):
        stats = ["Minimum", "Average", "p50", "p99", "p99.5", "Maximum", "Sum", "SampleCount"]
        results = self.get([self.query(n, stat) for n, stat in enumerate(stats)])["MetricDataResults"]
        self.assertTrue(all(len(item["Values"]) == 14 and item["StatusCode"] == "Complete" for item in results))
        low, mean, _, p99, p995, high, total, count = ([*item["Values"]] for item in results)
        for day in range(14):
            self.assertTrue(low[day] <= mean[day] <= p99[day] <= p995[day] <= high[day] < 5)
            self.assertEqual(count[day], 288)
            self.assertAlmostEqual(total[day] / count[day], mean[day])
        self.assertGreater(results[0]["Timestamps"][0], results[0]["Timestamps"][-1])

    def test_same_points_by_either_call(self):
        points = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=self.dimensions, Period=3600,
            StartTime=END - dt.timedelta(days=2), EndTime=END, Statistics=["Maximum"], ExtendedStatistics=["p99"],
        )["Datapoints"]
        values = self.get([self.query(0, "Maximum", 3600)], days=2, ScanBy="TimestampAscending")["MetricDataResults"][0]
        self.assertEqual([p["Maximum"] for p in sorted(points, key=lambda p: p["Timestamp"])], values["Values"])

    def test_limits_and_absence(self):
        self.assertEqual(self.get([self.query(0, "Sum", name="Nothing")])["MetricDataResults"][0]["Values"], [])
        with self.assertRaises(ClientError) as caught:
            self.get([self.query(n, "Sum") for n in range(501)])
        self.assertIn(caught.exception.response["Error"]["Code"], ("ValidationError", "ValidationException"))
        with self.assertRaises(ClientError):
            self.get([self.query(0, "Sum", period=90)])

    def test_pages_of_datapoints(self):
        queries = [self.query(n, "Sum", 300) for n in range(2)]
        whole = self.get(queries, days=1)["MetricDataResults"]
        found: dict = {}
        for page in self.cloudwatch.get_paginator("get_metric_data").paginate(
                MetricDataQueries=queries, StartTime=END - dt.timedelta(days=1), EndTime=END, MaxDatapoints=100):
            for item in page["MetricDataResults"]:
                found.setdefault(item["Id"], []).extend(item["Values"])
        self.assertEqual(found, {item["Id"]: item["Values"] for item in whole})

    def test_list_metrics(self):
        found = self.cloudwatch.list_metrics(Namespace="AWS/EC2", Dimensions=self.dimensions)["Metrics"]
        self.assertTrue({"CPUUtilization", "NetworkIn", "NetworkOut"} <= {item["MetricName"] for item in found})


class OtherProtocols(unittest.TestCase):
    """What boto3 does not speak by itself: CloudWatch's query protocol."""

    def ask(self, service: str, body: str) -> str:
        scope = f"AWS4-HMAC-SHA256 Credential=AKIA{SHOP}DEMO/20260915/us-east-1/{service}/aws4_request, Signature=0"
        headers = {"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded"}
        with urllib.request.urlopen(urllib.request.Request(endpoint(), body.encode(), headers)) as reply:
            return reply.read().decode()

    def test_get_metric_data_by_query(self):
        idle = next(i for i in admin("GET", "planted") if i["rule"] == "nat-gateway-idle" and i["accountId"] == SHOP)
        query = "MetricDataQueries.member.1"
        metric = f"{query}.MetricStat.Metric"
        fields = {
            "Action": "GetMetricData", "Version": "2010-08-01", "StartTime": "2026-09-10T00:00:00Z",
            "EndTime": "2026-09-12T00:00:00Z", f"{query}.Id": "a", f"{query}.MetricStat.Period": "86400",
            f"{query}.MetricStat.Stat": "Maximum", f"{metric}.Namespace": "AWS/NATGateway",
            f"{metric}.MetricName": "ActiveConnectionCount", f"{metric}.Dimensions.member.1.Name": "NatGatewayId",
            f"{metric}.Dimensions.member.1.Value": idle["resourceId"],
        }
        reply = self.ask("monitoring", urllib.parse.urlencode(fields))
        self.assertIn("<StatusCode>Complete</StatusCode>", reply)
        self.assertEqual(reply.count("<member>0.0</member>"), 2)

    def test_own_answers_in_xml(self):
        versions = client("rds").describe_db_engine_versions(Engine="postgres")["DBEngineVersions"]
        self.assertIn("12.22", [item["EngineVersion"] for item in versions])
        majors = client("rds").describe_db_major_engine_versions(Engine="mysql")["DBMajorEngineVersions"]
        self.assertEqual({item["MajorEngineVersion"] for item in majors}, {"5.7", "8.0", "8.4"})
        self.assertEqual(client("ec2").describe_reserved_instances()["ReservedInstances"], [])
        self.assertEqual(client("rds").describe_reserved_db_instances()["ReservedDBInstances"], [])

    def test_default_regions_and_generations(self):
        ec2 = client("ec2")
        self.assertEqual(len(ec2.describe_regions()["Regions"]), 17)
        self.assertGreater(len(ec2.describe_regions(AllRegions=True)["Regions"]), 17)
        found = ec2.describe_instance_types(InstanceTypes=["m5.large", "m4.large"])["InstanceTypes"]
        self.assertEqual({i["InstanceType"]: i["CurrentGeneration"] for i in found}, {"m5.large": True, "m4.large": False})


class Prices(unittest.TestCase):
    def products(self, service: str, **fields) -> list[dict]:
        filters = [{"Type": "TERM_MATCH", "Field": k, "Value": v} for k, v in fields.items()]
        pages = client("pricing").get_paginator("get_products").paginate(ServiceCode=service, Filters=filters)
        return [json.loads(text) for page in pages for text in page["PriceList"]]

    def usd(self, product: dict) -> float:
        term, = product["terms"]["OnDemand"].values()
        dimension, = term["priceDimensions"].values()
        return float(dimension["pricePerUnit"]["USD"])

    def test_one_product_for_an_exact_question(self):
        exact = {"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used"}
        found = self.products("AmazonEC2", instanceType="m5.large", regionCode="eu-west-1", **exact)
        self.assertEqual([self.usd(item) for item in found], [round(0.096 * 1.11, 4)])

    def test_storage_and_databases(self):
        gp3 = self.products("AmazonEC2", volumeApiName="gp3", regionCode="us-east-1", productFamily="Storage")
        self.assertEqual([self.usd(item) for item in gp3], [0.08])
        kinds = {"databaseEngine": "PostgreSQL", "deploymentOption": "Multi-AZ", "regionCode": "us-east-1"}
        found = self.products("AmazonRDS", instanceType="db.r6g.large", **kinds)
        self.assertEqual([self.usd(item) for item in found], [0.45])

    def test_pages_of_a_hundred(self):
        pages = list(client("pricing").get_paginator("get_products").paginate(
            ServiceCode="AmazonEC2", Filters=[{"Type": "TERM_MATCH", "Field": "regionCode", "Value": "us-east-1"}]))
        self.assertTrue(all(len(page["PriceList"]) <= 100 for page in pages))
        self.assertGreater(len(pages), 10)


class Costs(unittest.TestCase):
    def setUp(self):
        self.ce = client("ce", account=SHOP)
        self.today = END.date()

    def test_groups_sum_to_the_total(self):
        ask = {"TimePeriod": {"Start": str(self.today - dt.timedelta(days=10)), "End": str(self.today)},
               "Granularity": "DAILY", "Metrics": ["UnblendedCost", "AmortizedCost", "NetAmortizedCost", "UsageQuantity"]}
        whole = self.ce.get_cost_and_usage(**ask)["ResultsByTime"]
        group = self.ce.get_cost_and_usage(**ask, GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])["ResultsByTime"]
        self.assertEqual([day["Estimated"] for day in whole], [False] * 8 + [True] * 2)
        for day, parts in zip(whole, group):
            total = sum(float(part["Metrics"]["UnblendedCost"]["Amount"]) for part in parts["Groups"])
            self.assertAlmostEqual(total, float(day["Total"]["UnblendedCost"]["Amount"]), places=5)

    def test_covered_hours_are_told_from_those_on_demand(self):
        ask = {"TimePeriod": {"Start": str(self.today - dt.timedelta(days=31)), "End": str(self.today - dt.timedelta(days=1))},
               "Granularity": "MONTHLY", "Metrics": ["UnblendedCost", "AmortizedCost", "UsageQuantity"],
               "GroupBy": [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "DIMENSION", "Key": "PURCHASE_TYPE"}],
               "Filter": {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["DiscountedUsage", "SavingsPlanCoveredUsage"]}}}
        found: dict = {}
        for month in self.ce.get_cost_and_usage(**ask)["ResultsByTime"]:
            for group in month["Groups"]:
                sums = found.setdefault(tuple(group["Keys"]), [0.0, 0.0, 0.0])
                for place, name in enumerate(ask["Metrics"]):
                    sums[place] += float(group["Metrics"][name]["Amount"])
        self.assertEqual(len(found), 4)
        unblended, amortized, hours = found["EU-BoxUsage:m6g.4xlarge", "Savings Plans"]
        self.assertAlmostEqual(amortized / unblended, 0.72, places=3)
        self.assertTrue(2 * 720 <= hours <= 2 * 720 * 1.02)
        unblended, amortized, _ = found["InstanceUsage:db.t4g.large", "Standard Reserved Instances"]
        self.assertEqual(unblended, 0.0)
        self.assertGreater(amortized, 0.0)

    def test_what_others_sell_is_told_apart(self):
        reply = self.ce.get_cost_and_usage(
            TimePeriod={"Start": str(self.today - dt.timedelta(days=2)), "End": str(self.today)}, Granularity="DAILY",
            Metrics=["UnblendedCost"], GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"},
                                                {"Type": "DIMENSION", "Key": "LEGAL_ENTITY_NAME"}])
        sellers = {tuple(group["Keys"]) for group in reply["ResultsByTime"][0]["Groups"]}
        self.assertIn(("Acme Observability", "Acme Software Ltd"), sellers)
        self.assertIn(("AmazonCloudWatch", "Amazon Web Services, Inc."), sellers)

    def test_only_the_planted_service_rises(self):
        end = self.today - dt.timedelta(days=2)
        for account in ("222222222222", "333333333333"):
            now, before = self._spend(account, end), self._spend(account, end - dt.timedelta(days=30))
            risen = {s for s in now if now[s] >= 1.2 * before.get(s, 0) and now[s] - before.get(s, 0) >= 50}
            planted = {i["resourceId"] for i in admin("GET", "planted")
                       if i["rule"] == "cost-increase-month-over-month" and i["accountId"] == account}
            self.assertEqual(risen, planted)

    def _spend(self, account: str, end: dt.date) -> dict:
        reply = client("ce", account=account).get_cost_and_usage(
            TimePeriod={"Start": str(end - dt.timedelta(days=30)), "End": str(end)}, Granularity="DAILY",
            Metrics=["UnblendedCost"], GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}])
        sums: dict = {}
        for day in reply["ResultsByTime"]:
            for part in day["Groups"]:
                sums[part["Keys"][0]] = sums.get(part["Keys"][0], 0) + float(part["Metrics"]["UnblendedCost"]["Amount"])
        return sums

    def test_forecast_and_absence(self):
        period = {"Start": str(self.today), "End": str(self.today + dt.timedelta(days=30))}
        found = self.ce.get_cost_forecast(TimePeriod=period, Metric="UNBLENDED_COST", Granularity="MONTHLY")
        self.assertGreater(float(found["Total"]["Amount"]), 1000)
        with self.assertRaises(ClientError) as caught:
            client("ce").get_cost_and_usage(TimePeriod=period, Granularity="DAILY", Metrics=["UnblendedCost"])
        self.assertEqual(caught.exception.response["Error"]["Code"], "DataUnavailableException")
