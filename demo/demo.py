"""The main job on real AWS wire traffic: link two customers' accounts, scan them, show what to save, and stop
what is tagged for the evening.

Starts the AWS stand-in and `tuner serve` on free loopback ports with a data folder of its own, plays the
customer (makes the roles that Tuner's trust policy asks for), and stops everything it started. Talks to
Tuner through its public JSON API only. Standard library only.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from client import DemoError, call, cut
from scheduling import show_scheduler

HERE = Path(__file__).resolve().parent
STAND_IN = HERE.parent / "tests" / "aws"
POLICIES = HERE.parent / "iam-policies"
CUSTOMERS = [("222222222222", "Shop"), ("333333333333", "Data platform")]
# The roles that a customer makes, and what each may do.
ROLES = {"TunerReadOnly": "read-only.json", "TunerScheduler": "scheduler.json"}

class Programs:
    """The programs that the demo started, stopped in reverse order whatever happens."""

    def __init__(self):
        self.running = []

    def start(self, name, command, log, env):
        with open(log, "wb") as errors:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=env, text=True)
        self.running.append((name, process))
        return process

    def stop(self):
        # A second Ctrl-C must not leave half of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for _, process in reversed(self.running):
            if process.poll() is None:
                process.terminate()
        for name, process in reversed(self.running):
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                print(f"{name} did not stop when asked; ending it.", file=sys.stderr)
                process.kill()
                process.wait()

    def ended(self):
        """The first program that ended by itself."""
        return next((name for name, process in self.running if process.poll() is not None), None)


def read_line(process, prefix, name, log, before=None):
    """The first line of a program's output that begins with a word; its log if it ends before that."""
    for line in process.stdout:
        if before and line.startswith(before):
            raise DemoError("the database has an administrator already: give the demo an empty one in TUNER_DATABASE__URL")
        if line.startswith(prefix):
            return line[len(prefix):].strip()
    process.wait()
    tail = "\n".join(Path(log).read_text(errors="replace").splitlines()[-15:])
    raise DemoError(f"{name} ended with status {process.returncode}:\n{tail}")


def drain(process):
    """Keeps a program from blocking on a full pipe."""
    threading.Thread(target=lambda: [None for _ in process.stdout], daemon=True).start()


def start_stand_in(programs, folder):
    log = folder / "stand-in.log"
    env = dict(os.environ, PYTHONPATH=str(STAND_IN), PYTHONDONTWRITEBYTECODE="1")
    command = [sys.executable, "-m", "stand_in", "--port", "0", "--seed", "demo", "--exit-with-parent"]
    process = programs.start("The AWS stand-in", command, log, env)
    url = read_line(process, "ready ", "The AWS stand-in", log)
    drain(process)
    return url


def start_tuner(programs, tuner, folder, aws):
    log = folder / "tuner.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "TUNER_"))}
    env = dict(
        clean,
        AWS_ACCESS_KEY_ID="demo",
        AWS_SECRET_ACCESS_KEY="demo",
        AWS_EC2_METADATA_DISABLED="true",
        TUNER_AWS__ENDPOINT_URL=aws,
        TUNER_DATA_DIR=str(folder / "data"),
        TUNER_SERVER__LISTEN="127.0.0.1:0",
        # Waiting for a scan asks several times a second.
        TUNER_LIMITS__ENABLED="false",
    )
    if os.environ.get("TUNER_DATABASE__URL"):
        env["TUNER_DATABASE__URL"] = os.environ["TUNER_DATABASE__URL"]
    process = programs.start("tuner serve", [tuner, "serve"], log, env)
    url = read_line(process, "Listening on ", "tuner serve", log)
    setup = read_line(process, "Set-up token: ", "tuner serve", log, before="Ready.")
    drain(process)
    return url, setup, env


def link(api, aws, token, account, name):
    """What a customer does: take Tuner's trust policy, make the roles, tell Tuner their ARNs."""
    made = call("POST", f"{api}/accounts", {"accountId": account, "name": name}, token)
    for role, policy in ROLES.items():
        document = json.loads((POLICIES / policy).read_text())
        call("POST", f"{aws}/_stand-in/roles", {"accountId": account, "roleName": role, "trustPolicy": made["trustPolicy"], "policy": document})
    reads, schedules = (f"arn:aws:iam::{account}:role/{role}" for role in ROLES)
    linked = call("POST", f"{api}/accounts/{account}/link", {"roleArn": reads, "schedulerRoleArn": schedules}, token)
    passed = sum(step["passed"] for step in linked["verification"]["steps"])
    print(f"  {account} {name}: external ID {made['externalId'][:8]}…, roles verified in {passed} steps")


def scan(api, token, account):
    started = call("POST", f"{api}/accounts/{account}/scans", {}, token)
    url = f"{api}/accounts/{account}/scans/{started['id']}"
    deadline = time.monotonic() + 300
    while (state := call("GET", url, token=token))["status"] == "running":
        if time.monotonic() > deadline:
            raise DemoError(f"the scan of {account} did not end within five minutes")
        time.sleep(0.2)
    if state["status"] not in ("complete", "partial"):
        raise DemoError(f"the scan of {account} ended as {state['status']}: {json.dumps(state)}")
    seconds = state.get("durationMs", 0) / 1000
    print(f"  {account}: {state['status']}, {state['apiUsage']['totalCalls']} AWS calls, {len(state['gaps'])} gaps, {seconds:.1f} s")


def show(api, token):
    listed = call("GET", f"{api}/recommendations?limit=100&sort=-savings", token=token)["items"]
    best = sorted((row for row in listed if row["isBestForResource"]), key=lambda row: -float(row["countedMonthlySavings"]))[:10]
    print(f"\n  {'USD/month':>10}  {'Account':12}  {'Region':13} {'Resource':32} What to do")
    for row in best:
        name = row["resourceName"] or row["resourceId"]
        amount = float(row["countedMonthlySavings"])
        print(f"  {amount:>10,.2f}  {row['accountId']}  {row['region']:13} {cut(name, 31):32} {cut(row['title'], 70)}")
    totals = call("GET", f"{api}/savings/summary", token=token)
    print(f"\n  {'Service':20} {'Recommendations':>16} {'USD/month':>12}")
    for row in totals["byService"]:
        print(f"  {row['service']:20} {row['recommendationCount']:>16} {float(row['estimatedMonthlySavings']):>12,.2f}")
    print(f"  {'Total':20} {totals['recommendationCount']:>16} {float(totals['estimatedMonthlySavings']):>12,.2f}   each resource counted once")


def run(options, programs, folder):
    print("Starting the AWS stand-in with two customer accounts …", flush=True)
    aws = start_stand_in(programs, folder)
    print("Starting tuner serve on an empty database …", flush=True)
    url, setup, env = start_tuner(programs, options.tuner, folder, aws)
    api = f"{url}/api/v1"
    signed_in = call("POST", f"{api}/auth/setup", {"setupToken": setup, "name": "Demo administrator"})
    token = signed_in["accessToken"]
    print("Linking both accounts (external ID from Tuner, roles made by the customer, verified):", flush=True)
    for account, name in CUSTOMERS:
        link(api, aws, token, account, name)
    print("Scanning:", flush=True)
    for account, _ in CUSTOMERS:
        scan(api, token, account)
    show(api, token)
    show_scheduler(options.tuner, env, api, aws, token, folder)
    print(f"\nTuner:    {url}   (API description: {api}/openapi.json)")
    token_file = folder / "token"
    token_file.write_text(token)
    token_file.chmod(0o600)
    print(f"Sign in:  curl -H \"Authorization: Bearer $(cat {token_file})\" {api}/recommendations")
    sys.stdout.flush()
    if options.once:
        return
    print("Ctrl-C stops everything.", flush=True)
    while not (name := programs.ended()):
        time.sleep(0.5)
    raise DemoError(f"{name} ended by itself; its log is in {folder}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tuner", required=True, help="the tuner binary")
    options = parser.parse_args()
    options.once = os.environ.get("DEMO_ONCE", "") not in ("", "0")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = Programs()
    folder = Path(tempfile.mkdtemp(prefix="tuner-demo-"))
    try:
        run(options, programs, folder)
    except KeyboardInterrupt:
        print("\nStopping.")
    except (DemoError, OSError) as error:
        print(f"The demo failed: {error}", file=sys.stderr)
        return 1
    finally:
        programs.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
