"""What goes wrong with a start or a stop, and the record of the calls."""

import unittest

from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from running import Customer, admin, refusal


class Faults(unittest.TestCase):
    def setUp(self):
        self.shop = Customer()
        self.addCleanup(admin, "DELETE", f"faults?accountId={self.shop.id}")

    def start(self, *ids: str) -> list[dict]:
        return self.shop.ec2.start_instances(InstanceIds=list(ids))["StartingInstances"]

    def test_no_capacity_for_a_type_in_a_zone(self):
        full, = self.shop.make(instanceType="m6g.large", zone="eu-west-1a", state="stopped")
        room, = self.shop.make(instanceType="m6g.large", zone="eu-west-1b", state="stopped")
        on, = self.shop.make(instanceType="m6g.large", zone="eu-west-1a")
        self.shop.fault(kind="capacity", instanceType="m6g.large", zone="eu-west-1a", times=2)
        for _ in range(2):
            told = refusal(self.shop.ec2.start_instances, InstanceIds=[full, room])
            self.assertEqual(told, ("InsufficientInstanceCapacity", "Insufficient capacity.", 500))
        self.assertEqual(self.shop.states(full, room), ["stopped", "stopped"])
        self.start(full, room, on)

    def test_capacity_matters_only_to_what_is_off_and_there(self):
        room, = self.shop.make(instanceType="m6g.large", zone="eu-west-1b", state="stopped")
        on, = self.shop.make(instanceType="m6g.large", zone="eu-west-1a")
        self.shop.fault(kind="capacity", instanceType="m6g.large", zone="eu-west-1a")
        self.start(room, on)
        self.shop.ec2.stop_instances(InstanceIds=[on])

    def test_limits_by_code(self):
        off, = self.shop.make(state="stopped")
        for code in ("InstanceLimitExceeded", "VcpuLimitExceeded"):
            self.shop.fault(kind="error", code=code, operation="StartInstances", times=1)
            self.assertEqual(refusal(self.shop.ec2.start_instances, InstanceIds=[off])[0::2], (code, 400))
        self.shop.fault(kind="error", code="Odd", message="Something new", status=409, operation="StartInstances", resourceId=off)
        self.assertEqual(refusal(self.shop.ec2.start_instances, InstanceIds=[off]), ("Odd", "Something new", 409))

    def test_a_database_without_capacity(self):
        self.shop.make("dbInstance", id="orders", state="stopped")
        self.shop.make("dbInstance", id="other", state="stopped")
        self.shop.fault(kind="error", code="InsufficientDBInstanceCapacity", resourceId="orders")
        told = refusal(self.shop.rds.start_db_instance, DBInstanceIdentifier="orders")
        self.assertEqual(told[0::2], ("InsufficientDBInstanceCapacity", 400))
        self.shop.rds.start_db_instance(DBInstanceIdentifier="other")

    def test_a_start_that_falls_back(self):
        for reason in ("Client.InternalError", "Server.InsufficientInstanceCapacity"):
            off, = self.shop.make(state="stopped")
            other, = self.shop.make(state="stopped")
            self.shop.delays(start=20)
            self.shop.fault(kind="fallback", reason=reason, resourceId=off, times=1)
            self.assertEqual({told["CurrentState"]["Name"] for told in self.start(off, other)}, {"pending"})
            self.assertEqual(self.shop.states(off, other), ["pending", "pending"])
            self.shop.later(seconds=20)
            fallen, fine = self.shop.describe(off, other)
            self.assertEqual((fallen["State"]["Name"], fine["State"]["Name"]), ("stopped", "running"))
            self.assertEqual(fallen["StateReason"]["Code"], reason)
            self.assertTrue(fallen["StateReason"]["Message"].startswith(f"{reason}: "))
            self.start(off)
            self.shop.later(seconds=20)
            self.assertEqual(self.shop.states(off), ["running"])

    def test_throttling_of_start_and_stop_alone(self):
        on, = self.shop.make()
        for operation in ("StartInstances", "StopInstances"):
            self.shop.fault(kind="throttle", service="ec2", operation=operation, times=1)
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[on])[0::2], ("RequestLimitExceeded", 503))
        self.assertEqual(refusal(self.shop.ec2.start_instances, InstanceIds=[on])[0::2], ("RequestLimitExceeded", 503))
        self.shop.ec2.stop_instances(InstanceIds=[on])

    def test_a_bucket_of_each_account_region_and_operation(self):
        other = Customer()
        admin("POST", "faults", [{"accountId": who.id, "kind": "rate", "operation": "StopInstances", "burst": 3, "perSecond": 0.001}
                                 for who in (self.shop, other)])
        on, = self.shop.make()
        for _ in range(3):
            self.shop.ec2.stop_instances(InstanceIds=[on])
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[on])[0::2], ("RequestLimitExceeded", 503))
        self.shop.ec2.start_instances(InstanceIds=[on])
        other.ec2.stop_instances(InstanceIds=other.make())

    def test_an_error_after_the_effect(self):
        on, = self.shop.make()
        self.shop.fault(kind="error500", operation="StopInstances", after=True, times=1)
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[on])[2], 500)
        self.assertEqual(self.shop.states(on), ["stopped"])
        call, = self.shop.calls()
        self.assertEqual((call["outcome"], call["status"], call["changed"]), ("accepted", 500, [{"id": on, "from": "running", "to": "stopping"}]))

    def test_an_answer_that_never_comes(self):
        on, = self.shop.make()
        lost = (ConnectionClosedError, EndpointConnectionError, ReadTimeoutError)
        self.shop.fault(kind="cut", operation="StopInstances", times=1)
        with self.assertRaises(lost):
            self.shop.ec2.stop_instances(InstanceIds=[on])
        self.assertEqual(self.shop.states(on), ["running"])
        self.shop.fault(kind="cut", operation="StopInstances", after=True, times=1)
        with self.assertRaises(lost):
            self.shop.ec2.stop_instances(InstanceIds=[on])
        self.assertEqual(self.shop.states(on), ["stopped"])
        self.assertEqual([(c["outcome"], c["status"]) for c in self.shop.calls()], [("refused", 0), ("accepted", 0)])

    def test_a_refused_call_uses_no_fault_up_that_comes_after(self):
        on, = self.shop.make()
        self.shop.fault(kind="error500", operation="StopInstances", after=True, times=1)
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=["i-xyz"])[0], "InvalidInstanceID.Malformed")
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[on])[2], 500)

    def test_faults_are_read_strictly(self):
        for fault in ({"kind": "error"}, {"kind": "error", "code": "Odd"}, {"kind": "fallback", "reason": "Odd"}, {"kind": "odd"}):
            with self.assertRaises(Exception):
                self.shop.fault(**fault)


class Record(unittest.TestCase):
    def test_each_call_with_who_when_and_what_came_of_it(self):
        shop, other = Customer(), Customer()
        first, second = shop.make(count=2)
        shop.make("dbInstance", id="orders")
        shop.ec2.stop_instances(InstanceIds=[first, second])
        shop.rds.stop_db_instance(DBInstanceIdentifier="orders")
        refusal(shop.ec2.stop_instances, InstanceIds=["i-xyz"])
        stop, db, bad = shop.calls()
        self.assertEqual((stop["operation"], stop["ids"], stop["outcome"]), ("StopInstances", [first, second], "accepted"))
        self.assertEqual((stop["accountId"], stop["region"], stop["sessionName"]), (shop.id, shop.region, f"tuner-session-{shop.id}"))
        self.assertTrue(stop["at"].startswith("2026-09-15T10:"))
        self.assertEqual((db["operation"], db["ids"], db["changed"][0]["to"]), ("StopDBInstance", ["orders"], "stopping"))
        self.assertEqual((bad["outcome"], bad["code"], bad["changed"]), ("refused", "InvalidInstanceID.Malformed", []))
        self.assertEqual(other.calls(), [])
        self.assertEqual(admin("DELETE", f"power-calls?accountId={shop.id}"), [])
        self.assertEqual(shop.calls(), [])
