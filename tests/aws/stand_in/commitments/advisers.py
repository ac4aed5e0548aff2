"""Cost Optimization Hub and Compute Optimizer: who opted in, and what they found."""

from ..errors import AwsError
from ..serverless.paging import page, with_token


def _opted_in(state, call) -> bool:
    return not state.shelf(call.account_id, "global", "no-advisers")


def list_enrollment_statuses(state, call, _params: dict) -> dict:
    status = "Active" if _opted_in(state, call) else "Inactive"
    return {"items": [{"accountId": call.account_id, "status": status}]}


def list_recommendations(state, call, params: dict) -> dict:
    if not _opted_in(state, call):
        raise AwsError("ValidationException", "Account is not enrolled in Cost Optimization Hub.", 400)
    known = state.shelf(call.account_id, "global", "hub")
    found, token = page(known, params.get("nextToken"), params.get("maxResults"), 1000)
    return with_token({"items": found}, "nextToken", token)


def enrollment_status(state, call, _params: dict) -> dict:
    return {"status": "Active" if _opted_in(state, call) else "Inactive", "memberAccountsEnrolled": False}


def _optimizer(kind: str, name: str):
    def answer(state, call, params: dict) -> dict:
        if not _opted_in(state, call):
            raise AwsError("OptInRequiredException", "Your account is not opted in to Compute Optimizer.", 400)
        known = state.shelf(call.account_id, call.region, kind)
        found, token = page(known, params.get("nextToken"), params.get("maxResults"), 1000)
        return with_token({name: found, "errors": []}, "nextToken", token)
    return answer


OPERATIONS = {
    "compute-optimizer:GetEnrollmentStatus": enrollment_status,
    "compute-optimizer:GetIdleRecommendations": _optimizer("idle", "idleRecommendations"),
    "compute-optimizer:GetLicenseRecommendations": _optimizer("licenses", "licenseRecommendations"),
    "cost-optimization-hub:ListEnrollmentStatuses": list_enrollment_statuses,
    "cost-optimization-hub:ListRecommendations": list_recommendations,
}
