"""Starts one stand-in for all test modules, with the demo fleet, and hands out clients for it."""

import atexit
import datetime as dt
import json
import subprocess
import sys
import urllib.request
from functools import lru_cache
from itertools import count
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parents[1]
SHOP, DATA = "222222222222", "333333333333"
ACCOUNTS = count(700_000_000_000)
NOW = "2026-09-15T10:20:00Z"


@lru_cache(maxsize=None)
def endpoint() -> str:
    command = [sys.executable, "-m", "stand_in", "--port", "0", "--seed", "demo", "--now", NOW, "--exit-with-parent"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(stop, process)
    word, url = process.stdout.readline().split()
    assert word == "ready"
    return url


def stop(process: subprocess.Popen) -> int:
    process.terminate()
    code = process.wait(timeout=10)
    process.stdin.close()
    process.stdout.close()
    return code


def client(service: str, region: str = "us-east-1", keys: dict | None = None, account: str | None = None):
    """As Tuner's own account, as an engineer of ``account``, or with assumed-role ``keys``."""
    own = f"AKIA{account}DEMO" if account else "AKIATUNER"
    given = keys or {"AccessKeyId": own, "SecretAccessKey": "x", "SessionToken": None}
    return boto3.client(
        service, region_name=region, endpoint_url=endpoint(), aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
        config=Config(retries={"max_attempts": 0}),
    )


def admin(method: str, path: str, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{endpoint()}/_stand-in/{path}", data=data, method=method)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def trust(external_id: str | None = None, principal: str = "arn:aws:iam::123456789012:root", operator="StringEquals"):
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    if external_id:
        statement["Condition"] = {operator: {"sts:ExternalId": external_id}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(*actions: str) -> dict:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}


def assume(role: str, account: str = SHOP, **more) -> dict:
    arn = f"arn:aws:iam::{account}:role/{role}"
    return client("sts").assume_role(RoleArn=arn, RoleSessionName=f"tuner-session-{account}", **more)["Credentials"]


class Customer:
    """An account of its own, with a role that may do what ``policy`` says (everything, if nothing is said)."""

    region = "eu-west-1"

    def __init__(self, policy: dict | None = None, session_policy: dict | None = None):
        self.id = f"{next(ACCOUNTS):012}"
        self.may(policy or allow("*"))
        narrowed = {"Policy": json.dumps(session_policy)} if session_policy else {}
        self.keys = assume("Tuner", self.id, **narrowed)
        self.ec2, self.rds = (client(name, self.region, self.keys) for name in ("ec2", "rds"))

    def may(self, policy: dict) -> None:
        admin("PUT", "roles", {"accountId": self.id, "roleName": "Tuner", "trustPolicy": trust(), "policy": policy})

    def make(self, kind: str = "instance", **what) -> list[str]:
        return admin("POST", "resources", {"accountId": self.id, "region": self.region, "kind": kind, **what})["ids"]

    def change(self, kind: str, name: str, **what) -> dict:
        return admin("PATCH", "resources", {"accountId": self.id, "region": self.region, "kind": kind, "resourceId": name, **what})

    def fault(self, **fault) -> None:
        admin("POST", "faults", [{"accountId": self.id, **fault}])

    def delays(self, **seconds) -> None:
        admin("PUT", "delays", {"accountId": self.id, **seconds})

    def later(self, **delta) -> None:
        admin("POST", "clock", {"accountId": self.id, "advanceSeconds": dt.timedelta(**delta).total_seconds()})

    def calls(self) -> list[dict]:
        return admin("GET", f"power-calls?accountId={self.id}")

    def describe(self, *ids: str) -> list[dict]:
        reply = self.ec2.describe_instances(InstanceIds=ids)
        return [item for reservation in reply["Reservations"] for item in reservation["Instances"]]

    def states(self, *ids: str) -> list[str]:
        found = {item["InstanceId"]: item["State"]["Name"] for item in self.describe(*ids)}
        return [found[name] for name in ids]


def refusal(call, **params) -> tuple[str, str, int]:
    """Code, message and HTTP status of a call that must not succeed."""
    try:
        call(**params)
    except ClientError as error:
        said = error.response["Error"]
        return said["Code"], said["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"{call.__name__} was allowed")
