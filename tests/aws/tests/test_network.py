"""Load balancers, attachments and VPN connections, as boto3 reads them."""

import unittest

from botocore.exceptions import ClientError

from running import SHOP, client

REGION = "eu-west-1"


class LoadBalancing(unittest.TestCase):
    def setUp(self):
        self.elb = client("elbv2", REGION, account=SHOP)
        self.balancers = {item["LoadBalancerName"]: item for item in self.elb.describe_load_balancers()["LoadBalancers"]}

    def test_an_arn_names_the_type(self):
        kinds = {"application": "app", "network": "net", "gateway": "gwy"}
        for item in self.balancers.values():
            self.assertIn(f":loadbalancer/{kinds[item['Type']]}/{item['LoadBalancerName']}/", item["LoadBalancerArn"])
            self.assertEqual(item["State"]["Code"], "active")

    def test_pages_add_up(self):
        for name, items in (("describe_load_balancers", "LoadBalancers"), ("describe_target_groups", "TargetGroups")):
            pages = list(self.elb.get_paginator(name).paginate(PaginationConfig={"PageSize": 3}))
            self.assertGreater(len(pages), 1)
            self.assertEqual(sum(len(page[items]) for page in pages), len(getattr(self.elb, name)()[items]))

    def test_a_stopped_target_is_unused(self):
        group = self.elb.describe_target_groups(LoadBalancerArn=self.balancers["ingest-v1"]["LoadBalancerArn"])
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        health = self.elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        self.assertEqual([item["TargetHealth"]["State"] for item in health], ["unused"])

    def test_tags_are_given_for_twenty_at_most_and_for_none_where_one_is_gone(self):
        arn = self.balancers["partner-link"]["LoadBalancerArn"]
        tags = self.elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
        self.assertEqual(tags, [{"Key": "keep", "Value": "PrivateLink"}])
        for arns, code in (([arn] * 21, "ValidationError"), ([arn, arn + "0"], "LoadBalancerNotFound")):
            with self.assertRaises(ClientError) as caught:
                self.elb.describe_tags(ResourceArns=arns)
            self.assertEqual(caught.exception.response["Error"]["Code"], code)

    def test_the_first_generation_has_names(self):
        elb = client("elb", REGION, account=SHOP)
        found = {item["LoadBalancerName"]: item for item in elb.describe_load_balancers()["LoadBalancerDescriptions"]}
        self.assertEqual(found["legacy-forum"]["Instances"], [])
        self.assertEqual(len(found["legacy-shop"]["Instances"]), 1)


class WideArea(unittest.TestCase):
    def test_attachments_and_connections(self):
        ec2 = client("ec2", REGION, account=SHOP)
        attachments = ec2.describe_transit_gateway_attachments()["TransitGatewayAttachments"]
        self.assertEqual({item["ResourceType"] for item in attachments}, {"vpc", "vpn"})
        self.assertEqual({item["ResourceOwnerId"] for item in attachments}, {SHOP})
        vpns = {item["VpnConnectionId"] for item in ec2.describe_vpn_connections()["VpnConnections"]}
        self.assertTrue({item["ResourceId"] for item in attachments if item["ResourceType"] == "vpn"} <= vpns)

    def test_an_address_that_comes_by_itself_is_amazons(self):
        ec2 = client("ec2", REGION, account=SHOP)
        found = [item["Association"] for item in ec2.describe_network_interfaces()["NetworkInterfaces"] if item.get("Association")]
        owners = {item["IpOwnerId"] for item in found if "AllocationId" not in item}
        self.assertEqual(owners, {"amazon"})


if __name__ == "__main__":
    unittest.main()
