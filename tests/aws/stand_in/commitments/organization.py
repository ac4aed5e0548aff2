"""AWS Organizations as an account sees it: the management account lists all, members see whose they are."""

from ..errors import AwsError
from ..serverless.paging import page, with_token

SOMEBODY = "999999999999"


def _shelf(state, call) -> list:
    return state.shelf(call.account_id, "global", "organization")


def describe_organization(state, call, _params: dict) -> dict:
    if any(item["Id"] is None for item in _shelf(state, call)):
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400)
    payer = call.account_id if _shelf(state, call) else SOMEBODY
    arn = f"arn:aws:organizations::{payer}"
    return {"Organization": {
        "Id": "o-demo123456", "Arn": f"{arn}:organization/o-demo123456", "FeatureSet": "ALL",
        "MasterAccountId": payer, "MasterAccountArn": f"{arn}:account/o-demo123456/{payer}",
    }}


def list_accounts(state, call, params: dict) -> dict:
    known = [item for item in _shelf(state, call) if item["Id"]]
    if not known:
        text = "You don't have permissions to access this resource."
        raise AwsError("AccessDeniedException", text, 400)
    found, token = page(known, params.get("NextToken"), params.get("MaxResults"), 20)
    return with_token({"Accounts": found}, "NextToken", token)


OPERATIONS = {"organizations:DescribeOrganization": describe_organization, "organizations:ListAccounts": list_accounts}
