"""Every template's trust policy asks for the external ID and pins Tuner: evaluated, and broken on purpose."""

import re
import unittest

import yaml

from running import ROOT
from stand_in.access.policy import as_list
from stand_in.access.trust import may_assume

FOLDER = ROOT.parents[1] / "iam-policies"
ID = "8c5e0f3a-4b1d-4c2e-9f60-7a8b9c0d1e2f-e69627c1d6afe749"
NEXT = "1d6f1c7e-0a1b-4bbb-8ccc-1234567890ab-0123456789abcdef"
PRINCIPAL = "arn:aws:iam::123456789012:root"
US = {"accountId": "123456789012", "arn": "arn:aws:sts::123456789012:user/tuner"}
OTHERS = {"accountId": "999999999999", "arn": "arn:aws:sts::999999999999:user/eve"}


class Loader(yaml.SafeLoader):
    """CloudFormation's short forms as what they are short for."""


def _short(loader, suffix, node):
    made = loader.construct_sequence if isinstance(node, yaml.SequenceNode) else loader.construct_scalar
    value = made(node, deep=True) if made == loader.construct_sequence else made(node)
    return {suffix: value}


Loader.add_multi_constructor("!", _short)


def resolve(value, parameters):
    """What CloudFormation makes of it: of the short forms, Ref and If are enough for a trust policy."""
    if isinstance(value, dict) and value.keys() == {"Ref"}:
        return parameters[value["Ref"]]
    if isinstance(value, dict) and value.keys() == {"If"}:
        condition, yes, no = value["If"]
        return resolve(yes if holds(condition, parameters) else no, parameters)
    if isinstance(value, dict):
        return {key: resolve(item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, parameters) for item in value]
    return value


def holds(condition, parameters):
    assert condition == "HasNextExternalId", condition
    return parameters["NextExternalId"] != ""


def stack_trusts(text, next_id=""):
    parameters = {"TunerPrincipal": PRINCIPAL, "ExternalId": ID, "NextExternalId": next_id}
    resources = yaml.load(text, Loader)["Resources"].values()
    roles = [r["Properties"]["AssumeRolePolicyDocument"] for r in resources if r["Type"] == "AWS::IAM::Role"]
    return [resolve(document, parameters) for document in roles]


def block(text, head):
    """A block of Terraform from its head to the brace that closes it."""
    start = text.index(head)
    depth = 0
    for at in range(text.index("{", start), len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[start : at + 1]
    raise ValueError(f"{head} is not closed")


def terraform_trusts(text, next_id=""):
    """The trust document, and that every role uses it."""
    values = {"[var.tuner_principal]": [PRINCIPAL], "local.external_ids": [i for i in (ID, next_id) if i]}
    document = block(text, 'data "aws_iam_policy_document" "trust"')
    principal = re.search(r'principals \{\s+type\s+= "AWS"\s+identifiers = (\S+)', document)
    condition = re.search(r'condition \{\s+test\s+= "(\w+)"\s+variable = "([\w:]+)"\s+values\s+= (\S+)', document)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": values[principal[1]]}}
    if condition:
        statement["Condition"] = {condition[1]: {condition[2]: values[condition[3]]}}
    roles = text.count('resource "aws_iam_role" ')
    assert text.count("assume_role_policy   = data.aws_iam_policy_document.trust.json") == roles
    assert "external_ids        = compact([var.external_id, var.next_external_id])" in text
    return [{"Statement": [statement]}] * roles


def faults(trusts, ids=(ID,)):
    """What is wrong with trust policies; empty where each demands the external ID of Tuner alone."""
    found = [] if len(trusts) == 2 else [f"{len(trusts)} roles"]
    for trust in trusts:
        for statement in as_list(trust["Statement"]):
            if not statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId"):
                found.append("no StringEquals on sts:ExternalId")
            if "*" in str(statement["Principal"]):
                found.append("a wildcard principal")
        found += ["refuses Tuner"] * sum(not may_assume(trust, US, given) for given in ids)
        found += ["lets others in"] * (may_assume(trust, OTHERS, ID) or may_assume(trust, US, None) or may_assume(trust, US, "wrong-id"))
    return found


READERS = {
    "cloudformation/tuner.yaml": stack_trusts,
    "cloudformation/tuner-stackset.yaml": stack_trusts,
    "terraform/main.tf": terraform_trusts,
}
# Ways to spoil a template, each of which must be noticed.
SPOILT = [
    (r"(?s)            Condition:\n              StringEquals:\n                sts:ExternalId: !If\n(?:                  .*?\n){3}", ""),
    (r"(?s)\n    condition \{\s+test\s+= \"StringEquals\"\s+variable = \"sts:ExternalId\".*?\}\n", "\n"),
    (r"StringEquals(?=:\n +sts:ExternalId)", "StringLike"),
    (r"AWS: !Ref TunerPrincipal", 'AWS: "*"'),
    (r"sts:ExternalId", "aws:PrincipalTag/Any"),
]


class Templates(unittest.TestCase):
    def test_each_trust_policy_demands_the_external_id_of_tuner(self):
        for name, read in READERS.items():
            with self.subTest(name):
                text = (FOLDER / name).read_text()
                self.assertEqual(faults(read(text)), [])
                self.assertEqual(faults(read(text, NEXT), (ID, NEXT)), [], "both during a rotation")

    def test_the_plain_trust_policy_does_too(self):
        text = (FOLDER / "trust-policy.json").read_text()
        document = yaml.safe_load(text.replace("TUNER_ACCOUNT_ID", US["accountId"]).replace("EXTERNAL_ID", ID))
        self.assertEqual(faults([document, document]), [])

    def test_a_spoilt_template_is_noticed(self):
        noticed = 0
        for name, read in READERS.items():
            text = (FOLDER / name).read_text()
            for pattern, instead in SPOILT:
                spoilt = re.sub(pattern, instead, text)
                if spoilt != text:
                    noticed += 1
                    with self.subTest(f"{name}: {pattern}"):
                        self.assertNotEqual(faults(read(spoilt)), [])
        self.assertGreaterEqual(noticed, 2 * 4 + 2)

    def test_parameters_are_checked_by_pattern(self):
        for name in list(READERS)[:2]:
            parameters = yaml.load((FOLDER / name).read_text(), Loader)["Parameters"]
            fits = lambda key, value: re.search(parameters[key]["AllowedPattern"], value) is not None
            self.assertTrue(fits("ExternalId", ID) and fits("TunerPrincipal", PRINCIPAL))
            for bad in ("*", ID.upper(), ID + "0", ID[:-1], "mine"):
                self.assertFalse(fits("ExternalId", bad), bad)
            for bad in ("*", "arn:aws:iam::*:root", "arn:aws:iam::123456789012:role/*", "123456789012"):
                self.assertFalse(fits("TunerPrincipal", bad), bad)

    def test_quick_create_fills_in_parameters_that_exist(self):
        source = (ROOT.parents[1] / "src/aws/policy.rs").read_text()
        filled = re.findall(r'"param_(\w+)"', source)
        parameters = yaml.load((FOLDER / "cloudformation/tuner.yaml").read_text(), Loader)["Parameters"]
        self.assertEqual([p for p in filled if p not in parameters], [])
        self.assertEqual({key for key, p in parameters.items() if "Default" not in p}, set(filled))


if __name__ == "__main__":
    unittest.main()
