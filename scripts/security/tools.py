"""What the checks share: where a tool is, how it is run, how a finding ends the run."""

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Finding(Exception):
    """A tool found something: the first line says what."""


class NotRun(Exception):
    """A check that could not be made, said aloud: it never passes in silence."""


def program(cache, name, tool):
    """A program of the environment that belongs to `requirements/NAME.txt`; installs it once."""
    requirements = f"scripts/security/requirements/{name}.txt"
    path = subprocess.run([ROOT / "scripts/venv-path", cache, requirements], capture_output=True, text=True, check=True)
    python = Path(path.stdout.strip())
    subprocess.run([ROOT / "scripts/install-venv", python, requirements, f"{tool} for the security checks"], check=True)
    return python.parent / tool


def run(command, **options):
    """Exit code and all that was said."""
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    return ran.returncode, ran.stdout


def must_pass(what, command, **options):
    code, said = run(command, **options)
    if code:
        raise Finding(f"{what} ends with {code}\n{said[-20000:]}")
    return said
