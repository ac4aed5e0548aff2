"""A whole Tuner to attack: the AWS stand-in, `tuner serve` on loopback, an organisation with a scanned account.

Nothing of it outlives the `with` block; nothing listens on another address than 127.0.0.1.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "222222222222"
ORGANIZATION = "main"
PATIENCE_SECONDS = 180
# Nothing of the tester's own AWS or Tuner settings reaches what is tested.
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TUNER_"))}
AWS = {
    "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}


class Lab:
    """`url` of the server, `token` of an organisation's administrator, `version` of the API's document."""

    def __init__(self, tuner, settings=None):
        self.tuner = tuner
        self.settings = settings or {}
        self.processes = []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="tuner-security-")
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait()
        self.folder.cleanup()

    def _start(self):
        python = os.environ.get("TUNER_TEST_PYTHON", sys.executable)
        stand_in = [python, "-m", "stand_in", "--port", "0", "--seed", "demo", "--exit-with-parent"]
        path = {"PYTHONPATH": str(ROOT / "tests/aws"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.aws = self._spawn(stand_in, dict(CLEAN, **path), "ready ")
        self.env = dict(
            CLEAN, **AWS, TUNER_DATA_DIR=self.folder.name, TUNER_AWS__ENDPOINT_URL=self.aws,
            TUNER_SERVER__LISTEN="127.0.0.1:0", TUNER_LIMITS__ENABLED="false", TUNER_LOG="error", **self.settings,
        )
        self.url = self._spawn([self.tuner, "serve"], self.env, "Listening on ")
        self.token = self.member("security", "ORGANIZATION_ADMIN")

    def _spawn(self, command, env, prefix):
        self.log = Path(self.folder.name) / f"{len(self.processes)}.log"
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log.open("w"), text=True
        )
        self.processes.append(process)
        for line in process.stdout:
            if line.startswith(prefix):
                return line[len(prefix):].strip()
        raise RuntimeError(f"{command[0]} ended: {self.log.read_text()[-500:]}")

    def cli(self, *arguments):
        ran = subprocess.run([self.tuner, *arguments], env=self.env, capture_output=True, text=True)
        if ran.returncode:
            raise RuntimeError(f"tuner {' '.join(arguments)}: {ran.stderr}")
        return ran.stdout.strip()

    def member(self, name, role):
        """A new member; answers their token."""
        who = ["--organization", ORGANIZATION, "--user", name]
        self.cli("user", "add", "--role", role, *who)
        return self.cli("user", "token", *who)

    def call(self, method, path, body=None, token=None):
        """Status and JSON body of one request to the API."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token or self.token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                text = reply.read()
                return reply.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def headers(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as reply:
            return {name.lower(): value for name, value in reply.headers.items()}

    def seed(self):
        """Links and scans the stand-in's shop, so that every list has something in it."""
        api = "/api/v1/accounts"
        made = self.expect(201, *self.call("POST", api, {"accountId": ACCOUNT, "name": "Shop"}))
        policy = json.loads((ROOT / "iam-policies/read-only.json").read_text())
        role = {"accountId": ACCOUNT, "roleName": "Tuner", "trustPolicy": made["trustPolicy"], "policy": policy}
        request = urllib.request.Request(f"{self.aws}/_stand-in/roles", json.dumps(role).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            arn = json.load(reply)["roleArn"]
        self.expect(200, *self.call("POST", f"{api}/{ACCOUNT}/link", {"roleArn": arn}))
        scan = self.expect(202, *self.call("POST", f"{api}/{ACCOUNT}/scans", {"regions": ["us-east-1"]}))
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.call("GET", f"{api}/{ACCOUNT}/scans/{scan['id']}")[1]["status"] == "running":
            if time.monotonic() > deadline:
                raise RuntimeError("the scan does not end")
            time.sleep(0.1)
        return scan["id"]

    @staticmethod
    def expect(wanted, status, body):
        if status != wanted:
            raise RuntimeError(f"{wanted} was expected: {status} {body}")
        return body

    def panics(self):
        """What the server said that no request may make it say."""
        logs = "".join(path.read_text() for path in Path(self.folder.name).glob("*.log"))
        return [line for line in logs.splitlines() if "panicked" in line]
