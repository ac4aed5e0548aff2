"""DynamoDB's tables and backups. No item is kept."""

from ..errors import AwsError


def _stock(state, call):
    return state.serverless.of(call.account_id, call.region)


def _table(state, call, name: str) -> str:
    name = name.rpartition("table/")[2]
    if name not in _stock(state, call).tables:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found", 400)
    return name


def _after(names: list, start: str | None, limit: int) -> tuple[list, str | None]:
    """Pages by the last name, as DynamoDB's."""
    first = names.index(start) + 1 if start in names else 0
    page = names[first : first + limit]
    return page, page[-1] if first + limit < len(names) else None


def list_tables(state, call, params: dict) -> dict:
    names, last = _after(sorted(_stock(state, call).tables), params.get("ExclusiveStartTableName"), params.get("Limit") or 100)
    return {"TableNames": names, **({"LastEvaluatedTableName": last} if last else {})}


def describe_table(state, call, params: dict) -> dict:
    return {"Table": _stock(state, call).tables[_table(state, call, params["TableName"])]}


def list_tags_of_resource(state, call, params: dict) -> dict:
    return {"Tags": _stock(state, call).table_tags.get(_table(state, call, params["ResourceArn"]), [])}


def describe_time_to_live(state, call, params: dict) -> dict:
    name = _table(state, call, params["TableName"])
    off = {"TimeToLiveStatus": "DISABLED"}
    return {"TimeToLiveDescription": _stock(state, call).expiry.get(name, off)}


def describe_continuous_backups(state, call, params: dict) -> dict:
    name = _table(state, call, params["TableName"])
    status = "ENABLED" if _stock(state, call).recovery.get(name) else "DISABLED"
    description = {"PointInTimeRecoveryStatus": status}
    return {
        "ContinuousBackupsDescription": {
            "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": description,
        }
    }


def list_backups(state, call, params: dict) -> dict:
    """Only the user's own, where nothing is said."""
    wanted = params.get("BackupType") or "USER"
    found = {
        item["BackupArn"]: item for item in _stock(state, call).backups
        if wanted in ("ALL", item["BackupType"]) and params.get("TableName") in (None, item["TableName"])
    }
    arns, last = _after(list(found), params.get("ExclusiveStartBackupArn"), params.get("Limit") or 100)
    more = {"LastEvaluatedBackupArn": last} if last else {}
    return {"BackupSummaries": [found[arn] for arn in arns], **more}


OPERATIONS = {
    "dynamodb:ListTables": list_tables,
    "dynamodb:DescribeTable": describe_table,
    "dynamodb:ListTagsOfResource": list_tags_of_resource,
    "dynamodb:DescribeTimeToLive": describe_time_to_live,
    "dynamodb:DescribeContinuousBackups": describe_continuous_backups,
    "dynamodb:ListBackups": list_backups,
}
