"""Starting and stopping EC2 instances, and how one of a batch fails all."""

import unittest

from running import Customer, admin, refusal


class States(unittest.TestCase):
    def setUp(self):
        self.shop = Customer()

    def test_at_once_unless_asked(self):
        one, = self.shop.make()
        told, = self.shop.ec2.stop_instances(InstanceIds=[one])["StoppingInstances"]
        self.assertEqual(told, {"InstanceId": one, "CurrentState": {"Code": 64, "Name": "stopping"},
                                "PreviousState": {"Code": 16, "Name": "running"}})
        self.assertEqual(self.shop.states(one), ["stopped"])
        told, = self.shop.ec2.start_instances(InstanceIds=[one])["StartingInstances"]
        self.assertEqual((told["CurrentState"], told["PreviousState"]),
                         ({"Code": 0, "Name": "pending"}, {"Code": 80, "Name": "stopped"}))
        self.assertEqual(self.shop.states(one), ["running"])

    def test_as_slow_as_asked(self):
        one, = self.shop.make()
        self.shop.delays(stop=60, start=30)
        self.shop.ec2.stop_instances(InstanceIds=[one])
        self.shop.later(seconds=50)
        self.assertEqual(self.shop.states(one), ["stopping"])
        self.shop.later(seconds=10)
        stopped, = self.shop.describe(one)
        self.assertEqual(stopped["State"], {"Code": 80, "Name": "stopped"})
        self.assertEqual(stopped["StateReason"]["Code"], "Client.UserInitiatedShutdown")
        self.assertRegex(stopped["StateTransitionReason"], r"^User initiated \(2026-09-15 10:\d\d:\d\d GMT\)$")
        self.shop.ec2.start_instances(InstanceIds=[one])
        self.assertEqual(self.shop.states(one), ["pending"])
        self.shop.later(seconds=30)
        running, = self.shop.describe(one)
        self.assertEqual((running["State"]["Name"], running["StateTransitionReason"]), ("running", ""))
        self.assertGreater(running["LaunchTime"], stopped["LaunchTime"])

    def test_one_account_ahead_of_the_others(self):
        other = Customer()
        self.shop.later(days=3)
        mine, theirs = (admin("GET", f"clock?accountId={who.id}")["now"][:10] for who in (self.shop, other))
        self.assertEqual((mine, theirs), ("2026-09-18", "2026-09-15"))

    def test_where_they_are_already(self):
        on, off = self.shop.make() + self.shop.make(state="stopped")
        told, = self.shop.ec2.start_instances(InstanceIds=[on])["StartingInstances"]
        self.assertEqual((told["PreviousState"]["Name"], told["CurrentState"]["Name"]), ("running", "running"))
        told, = self.shop.ec2.stop_instances(InstanceIds=[off])["StoppingInstances"]
        self.assertEqual((told["PreviousState"]["Name"], told["CurrentState"]["Name"]), ("stopped", "stopped"))
        self.assertEqual([call["changed"] for call in self.shop.calls()], [[], []])

    def test_somebodys_hand_calls_off_what_was_to_come(self):
        one, = self.shop.make()
        self.shop.delays(stop=60)
        self.shop.ec2.stop_instances(InstanceIds=[one])
        self.shop.change("instance", one, state="running")
        self.shop.later(seconds=90)
        self.assertEqual(self.shop.states(one), ["running"])

    def test_a_group_replaces_its_stopped_member(self):
        one, = self.shop.make(autoScalingGroup="workers", tags={"Scheduler": "Enabled"})
        self.shop.ec2.stop_instances(InstanceIds=[one])
        self.assertEqual(self.shop.states(one), ["stopped"])
        self.shop.later(seconds=301)
        self.assertEqual(self.shop.states(one), ["terminated"])
        group = [{"Name": "tag:aws:autoscaling:groupName", "Values": ["workers"]}, {"Name": "instance-state-name", "Values": ["running"]}]
        found = self.shop.ec2.describe_instances(Filters=group)["Reservations"]
        self.assertEqual(len(found), 1)
        self.assertNotEqual(found[0]["Instances"][0]["InstanceId"], one)


class Batches(unittest.TestCase):
    """Of two ids one is refused: the other must not move."""

    def setUp(self):
        self.shop = Customer()
        self.good, = self.shop.make()
        self.off, = self.shop.make(state="stopped")

    def refused(self, code: str, text: str, bad: str | list[str], act: str = "stop", status: int = 400) -> None:
        good = {"stop": self.good, "start": self.off}[act]
        bad = [bad] if isinstance(bad, str) else bad
        call = {"stop": self.shop.ec2.stop_instances, "start": self.shop.ec2.start_instances}[act]
        self.assertEqual(refusal(call, InstanceIds=[good, *bad]), (code, text, status))
        self.assertEqual(self.shop.states(self.good, self.off), ["running", "stopped"])
        last = self.shop.calls()[-1]
        self.assertEqual((last["outcome"], last["code"], last["changed"]), ("refused", code, []))

    def test_ids_that_do_not_exist_are_all_named(self):
        first, second = "i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2"
        self.refused("InvalidInstanceID.NotFound", f"The instance ID '{first}' does not exist", first)
        self.refused("InvalidInstanceID.NotFound", f"The instance IDs '{first}, {second}' do not exist", [first, second], "start")

    def test_ids_that_are_none(self):
        self.refused("InvalidInstanceID.Malformed", 'Invalid id: "i-xyz"', "i-xyz")
        self.refused("InvalidInstanceID.Malformed", 'Invalid id: "mi-1" (expecting "i-...")', "mi-1", "start")

    def test_states_that_allow_neither(self):
        pending, = self.shop.make(state="pending")
        stopping, = self.shop.make(state="stopping")
        gone, = self.shop.make(state="terminated")
        stop = "This instance '{}' is not in a state from which it can be stopped."
        start = "The instance '{}' is not in a state from which it can be started."
        self.refused("IncorrectInstanceState", stop.format(pending), pending)
        self.refused("IncorrectInstanceState", start.format(stopping), stopping, "start")
        self.refused("IncorrectInstanceState", stop.format(gone), [gone, pending])
        self.refused("IncorrectInstanceState", start.format(gone), gone, "start")

    def test_machines_that_cannot_be_stopped(self):
        store, = self.shop.make(rootDeviceType="instance-store")
        self.refused("UnsupportedOperation", f"The instance '{store}' does not have an 'ebs' root device type and cannot be stopped.", store)
        spot, = self.shop.make(lifecycle="spot")
        code, text, _ = refusal(self.shop.ec2.stop_instances, InstanceIds=[self.good, spot])
        self.assertEqual(code, "UnsupportedOperation")
        self.assertTrue(text.startswith(f"You can't stop the Spot Instance '{spot}' because it is associated with a one-time"))
        kept, = self.shop.make(stopProtection=True)
        self.refused("OperationNotPermitted", f"The instance '{kept}' may not be stopped. Modify its 'disableApiStop' instance "
                     "attribute and try again.", kept)
        self.assertEqual(self.shop.states(self.good, spot, kept), ["running"] * 3)

    def test_a_persistent_spot_request_can_be_stopped(self):
        spot, = self.shop.make(lifecycle="spot", spotRequest="persistent")
        self.shop.ec2.stop_instances(InstanceIds=[spot])
        self.assertEqual(self.shop.states(spot), ["stopped"])

    def test_stop_protection_set_through_the_api(self):
        self.shop.ec2.modify_instance_attribute(InstanceId=self.good, DisableApiStop={"Value": True})
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[self.good])[0], "OperationNotPermitted")

    def test_a_start_without_root_volume(self):
        bare, = self.shop.make(rootVolume=False, state="stopped")
        text = f"Invalid value '{bare}' for instanceId. Instance does not have a volume attached at root (/dev/sda1)"
        self.refused("InvalidParameterValue", text, bare, "start")

    def test_a_dry_run_changes_nothing(self):
        text = "Request would have succeeded, but DryRun flag is set."
        self.assertEqual(refusal(self.shop.ec2.stop_instances, InstanceIds=[self.good], DryRun=True), ("DryRunOperation", text, 412))
        self.assertEqual(self.shop.states(self.good), ["running"])


class Many(unittest.TestCase):
    def test_a_thousand_machines_page_by_page_each_its_own(self):
        shop = Customer()
        tags = {"Scheduler": "Enabled", "Schedule": "office"}
        made = shop.make(count=1000, name="web & worker", tags=tags)
        shop.make(count=3, name="other")
        shop.ec2.stop_instances(InstanceIds=made[:20])
        shop.change("instance", made[20], tags={"Schedule": "ignore"})
        wanted = [{"Name": "tag:Scheduler", "Values": ["Enabled"]}]
        pages = list(shop.ec2.get_paginator("describe_instances").paginate(Filters=wanted, MaxResults=400))
        self.assertEqual([len(page["Reservations"]) for page in pages], [400, 400, 200])
        found = [item for page in pages for reservation in page["Reservations"] for item in reservation["Instances"]]
        self.assertEqual([item["InstanceId"] for item in found], made)
        self.assertEqual([item["State"]["Name"] for item in found], ["stopped"] * 20 + ["running"] * 980)
        name = lambda item: next(tag["Value"] for tag in item["Tags"] if tag["Key"] == "Name")
        self.assertEqual([name(item) for item in found], [f"web & worker-{number}" for number in range(1000)])
        unique = (lambda i: i["PrivateIpAddress"], lambda i: i["NetworkInterfaces"][0]["NetworkInterfaceId"],
                  lambda i: i["BlockDeviceMappings"][0]["Ebs"]["VolumeId"])
        for value in unique:
            self.assertEqual(len({value(item) for item in found}), 1000)

    def test_what_is_exchanged_is_what_moto_writes(self):
        shop = Customer()
        first, second, third = shop.make(count=3, name="web", zone="eu-west-1b", tags={"Scheduler": "Enabled"})
        alike = shop.describe(first, second, third)[1]
        shop.ec2.create_tags(Resources=[second], Tags=[{"Key": "own", "Value": "1"}])
        alone, = shop.describe(second)
        alone["Tags"].remove({"Key": "own", "Value": "1"})
        self.assertEqual(alone, alike)

    def test_ids_by_filter_leave_out_what_is_gone(self):
        shop = Customer()
        made = shop.make(count=3, managedBy="eks.amazonaws.com")
        wanted = {"Name": "instance-id", "Values": [made[2], "i-0aaaaaaaaaaaaaaa1", made[0]]}
        found = [i for r in shop.ec2.describe_instances(Filters=[wanted])["Reservations"] for i in r["Instances"]]
        self.assertEqual([item["InstanceId"] for item in found], [made[0], made[2]])
        self.assertEqual(found[0]["Operator"], {"Managed": True, "Principal": "eks.amazonaws.com"})
        many = {"Name": "instance-id", "Values": [f"i-{number:017x}" for number in range(201)]}
        self.assertEqual(refusal(shop.ec2.describe_instances, Filters=[many])[0::2], ("FilterLimitExceeded", 400))

    def test_filters_beside_tags(self):
        shop = Customer()
        on, = shop.make(tags={"Scheduler": "Enabled", "team": "web"})
        shop.make(tags={"Scheduler": "Enabled"}, state="stopped")
        for more in ({"Name": "instance-state-name", "Values": ["running"]}, {"Name": "tag:team", "Values": ["w*"]},
                     {"Name": "tag-key", "Values": ["team"]}):
            filters = [{"Name": "tag:Scheduler", "Values": ["Enabled", "enabled"]}, more]
            found = shop.ec2.describe_instances(Filters=filters)["Reservations"]
            self.assertEqual([item["InstanceId"] for r in found for item in r["Instances"]], [on], more)
