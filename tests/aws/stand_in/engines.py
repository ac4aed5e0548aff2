"""RDS engine versions, and the dates of their standard and extended support.

A small table: the major versions that Tuner's rules speak of, with one minor version each.
"""

import datetime as dt

UTC = dt.timezone.utc
# engine, version, parameter group family, start of extended support, its end (None: not known)
VERSIONS = [
    ("mysql", "5.7.44", "mysql5.7", "2024-03-01", "2029-06-30"),
    ("mysql", "8.0.42", "mysql8.0", "2026-08-01", "2029-07-31"),
    ("mysql", "8.4.5", "mysql8.4", "2029-08-01", "2032-07-31"),
    ("postgres", "11.22", "postgres11", "2024-04-01", "2027-03-31"),
    ("postgres", "12.22", "postgres12", "2025-03-01", "2028-02-29"),
    ("postgres", "13.20", "postgres13", "2026-03-01", "2029-02-28"),
    ("postgres", "14.17", "postgres14", "2027-03-01", "2030-02-28"),
    ("postgres", "15.12", "postgres15", "2028-03-01", "2031-02-28"),
    ("postgres", "16.8", "postgres16", "2029-03-01", "2032-02-29"),
    ("postgres", "17.4", "postgres17", "2030-03-01", "2033-02-28"),
    ("mariadb", "10.11.11", "mariadb10.11", None, None),
    ("mariadb", "11.4.5", "mariadb11.4", None, None),
    ("aurora-mysql", "5.7.mysql_aurora.2.12.5", "aurora-mysql5.7", "2024-12-01", "2027-02-28"),
    ("aurora-mysql", "8.0.mysql_aurora.3.10.0", "aurora-mysql8.0", "2028-05-01", "2029-07-31"),
    ("aurora-postgresql", "12.22", "aurora-postgresql12", "2025-03-01", "2028-02-29"),
    ("aurora-postgresql", "17.4", "aurora-postgresql17", "2030-03-01", "2033-02-28"),
    ("sqlserver-se", "16.00.4185.3.v1", "sqlserver-se-16.0", None, None),
]


def _major(family: str, engine: str) -> str:
    return family.removeprefix(engine).lstrip("-")


def _chosen(params: dict, version_key: str = "EngineVersion") -> list[tuple]:
    wanted = params.get(version_key)
    rows = [row for row in VERSIONS if params.get("Engine") in (None, row[0])]
    return [row for row in rows if not wanted or wanted in (row[1], _major(row[2], row[0]))]


def describe_db_engine_versions(params: dict) -> dict:
    family = params.get("DBParameterGroupFamily")
    rows = [row for row in _chosen(params) if family in (None, row[2])]
    return {"DBEngineVersions": [_version(row) for row in rows]}


def _version(row: tuple) -> dict:
    engine, version, family = row[:3]
    return {
        "Engine": engine, "EngineVersion": version, "MajorEngineVersion": _major(family, engine),
        "DBParameterGroupFamily": family, "Status": "available",
        "DBEngineDescription": engine, "DBEngineVersionDescription": f"{engine} {version}",
    }


def describe_db_major_engine_versions(params: dict) -> dict:
    rows = [row for row in _chosen(params, "MajorEngineVersion") if row[3]]
    return {"DBMajorEngineVersions": [_major_version(row) for row in rows]}


def _major_version(row: tuple) -> dict:
    engine, _, family, start, end = row
    begin = dt.datetime.fromisoformat(start).replace(tzinfo=UTC)
    finish = dt.datetime.fromisoformat(end).replace(tzinfo=UTC)
    standard = {"LifecycleSupportName": "open-source-rds-standard-support",
                "LifecycleSupportStartDate": begin - dt.timedelta(days=5 * 365), "LifecycleSupportEndDate": begin}
    extended = {"LifecycleSupportName": "open-source-rds-extended-support",
                "LifecycleSupportStartDate": begin, "LifecycleSupportEndDate": finish}
    major = _major(family, engine)
    return {"Engine": engine, "MajorEngineVersion": major, "SupportedEngineLifecycles": [standard, extended]}
