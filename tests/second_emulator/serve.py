"""Starts ministack with its IAM checks on, on a free loopback port, for as long as standard input is open.

Prints `ready http://127.0.0.1:PORT` when it answers. A port of our own choice may be taken by another process
before the server has it: then it ends, and says so.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 60


def free_port():
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return chosen.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=2) as reply:
            return reply.status == 200
    except (urllib.error.URLError, OSError):
        return False


def main():
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="tuner-ministack-") as folder:
        clean = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": folder}
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, stdin=subprocess.DEVNULL, stdout=sys.stderr,
            env=dict(clean, GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", AUTH="true"),
        )
        # However we are ended, the server ends with us.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            for _ in range(PATIENCE_SECONDS * 20):
                if answers(url):
                    break
                if server.poll() is not None:
                    sys.exit("ministack ended before it answered")
                time.sleep(0.05)
            print(f"ready {url}", flush=True)
            sys.stdin.read()
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
