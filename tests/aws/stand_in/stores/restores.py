"""Fast snapshot restores."""

from ..serverless.paging import page, with_token


def describe_fast_snapshot_restores(state, call, params: dict) -> dict:
    wanted = [value for item in params.get("Filters") or [] if item["Name"] == "state" for value in item["Values"]]
    known = state.shelf(call.account_id, call.region, "fast-restores")
    found = [item for item in known if not wanted or item["State"] in wanted]
    part, token = page(found, params.get("NextToken"), params.get("MaxResults"), 200)
    return with_token({"FastSnapshotRestores": part}, "NextToken", token)


OPERATIONS = {"ec2:DescribeFastSnapshotRestores": describe_fast_snapshot_restores}
