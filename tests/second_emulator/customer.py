"""Plays the customer on the second emulator: makes a role, and a few resources to find.

`customer.py URL make-role|make-stack|seed|try-session ACCOUNT`; what they need comes as JSON on standard input.
Prints one JSON value. Signed with the account's root credentials: the account's own number.
"""

import json
import sys

import botocore.exceptions
import botocore.session

REGION = "us-east-1"


def client(url, account, service, keys=None):
    session = botocore.session.Session()
    keys = keys or {"AccessKeyId": account, "SecretAccessKey": "test", "SessionToken": None}
    return session.create_client(
        service, REGION, endpoint_url=url, aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"],
    )


def make_role(url, account, given):
    """The role with its trust policy and its one inline policy; an existing one is changed."""
    iam = client(url, account, "iam")
    trust = json.dumps(given["trustPolicy"])
    try:
        iam.create_role(RoleName=given["roleName"], AssumeRolePolicyDocument=trust)
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=given["roleName"], PolicyDocument=trust)
    iam.put_role_policy(RoleName=given["roleName"], PolicyName="access", PolicyDocument=json.dumps(given["policy"]))
    return iam.get_role(RoleName=given["roleName"])["Role"]["Arn"]


def make_stack(url, account, given):
    """The stack of a template; answers its outputs."""
    cloudformation = client(url, account, "cloudformation")
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in given["parameters"].items()]
    cloudformation.create_stack(
        StackName=given["name"], TemplateBody=given["template"], Parameters=parameters,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    stack = cloudformation.describe_stacks(StackName=given["name"])["Stacks"][0]
    if stack["StackStatus"] != "CREATE_COMPLETE":
        sys.exit(f"{stack['StackStatus']}: {stack.get('StackStatusReason')}")
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def seed(url, account, _given):
    """An instance, a volume that nothing is attached to, an address that nothing uses."""
    ec2 = client(url, account, "ec2")
    instance = ec2.run_instances(ImageId="ami-0abcdef1234567890", InstanceType="t3.micro", MinCount=1, MaxCount=1)
    volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=100, VolumeType="gp2")
    address = ec2.allocate_address(Domain="vpc")
    return {
        "instance": instance["Instances"][0]["InstanceId"],
        "volume": volume["VolumeId"],
        "address": address["AllocationId"],
    }


def try_session(url, account, given):
    """What a session of a role may do that is opened with a session policy: the code of each refusal."""
    sts = client(url, account, "sts")
    keys = sts.assume_role(
        RoleArn=given["roleArn"], RoleSessionName="try", ExternalId=given["externalId"], Policy=given["policy"]
    )["Credentials"]
    ec2 = client(url, None, "ec2", keys)
    calls = {
        "read": lambda: ec2.describe_volumes(),
        "write": lambda: ec2.create_volume(AvailabilityZone=REGION + "a", Size=1),
    }
    return {name: outcome(call) for name, call in calls.items()}


def outcome(call):
    try:
        call()
        return "allowed"
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def main():
    url, what, account = sys.argv[1:]
    text = sys.stdin.read()
    actions = {"make-role": make_role, "make-stack": make_stack, "seed": seed, "try-session": try_session}
    print(json.dumps(actions[what](url, account, json.loads(text) if text else {})))


if __name__ == "__main__":
    main()
