"""Starting, seeding, resetting and ending; and what the demo fleet promises."""

import json
import os
import signal
import socket
import subprocess
import sys
import unittest
import urllib.parse
import urllib.request

from running import DATA, NOW, ROOT, SHOP, admin, client


class Life(unittest.TestCase):
    def setUp(self):
        command = [sys.executable, "-m", "stand_in", "--port", "0", "--exit-with-parent", "--now", NOW]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.kill)
        self.url = self.process.stdout.readline().split()[1]

    def ask(self, method: str, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}/_stand-in/{path}", data, method=method)) as reply:
            return json.load(reply)

    def test_same_ids_after_reset_and_in_every_process(self):
        self.assertEqual(self.ask("GET", "planted"), [])
        self.ask("POST", "seed", {"fleet": "demo"})
        first = self.ask("GET", "planted")
        self.ask("POST", "reset")
        self.assertEqual(self.ask("GET", "planted"), [])
        self.ask("POST", "seed", {"fleet": "demo"})
        self.assertEqual(self.ask("GET", "planted"), first)
        self.assertEqual(admin("GET", "planted"), first)
        self.process.stdin.close()
        self.assertEqual(self.process.wait(timeout=10), 0)

    def test_silent_connections_hold_up_nobody(self):
        address = urllib.parse.urlsplit(self.url)
        for _ in range(60):
            silent = socket.create_connection((address.hostname, address.port))
            self.addCleanup(silent.close)
        request = urllib.request.Request(f"{self.url}/_stand-in/sessions")
        with urllib.request.urlopen(request, timeout=20) as reply:
            self.assertEqual(json.load(reply), [])

    def test_ends_on_signals(self):
        os.kill(self.process.pid, signal.SIGTERM)
        self.assertEqual(self.process.wait(timeout=10), 0)
        self.assertEqual(self.process.stdout.read(), "")
        self.process.stdin.close()


class Fleet(unittest.TestCase):
    def test_nothing_is_planted_and_healthy_at_once(self):
        planted = {(i["accountId"], i["region"], i["rule"], i["resourceId"]) for i in admin("GET", "planted")}
        self.assertEqual(len(planted), len(admin("GET", "planted")))
        for item in admin("GET", "healthy"):
            for rule in item["mustNotFind"]:
                self.assertNotIn((item["accountId"], item["region"], rule, item["resourceId"]), planted)

    def test_planted_instances_and_volumes_exist(self):
        ec2 = client("ec2", account=SHOP)
        ids = {i["InstanceId"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]}
        ids |= {item["VolumeId"] for item in ec2.describe_volumes()["Volumes"]}
        for item in admin("GET", "planted"):
            if (item["accountId"], item["region"]) == (SHOP, "us-east-1") and item["resourceId"].startswith(("i-", "vol-")):
                self.assertIn(item["resourceId"], ids)

    def test_stopped_instances_tell_when(self):
        ec2 = client("ec2", account=SHOP)
        found = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}])
        reasons = [i["StateTransitionReason"] for r in found["Reservations"] for i in r["Instances"]]
        self.assertTrue(any(r.startswith("User initiated (2026-") and r.endswith(" GMT)") for r in reasons), reasons)


class Scheduled(unittest.TestCase):
    """The demo's machines under the schedule ``office``, and their look-alikes."""

    def tags(self, item: dict) -> dict:
        found = admin("GET", f"resources?accountId={item['accountId']}&region={item['region']}")
        return next(one["tags"] for one in found if (one["kind"], one["resourceId"]) == (item["kind"], item["resourceId"]))

    def test_both_accounts_have_some_to_move_and_each_look_alike(self):
        listed = admin("GET", "scheduled")
        for account in (SHOP, DATA):
            mine = [item for item in listed if item["accountId"] == account]
            self.assertEqual({item["kind"] for item in mine if item["follows"]}, {"instance", "dbInstance", "dbCluster"})
            self.assertEqual(len({item["why"] for item in mine if not item["follows"]}), 9)

    def test_what_follows_is_tagged_exactly(self):
        for item in admin("GET", "scheduled"):
            if item["follows"]:
                tags = self.tags(item)
                self.assertEqual((tags["Scheduler"], tags["Schedule"]), ("Enabled", "office"), item)

    def test_everything_with_the_gate_is_listed(self):
        listed = {(i["accountId"], i["region"], i["kind"], i["resourceId"]) for i in admin("GET", "scheduled")}
        for account in (SHOP, DATA):
            for item in admin("GET", f"resources?accountId={account}"):
                if item["tags"].get("Scheduler") == "Enabled":
                    self.assertIn((account, item["region"], item["kind"], item["resourceId"]), listed)
