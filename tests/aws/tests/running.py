"""Starts one stand-in for all test modules, with the demo fleet, and hands out clients for it."""

import atexit
import json
import subprocess
import sys
import urllib.request
from functools import lru_cache
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[1]
SHOP, DATA = "222222222222", "333333333333"
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
