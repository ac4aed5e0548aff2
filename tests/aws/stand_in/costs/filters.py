"""Cost Explorer's filter expressions and the dimensions of a cost line."""

from ..errors import AwsError
from .store import CostLine

DIMENSIONS = {
    "SERVICE": lambda account, line: line.service,
    "USAGE_TYPE": lambda account, line: line.usage_type,
    "REGION": lambda account, line: line.region,
    "PURCHASE_TYPE": lambda account, line: line.purchase_type,
    "RECORD_TYPE": lambda account, line: line.record_type,
    "LEGAL_ENTITY_NAME": lambda account, line: line.legal_entity,
    "LINKED_ACCOUNT": lambda account, line: account,
}


def dimension(key: str, account_id: str, line: CostLine) -> str:
    if key not in DIMENSIONS:
        raise AwsError("ValidationException", f"The stand-in does not know the dimension {key}.")
    return DIMENSIONS[key](account_id, line)


def holds(expression: dict | None, account_id: str, line: CostLine) -> bool:
    if not expression:
        return True
    if "And" in expression:
        return all(holds(item, account_id, line) for item in expression["And"])
    if "Or" in expression:
        return any(holds(item, account_id, line) for item in expression["Or"])
    if "Not" in expression:
        return not holds(expression["Not"], account_id, line)
    wanted = expression.get("Dimensions")
    if not wanted:
        raise AwsError("ValidationException", "The stand-in filters by Dimensions, And, Or and Not only.")
    return dimension(wanted["Key"], account_id, line) in wanted["Values"]
