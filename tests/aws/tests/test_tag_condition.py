"""aws:ResourceTag and Resource in role and session policies, judged for each resource that a call names."""

import json
import unittest

from running import ROOT, Customer, admin, allow, refusal

SCHEDULER = json.loads((ROOT.parents[1] / "iam-policies" / "scheduler.json").read_text())
TAG = {"Scheduler": "Enabled"}


class TagCondition(unittest.TestCase):
    def two(self, shop: Customer) -> list[str]:
        return shop.make(tags=TAG) + shop.make()

    def test_one_untagged_machine_denies_all_of_the_call(self):
        for shop in (Customer(SCHEDULER), Customer(allow("*"), SCHEDULER)):
            tagged, plain = self.two(shop)
            code, text, status = refusal(shop.ec2.stop_instances, InstanceIds=[tagged, plain])
            self.assertEqual((code, status), ("UnauthorizedOperation", 403))
            arn = f"arn:aws:ec2:{shop.region}:{shop.id}:instance/{plain}"
            self.assertRegex(text, f"^You are not authorized to perform this operation. User: arn:aws:sts::{shop.id}:assumed-role/Tuner/.*"
                                   f" is not authorized to perform: ec2:StopInstances on resource: {arn} because no "
                                   "(identity-based|session) policy allows the ec2:StopInstances action. Encoded authorization failure message: ")
            self.assertEqual(shop.states(tagged, plain), ["running", "running"])
            shop.ec2.stop_instances(InstanceIds=[tagged])
            self.assertEqual(shop.states(tagged, plain), ["stopped", "running"])
            self.assertEqual([call["outcome"] for call in shop.calls()], ["refused", "accepted"])

    def test_the_tag_counts_at_the_call(self):
        shop = Customer(SCHEDULER)
        one, = shop.make(tags=TAG, state="stopped")
        shop.change("instance", one, tags={"Scheduler": None})
        self.assertEqual(refusal(shop.ec2.start_instances, InstanceIds=[one])[0], "UnauthorizedOperation")
        shop.change("instance", one, tags=TAG)
        shop.ec2.start_instances(InstanceIds=[one])

    def test_values_have_a_case_and_keys_have_none(self):
        shop = Customer(SCHEDULER)
        value, = shop.make(tags={"Scheduler": "enabled"})
        key, = shop.make(tags={"scheduler": "Enabled"})
        self.assertEqual(refusal(shop.ec2.stop_instances, InstanceIds=[value])[0], "UnauthorizedOperation")
        shop.ec2.stop_instances(InstanceIds=[key])

    def test_an_id_that_does_not_exist_is_not_found(self):
        shop = Customer(SCHEDULER)
        self.assertEqual(refusal(shop.ec2.stop_instances, InstanceIds=["i-0aaaaaaaaaaaaaaa1"])[0], "InvalidInstanceID.NotFound")
        other = Customer(allow("ec2:DescribeInstances"))
        self.assertEqual(refusal(other.ec2.stop_instances, InstanceIds=["i-0aaaaaaaaaaaaaaa1"])[0], "UnauthorizedOperation")

    def test_databases_and_clusters(self):
        shop = Customer(SCHEDULER)
        shop.make("dbInstance", id="tagged", tags=TAG)
        shop.make("dbInstance", id="plain")
        shop.make("dbCluster", id="plain-cluster")
        shop.make("dbCluster", id="tagged-cluster", tags=TAG)
        code, text, status = refusal(shop.rds.stop_db_instance, DBInstanceIdentifier="plain")
        self.assertEqual((code, status), ("AccessDenied", 403))
        self.assertIn(f"rds:StopDBInstance on resource: arn:aws:rds:{shop.region}:{shop.id}:db:plain because", text)
        self.assertEqual(refusal(shop.rds.stop_db_cluster, DBClusterIdentifier="plain-cluster")[0], "AccessDenied")
        shop.rds.stop_db_instance(DBInstanceIdentifier="tagged")
        shop.rds.stop_db_cluster(DBClusterIdentifier="tagged-cluster")

    def test_other_actions_are_held_to_it_too(self):
        policy = allow("ec2:*")
        policy["Statement"][0]["Condition"] = {"StringEquals": {"aws:ResourceTag/Scheduler": "Enabled"}}
        shop = Customer(policy)
        tagged, plain = (shop.make(tags=TAG) + shop.make())
        self.assertEqual(refusal(shop.ec2.terminate_instances, InstanceIds=[plain])[0], "UnauthorizedOperation")
        self.assertEqual(refusal(shop.ec2.create_tags, Resources=[plain], Tags=[{"Key": "a", "Value": "b"}])[0], "UnauthorizedOperation")
        self.assertEqual(refusal(shop.ec2.describe_instances)[0], "UnauthorizedOperation", "no resource, so no tag")
        shop.ec2.create_tags(Resources=[tagged], Tags=[{"Key": "a", "Value": "b"}])

    def test_resources_by_their_arn(self):
        policy = allow("ec2:StopInstances")
        shop = Customer(policy)
        first, second = self.two(shop)
        policy["Statement"][0]["Resource"] = f"arn:aws:ec2:*:{shop.id}:instance/{first}"
        shop.may(policy)
        shop.ec2.stop_instances(InstanceIds=[first])
        self.assertEqual(refusal(shop.ec2.stop_instances, InstanceIds=[second])[0], "UnauthorizedOperation")

    def test_tagging_is_denied(self):
        shop = Customer(SCHEDULER)
        one, = shop.make()
        tags = [{"Key": "Scheduler", "Value": "Enabled"}]
        code, text, _ = refusal(shop.ec2.create_tags, Resources=[one], Tags=tags)
        self.assertEqual(code, "UnauthorizedOperation")
        self.assertIn("with an explicit deny", text)
        self.assertEqual(admin("GET", f"resources?accountId={shop.id}")[0]["tags"], {})
