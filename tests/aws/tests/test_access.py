"""Trust policies, permission and session policies, expiry, faults and counts."""

import json
import unittest

from botocore.exceptions import ClientError

from running import SHOP, admin, allow, assume, client, trust

ID = "1d6f1c7e-aaaa-4bbb-8ccc-1234567890ab-0123456789abcdef"


def put_role(name: str, trust_policy: dict, policy: dict | None = None) -> None:
    body = {"accountId": SHOP, "roleName": name, "trustPolicy": trust_policy, "policy": policy or allow("ec2:Describe*")}
    admin("PUT", "roles", body)


class Trust(unittest.TestCase):
    def refused(self, role: str, **more) -> None:
        with self.assertRaises(ClientError) as caught:
            assume(role, **more)
        error = caught.exception.response
        self.assertEqual(error["Error"]["Code"], "AccessDenied")
        self.assertEqual(error["ResponseMetadata"]["HTTPStatusCode"], 403)
        self.assertRegex(error["Error"]["Message"], r"^User: arn:aws:sts::.* is not authorized to perform: sts:AssumeRole on resource: arn:")

    def test_right_policy_enforces_the_id(self):
        put_role("Right", trust(ID))
        assume("Right", ExternalId=ID)
        self.refused("Right")
        self.refused("Right", ExternalId="wrong-id")

    def test_policy_without_condition_lets_anyone_of_us_in(self):
        put_role("Open", trust())
        assume("Open")
        assume("Open", ExternalId="anything")

    def test_wildcard_lets_any_id_in_but_needs_one(self):
        put_role("Wild", trust("*", operator="StringLike"))
        assume("Wild", ExternalId="anything")
        self.refused("Wild")

    def test_wrong_id_account_and_role(self):
        put_role("Wrong", trust("another-id"))
        put_role("Foreign", trust(ID, principal="arn:aws:iam::999999999999:root"))
        self.refused("Wrong", ExternalId=ID)
        self.refused("Foreign", ExternalId=ID)
        self.refused("Absent", ExternalId=ID)

    def test_changed_trust_counts_at_once(self):
        put_role("Drift", trust(ID))
        assume("Drift", ExternalId=ID)
        put_role("Drift", trust("rotated-id"))
        self.refused("Drift", ExternalId=ID)
        assume("Drift", ExternalId="rotated-id")

    def test_attempts_are_recorded_refused_or_not(self):
        put_role("Tried", trust(ID))
        assume("Tried", ExternalId=ID)
        self.refused("Tried")
        tried = [a["externalId"] for a in admin("GET", "attempts") if a["roleArn"].endswith("/Tried")]
        self.assertEqual(tried, [ID, None])

    def test_sessions_are_recorded(self):
        put_role("Logged", trust(ID))
        policy = json.dumps(allow("ec2:DescribeRegions"))
        assume("Logged", ExternalId=ID, Policy=policy, DurationSeconds=3600)
        last = admin("GET", "sessions")[-1]
        self.assertEqual((last["externalId"], last["policy"], last["durationSeconds"]), (ID, policy, 3600))


class Permission(unittest.TestCase):
    def code(self, call) -> str:
        try:
            call()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "ok"

    def keys(self, name: str, policy: dict, **more) -> dict:
        put_role(name, trust(ID), policy)
        return assume(name, ExternalId=ID, **more)

    def test_each_service_refuses_in_its_own_words(self):
        keys = self.keys("Narrow", allow("ec2:DescribeVolumes"))
        period = {"Start": "2026-09-01", "End": "2026-09-02"}
        cases = [
            ("ok", client("ec2", keys=keys).describe_volumes),
            ("ok", client("sts", keys=keys).get_caller_identity),
            ("UnauthorizedOperation", client("ec2", keys=keys).describe_instances),
            ("AccessDenied", client("rds", keys=keys).describe_db_instances),
            ("AccessDenied", client("cloudwatch", keys=keys).list_metrics),
            ("AccessDenied", client("autoscaling", keys=keys).describe_auto_scaling_groups),
            ("AccessDenied", client("s3", keys=keys).list_buckets),
            ("AccessDeniedException", client("lambda", keys=keys).list_functions),
            ("AccessDeniedException", lambda: client("pricing", keys=keys).get_products(ServiceCode="AmazonEC2")),
            ("AccessDeniedException", lambda: client("ce", keys=keys).get_cost_and_usage(
                TimePeriod=period, Granularity="DAILY", Metrics=["UnblendedCost"])),
        ]
        for expected, call in cases:
            self.assertIn(self.code(call), (expected, expected + "Exception"), call)

    def test_session_policy_only_narrows(self):
        wide = self.keys("Wide", allow("*"), Policy=json.dumps(allow("ec2:DescribeVolumes", "rds:*")))
        self.assertEqual(self.code(client("ec2", keys=wide).describe_volumes), "ok")
        self.assertEqual(self.code(client("ec2", keys=wide).describe_instances), "UnauthorizedOperation")
        narrow = self.keys("Narrower", allow("ec2:DescribeVolumes"), Policy=json.dumps(allow("*")))
        self.assertEqual(self.code(client("ec2", keys=narrow).describe_instances), "UnauthorizedOperation")

    def test_explicit_deny_wins(self):
        policy = allow("*")
        policy["Statement"].append({"Effect": "Deny", "Action": "ec2:DescribeVol*", "Resource": "*"})
        keys = self.keys("Deny", policy)
        self.assertEqual(self.code(client("ec2", keys=keys).describe_volumes), "UnauthorizedOperation")
        self.assertEqual(self.code(client("ec2", keys=keys).describe_instances), "ok")

    def test_expired_sessions(self):
        keys = self.keys("Short", allow("*"))
        admin("POST", "sessions/expire", {"accessKeyId": keys["AccessKeyId"]})
        self.assertEqual(self.code(client("ec2", keys=keys).describe_volumes), "RequestExpired")
        self.assertEqual(self.code(client("rds", keys=keys).describe_db_instances), "ExpiredToken")
        admin("POST", "sessions/expire", {"accessKeyId": keys["AccessKeyId"], "expired": False})
        self.assertEqual(self.code(client("ec2", keys=keys).describe_volumes), "ok")


class Faults(unittest.TestCase):
    def tearDown(self):
        admin("DELETE", "faults")

    def test_throttles_and_refusals(self):
        ec2, cloudwatch = client("ec2", account=SHOP), client("cloudwatch", account=SHOP)
        fault = {"accountId": SHOP, "kind": "throttle", "times": 1}
        admin("POST", "faults", [{**fault, "service": "ec2", "operation": "DescribeVolumes"},
                                 {**fault, "service": "cloudwatch", "operation": "ListMetrics"}])
        for call, code in ((ec2.describe_volumes, "RequestLimitExceeded"), (cloudwatch.list_metrics, "Throttling")):
            with self.assertRaises(ClientError) as caught:
                call()
            self.assertIn(caught.exception.response["Error"]["Code"], (code, code + "Exception"))
            call()

    def test_region_and_account_are_told_apart(self):
        admin("POST", "faults", [{"accountId": SHOP, "region": "eu-west-1", "service": "ec2", "kind": "deny"}])
        client("ec2", account=SHOP).describe_addresses()
        client("ec2", "eu-west-1").describe_addresses()
        with self.assertRaises(ClientError):
            client("ec2", "eu-west-1", account=SHOP).describe_addresses()

    def test_calls_are_counted(self):
        admin("DELETE", "calls")
        client("ec2", account=SHOP).describe_addresses()
        self.assertEqual(admin("GET", "calls"), [
            {"accountId": SHOP, "service": "ec2", "operation": "DescribeAddresses", "region": "us-east-1", "count": 1}
        ])
