"""Cost Explorer on commitments: coverage, use and purchase advice, as far as they were seeded, and anomaly monitors.

Where nothing is known it answers as AWS does: ``DataUnavailableException``, or advice without details.
"""

from ..costs.filters import dimension
from ..errors import AwsError

NO_DATA = "Data is not available for the requested time period or filter."


def _seeded(state, call, kind: str, key: str) -> dict:
    for item in state.shelf(call.account_id, "global", kind):
        if item["key"] == key:
            return item["value"]
    raise AwsError("DataUnavailableException", NO_DATA, 400)


def _service_of(expression: dict | None, default: str) -> str:
    """The one service of a filter; AWS takes EC2 where none is named."""
    for part in (expression or {}).get("And", [expression or {}]):
        wanted = part.get("Dimensions", {})
        if wanted.get("Key") == "SERVICE":
            return wanted["Values"][0]
        if wanted and wanted["Key"] != "LINKED_ACCOUNT":
            dimension(wanted["Key"], "", None)
    return default


def savings_plans_coverage(state, call, params: dict) -> dict:
    coverage = _seeded(state, call, "plans-coverage", "")
    return {"SavingsPlansCoverages": [{"Attributes": {}, "Coverage": coverage, "TimePeriod": params["TimePeriod"]}]}


def savings_plans_utilization(state, call, _params: dict) -> dict:
    return {"Total": {"Utilization": _seeded(state, call, "plans-use", "")}}


EC2 = "Amazon Elastic Compute Cloud - Compute"


def reservation_coverage(state, call, params: dict) -> dict:
    return {"CoveragesByTime": [], "Total": _seeded(state, call, "reservations-coverage", _service_of(params.get("Filter"), EC2))}


def reservation_utilization(state, call, params: dict) -> dict:
    return {"UtilizationsByTime": [], "Total": _seeded(state, call, "reservations-use", _service_of(params.get("Filter"), EC2))}


def _advised(state, call, key: str) -> list:
    known = state.shelf(call.account_id, "global", "purchases")
    return [item["value"] for item in known if item["key"] == key]


def savings_plans_purchase(state, call, params: dict) -> dict:
    details = _advised(state, call, params["SavingsPlansType"])
    given = {key: params[key] for key in ("SavingsPlansType", "TermInYears", "PaymentOption", "LookbackPeriodInDays")}
    if params["SavingsPlansType"] == "DATABASE_SP" and (given["TermInYears"], given["PaymentOption"]) != ("ONE_YEAR", "NO_UPFRONT"):
        raise AwsError("ValidationException", "Database Savings Plans are sold for one year without upfront payment.", 400)
    return {
        "Metadata": {"RecommendationId": "demo"},
        "SavingsPlansPurchaseRecommendation": {**given, "SavingsPlansPurchaseRecommendationDetails": details},
    }


def reservation_purchase(state, call, params: dict) -> dict:
    details = _advised(state, call, params["Service"])
    given = {key: params[key] for key in ("TermInYears", "PaymentOption", "LookbackPeriodInDays") if key in params}
    return {
        "Metadata": {"RecommendationId": "demo"},
        "Recommendations": [{**given, "RecommendationDetails": details}] if details else [],
    }


def anomaly_monitors(state, call, _params: dict) -> dict:
    return {"AnomalyMonitors": state.shelf(call.account_id, "global", "anomaly-monitors")}


OPERATIONS = {
    "ce:GetAnomalyMonitors": anomaly_monitors,
    "ce:GetReservationCoverage": reservation_coverage,
    "ce:GetReservationPurchaseRecommendation": reservation_purchase,
    "ce:GetReservationUtilization": reservation_utilization,
    "ce:GetSavingsPlansCoverage": savings_plans_coverage,
    "ce:GetSavingsPlansPurchaseRecommendation": savings_plans_purchase,
    "ce:GetSavingsPlansUtilization": savings_plans_utilization,
}
