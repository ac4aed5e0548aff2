"""schemathesis over the complete OpenAPI document, signed in as an organisation's administrator: all its checks.

What is expected and what is left out stands in `schemathesis.toml`, with reasons.
"""

import os
import tempfile

from lab import CLEAN
from tools import HERE, Finding, program, run

# Examples of each operation and phase. The quick run is for every change, the other one before a release.
EXAMPLES = {"quick": 8, "all": 60}
# A run of the scheduler asks all of AWS's regions before it answers, and here a scan may do the same beside it.
ANSWER_SECONDS = "60"
PHASES = {"quick": "examples,coverage,fuzzing", "all": "examples,coverage,fuzzing,stateful"}


def check(cache, lab, depth="all"):
    lab.seed()
    with tempfile.TemporaryDirectory() as folder:
        code, said = run(
            [
                program(cache, "api", "schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
                f"{lab.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {lab.token}", "--checks", "all",
                "--phases", PHASES[depth], "--max-examples", str(EXAMPLES[depth]), "--seed", "1",
                "--generation-deterministic", "--continue-on-failure", "--no-color",
                "--workers", "1", "--request-timeout", ANSWER_SECONDS, "--warnings", "off",
            ],
            cwd=folder, env=dict(CLEAN, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE), TERM="dumb"),
        )
    if code:
        raise Finding(f"schemathesis ends with {code}\n{said[-20000:]}")
    if "Tested: 0" in said or "Tested:" not in said:
        raise Finding(f"schemathesis tested nothing\n{said[-2000:]}")
    if lab.call("GET", "/api/v1/auth/me")[0] != 200:
        raise Finding("the token died on the way: an operation that signs out belongs into schemathesis.toml")
    if lab.panics():
        raise Finding(f"the server panicked\n{lab.panics()}")
