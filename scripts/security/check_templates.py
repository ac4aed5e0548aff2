"""cfn-lint and checkov over everything that a customer deploys. Suppressions stand in the files, with a reason."""

from tools import ROOT, must_pass, program

FOLDER = ROOT / "iam-policies"


def check(cache, _lab):
    stacks = sorted((FOLDER / "cloudformation").glob("*.yaml"))
    must_pass("cfn-lint", [program(cache, "policies", "cfn-lint"), *stacks])
    must_pass("checkov", [
        program(cache, "policies", "checkov"), "--skip-download", "--quiet", "--compact", "-d", FOLDER,
        "--framework", "cloudformation", "terraform", "secrets",
    ])
