"""Plants what an account owns and does not use, what ends, what AWS advises to buy and what its advisers found."""

from .commitments import (
    Books, advise_plan, advise_reservation, buy_plan, hub_finding, reserve_databases, reserve_instances, reserve_nodes,
)
from .ledger import COMPUTE, RDS

RI_ENDS, SP_ENDS = "ri-expiring", "sp-expiring"
UNUSED, COVERED = "commitment-underutilized", "commitment-coverage-low"
CACHE, REDSHIFT, SEARCH = "Amazon ElastiCache", "Amazon Redshift", "Amazon OpenSearch Service"
MEMORY, SAGEMAKER, DYNAMODB = "Amazon MemoryDB", "Amazon SageMaker", "Amazon DynamoDB"
HOME = "us-east-1"
ONE_YEAR = "one-year"


def charge_commitments(account) -> None:
    """What the account pays without anything that the demo makes: it is there to be covered."""
    add = lambda service, usage, usd: account.ledger.add_monthly(service, usage, HOME, usd)
    if account.name == "Shop":
        add("Amazon WorkSpaces", "AW-HW-2-AutoStop-User", 60.0)
        add("Amazon DocumentDB (with MongoDB compatibility)", "InstanceUsage:db.r6g.large", 300.0)
        add(SAGEMAKER, "Host:ml.m5.large", 90.0)
        return
    add(CACHE, "NodeUsage:cache.m6g.large", 420.0)
    add(REDSHIFT, "Node:ra3.xlplus", 1585.0)
    add(SEARCH, "ESInstance:r6g.large", 244.0)
    add(MEMORY, "NodeUsage:db.r6g.large", 340.0)
    add(SAGEMAKER, "Host:ml.m5.xlarge", 336.0)
    add(DYNAMODB, "WriteCapacityUnit-Hrs", 1000 * 0.00065 * 730)


def plant_commitments(state, account) -> None:
    books = Books(state, account)
    if account.name == "Shop":
        for plant in (_plant_reservations, _plant_plans, _plant_purchases, _plant_advisers, _plant_licenses):
            plant(books)
        books.plant("anomaly-monitor-missing", account.id, "Cost Anomaly Detection has no monitor", "exposure")
        _make_organization(books)
    else:
        _plant_other_purchases(books)
        _plant_outsider(books)


def _plant_reservations(books: Books) -> None:
    found = reserve_instances(books, HOME, "ends-soon", "m5.large", 12)
    books.plant(RI_ENDS, found, "ends in 12 days", "exposure", HOME)
    found = reserve_databases(books, HOME, "web-db-2025", "db.m6g.large", -5, "retired")
    books.plant(RI_ENDS, found, "ended five days ago", "exposure", HOME)
    for name, kind, days, state, why in (
        ("young", "c5.large", 200, "active", "ends in 200 days"),
        ("renewed", "r5.large", 10, "active", "its successor is in the queue"),
        ("successor", "r5.xlarge", 375, "queued", "has not begun"),
        ("old", "m4.large", -90, "retired", "ended 90 days ago"),
        ("sold", "m5a.large", 20, "retired", "was sold before its end"),
    ):
        books.healthy(reserve_instances(books, HOME, name, kind, days, state), RI_ENDS, why, HOME)
    books.healthy(reserve_nodes(books, "eu-west-1", "sessions", "cache.m6g.large", 120, redshift=False), RI_ENDS, "ends in 120 days", "eu-west-1")
    reserve_nodes(books, "eu-west-1", "warehouse", "ra3.xlplus", 300, redshift=True)
    _tell_use(books, REDSHIFT, "61.5", "180.25", "468.18")
    books.plant(UNUSED, f"Reservations of {REDSHIFT}", "61.5 % of the reserved nodes' hours are used", "exposure")
    for service in (COMPUTE, CACHE):
        _tell_use(books, service, "98.2", "2.36", "131.40")
        books.healthy(f"Reservations of {service}", UNUSED, "98.2 % are used")


def _tell_use(books: Books, service: str, percent: str, unused: str, total: str) -> None:
    books.put("reservations-use", service, {
        "UtilizationPercentage": percent, "RICostForUnusedHours": unused, "TotalAmortizedFee": total,
    })


def _plant_plans(books: Books) -> None:
    found = buy_plan(books, "first-plan", "Compute", 21, "0.1")
    books.plant(SP_ENDS, found, "ends in 21 days", "exposure")
    family = {"ec2InstanceFamily": "m6g", "region": "eu-west-1"}
    found = buy_plan(books, "family-plan", "EC2Instance", 14, "0.05", **family)
    books.healthy(found, SP_ENDS, "its successor is in the queue")
    buy_plan(books, "next-family-plan", "EC2Instance", 379, "0.05", "queued", **family)
    books.healthy(buy_plan(books, "young-plan", "SageMaker", 250, "0.02"), SP_ENDS, "ends in 250 days")
    books.put("plans-use", "", {
        "TotalCommitment": "122.4", "UsedCommitment": "120.1", "UnusedCommitment": "2.3", "UtilizationPercentage": "98.12",
    })
    books.healthy("Savings Plans", UNUSED, "98.1 % of the commitment is used")


def _plant_purchases(books: Books) -> None:
    compute, databases = books.spend(COMPUTE), books.spend(RDS)
    books.put("plans-coverage", "", {
        "SpendCoveredBySavingsPlans": "120.1", "OnDemandCost": f"{compute:.4f}", "TotalCost": f"{compute + 120.1:.4f}",
        "CoveragePercentage": f"{12010 / (compute + 120.1):.2f}",
    })
    books.plant(COVERED, "Savings Plans", "they cover a small part of the machines", "exposure")
    books.put("reservations-coverage", RDS, {
        "CoverageHours": {"OnDemandHours": "720", "ReservedHours": "4320", "TotalRunningHours": "5040", "CoverageHoursPercentage": "85.71"},
        "CoverageCost": {"OnDemandCost": "300.5"},
    })
    books.healthy(f"Reservations of {RDS}", COVERED, "85.7 % of the hours are covered")
    advise_plan(books, "COMPUTE_SP", compute, 0.22)
    books.plant("sp-purchase-compute", ONE_YEAR, "saves most of the three ways to cover machines")
    advise_plan(books, "EC2_INSTANCE_SP", compute, 0.15, Region=HOME, InstanceFamily="m5")
    books.plant("sp-purchase-ec2-instance", ONE_YEAR, "covers the same machines", "alternative")
    advise_reservation(books, COMPUTE, compute, 0.12, 0.192, {"EC2InstanceDetails": {
        "Family": "m5", "InstanceType": "m5.xlarge", "Region": HOME, "Platform": "Linux/UNIX", "Tenancy": "Shared"}})
    books.plant("ri-purchase-ec2", ONE_YEAR, "covers the same machines", "alternative")
    advise_reservation(books, RDS, databases, 0.2, 0.152, {"RDSInstanceDetails": {
        "Family": "db.m6g", "InstanceType": "db.m6g.large", "Region": HOME, "DatabaseEngine": "MySQL", "DeploymentOption": "Single-AZ"}})
    books.plant("ri-purchase-rds", ONE_YEAR, "databases that stay")
    advise_plan(books, "DATABASE_SP", databases, 0.1)
    books.plant("sp-purchase-database", ONE_YEAR, "covers the same databases", "alternative")


def _plant_other_purchases(books: Books) -> None:
    for service, rule, share, hourly, details in (
        (CACHE, "ri-purchase-elasticache", 0.3, 0.149, {"ElastiCacheInstanceDetails": {"NodeType": "cache.m6g.large", "Region": HOME, "ProductDescription": "Redis"}}),
        (REDSHIFT, "ri-purchase-redshift", 0.2, 1.086, {"RedshiftInstanceDetails": {"NodeType": "ra3.xlplus", "Region": HOME}}),
        (SEARCH, "ri-purchase-opensearch", 0.3, 0.167, {"ESInstanceDetails": {"InstanceClass": "r6g", "InstanceSize": "large.search", "Region": HOME}}),
        (MEMORY, "ri-purchase-memorydb", 0.3, 0.216, {"MemoryDBInstanceDetails": {"NodeType": "db.r6g.large", "Region": HOME}}),
    ):
        advise_reservation(books, service, books.spend(service), share, hourly, details)
        books.plant(rule, ONE_YEAR, "runs on demand all month")
    advise_reservation(books, DYNAMODB, 1000 * 0.00065 * 730, 0.5, 0.00065, None, {"CapacityUnits": "WriteCapacityUnits", "Region": HOME})
    books.plant("ri-purchase-dynamodb", ONE_YEAR, "1,000 write units are used at all times")
    advise_plan(books, "SAGEMAKER_SP", books.spend(SAGEMAKER), 0.25)
    books.plant("sp-purchase-sagemaker", ONE_YEAR, "an endpoint runs all month")


def _plant_advisers(books: Books) -> None:
    of = f"arn:aws:%s:{HOME}:{books.account.id}:%s"
    volume = books.known("ebs-volume-unattached")
    arn = f"arn:aws:ec2:{volume['region']}:{books.account.id}:volume/{volume['resourceId']}"
    # Confirms a finding of ours: nothing more is planted.
    hub_finding(books, volume["region"], "EbsVolume", volume["resourceId"], arn, "Delete", 11.0, 12.0)
    arn = of % ("workspaces", "workspace/ws-7k2m9x4pq")
    hub_finding(books, HOME, "WorkSpaces", "ws-7k2m9x4pq", arn, "Delete", 31.0, 31.0)
    books.plant("workspaces-idle", arn.removeprefix("arn:aws:"), "nobody connected for 63 days", region=HOME)
    arn = of % ("rds", "cluster:legacy-documents")
    hub_finding(books, HOME, "DocumentDBCluster", "legacy-documents", arn, "Delete", 199.5, 199.5)
    books.plant("memorydb-docdb-idle", arn.removeprefix("arn:aws:"), "no connection in 14 days", region=HOME)
    arn = of % ("sagemaker", "endpoint/churn-model")
    hub_finding(books, HOME, "SageMakerEndpoint", "churn-model", arn, "Delete", 84.0, 84.0)
    books.plant("aws-recommendation", arn.removeprefix("arn:aws:"), "an endpoint that nobody calls", region=HOME)
    gone = "i-0123456789abcdef0"
    hub_finding(books, HOME, "Ec2Instance", gone, of % ("ec2", f"instance/{gone}"), "Stop", 70.0, 70.0)
    books.healthy(gone, "aws-recommendation", "terminated since AWS looked", HOME)
    arn = of % ("savingsplans", "offering/compute")
    hub_finding(books, HOME, "ComputeSavingsPlans", "", arn, "PurchaseSavingsPlans", 90.0, 400.0, source="CostExplorer")


def _plant_licenses(books: Books) -> None:
    machine = next(fact["instance"] for fact in books.account.facts if fact["system"] == "sql-ent")
    saving = {"savingsOpportunityPercentage": 45.0, "estimatedMonthlySavings": {"currency": "USD", "value": 744.6}}
    books.shelf("licenses", HOME).append({
        "resourceArn": f"arn:aws:ec2:{HOME}:{books.account.id}:instance/{machine.id}", "accountId": books.account.id,
        "currentLicenseConfiguration": {"licenseEdition": "Enterprise", "operatingSystem": "Windows", "licenseModel": "LicenseIncluded"},
        "lookbackPeriodInDays": 14.0, "finding": "NotOptimized", "findingReasonCodes": ["LicenseOverprovisioned"],
        "licenseRecommendationOptions": [{"rank": 1, "licenseEdition": "Standard", "licenseModel": "LicenseIncluded", "savingsOpportunity": saving}],
    })
    books.plant("ec2-license-downgrade-sql", machine.id, "no feature of the Enterprise edition is used", region=HOME)


def _make_organization(books: Books) -> None:
    for account_id, name in ((books.account.id, "Shop"), ("444444444444", "Sandbox")):
        books.shelf("organization").append({
            "Id": account_id, "Name": name, "Email": f"{name.lower()}@example.com", "Status": "ACTIVE", "JoinedMethod": "CREATED",
            "Arn": f"arn:aws:organizations::{books.account.id}:account/o-demo123456/{account_id}",
        })
    books.healthy(books.account.id, "account-not-in-organization", "it pays for an organisation")


def _plant_outsider(books: Books) -> None:
    books.shelf("organization").append({"Id": None})
    books.plant("account-not-in-organization", books.account.id, "stands alone", "exposure")
    books.shelf("no-advisers").append(True)
    books.plant("aws-advisers-not-opted-in", books.account.id, "opted in to neither adviser", "exposure")
    books.shelf("anomaly-monitors").append({
        "MonitorArn": f"arn:aws:ce::{books.account.id}:anomalymonitor/{books.uuid('monitor')}", "MonitorName": "services",
        "MonitorType": "DIMENSIONAL", "MonitorDimension": "SERVICE",
    })
    books.healthy(books.account.id, "anomaly-monitor-missing", "a monitor watches all services")
    # A campaign is announced: whatever the day of the month, the rest of it costs as much as half a year.
    books.shelf("forecast").append(books.spend() * 6)
    books.plant("forecast-exceeds-last-month", books.account.id, "the rest of the month is forecast to cost six months", "exposure")
