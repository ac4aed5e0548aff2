"""Makes the products of a service in a region, in the form of the Pricing API.

Beside the plain on-demand products it lists those that a careless filter would catch too: capacity
reservations (used ones cost nothing), dedicated tenancy, pre-installed SQL Server, own licences.
"""

import hashlib
from functools import lru_cache

from .tables import Ec2Type, RdsType, ec2_types, rds_types, read_csv, regions

TERM, RATE = "JRTCKXETXF", "6YS6EN2CT7"  # AWS's codes of on-demand terms and their hourly rate
NAMES = {
    "AmazonEC2": "Amazon Elastic Compute Cloud",
    "AmazonRDS": "Amazon Relational Database Service",
    "AmazonVPC": "Amazon Virtual Private Cloud",
    "AmazonDynamoDB": "Amazon DynamoDB",
    "AWSLambda": "AWS Lambda",
    "AmazonECS": "Amazon Elastic Container Service",
    "AWSDataTransfer": "AWS Data Transfer",
    "AWSELB": "Elastic Load Balancing",
    "AmazonCloudWatch": "AmazonCloudWatch",
    "AmazonS3": "Amazon Simple Storage Service",
    "AWSSecretsManager": "AWS Secrets Manager",
    "awskms": "AWS Key Management Service",
    "AmazonElastiCache": "Amazon ElastiCache",
    "AmazonRedshift": "Amazon Redshift",
}
ENGINES = {
    "mysql": ("MySQL", {}), "mariadb": ("MariaDB", {}), "postgres": ("PostgreSQL", {}),
    "aurora-mysql": ("Aurora MySQL", {}), "aurora-postgresql": ("Aurora PostgreSQL", {}),
    "sqlserver_se": ("SQL Server", {"databaseEdition": "Standard", "licenseModel": "License included"}),
    "oracle_se2": ("Oracle", {"databaseEdition": "Standard Two", "licenseModel": "License included"}),
}
PRICE_COLUMN = {"mariadb": "mysql", "aurora-mysql": "aurora", "aurora-postgresql": "aurora"}
SAME_EVERYWHERE = "PublicIPv4:"
# Products without sizes.
OTHERS = ("ec2_other.csv", "network_other.csv", "rds_other.csv", "serverless.csv", "stores.csv", "warehouses.csv")


@lru_cache(maxsize=None)
def products(service: str, region: str) -> tuple[dict, ...]:
    made: list[dict] = []
    if service == "AmazonEC2":
        for item in ec2_types().values():
            made += ec2_products(item, region)
    if service == "AmazonRDS":
        for item in rds_types().values():
            made += rds_products(item, region)
    if service == "AmazonElastiCache":
        for row in read_csv("caches.csv"):
            made += cache_products(row, region)
    for table in OTHERS:
        made += [_other_product(row, region) for row in read_csv(table) if row["service"] == service]
    return tuple(made)


def regional(usd: float, region: str) -> float:
    return round(usd * regions()[region]["factor"], 4 if usd >= 0.001 else 10)


def ec2_products(item: Ec2Type, region: str) -> list[dict]:
    base = {
        "instanceType": item.name, "vcpu": str(item.vcpu), "memory": f"{item.gib:g} GiB", "storage": "EBS only",
        "instanceFamily": item.kind, "currentGeneration": item.current, "tenancy": "Shared", "capacitystatus": "Used",
        "preInstalledSw": "NA", "licenseModel": "No License required", "marketoption": "OnDemand",
        "processorArchitecture": "64-bit", "operation": "RunInstances",
        "physicalProcessor": "AWS Graviton Processor" if item.arch == "arm64" else "Intel Xeon Family",
    }
    return [
        _product("AmazonEC2", "Compute Instance", region, f"{usage}:{item.name}", "Hrs", usd, {**base, **more})
        for usage, usd, more in _ec2_variants(item)
    ]


def _ec2_variants(item: Ec2Type) -> list[tuple]:
    linux = {"operatingSystem": "Linux"}
    made = [
        ("BoxUsage", item.linux, linux),
        ("UnusedBox", item.linux, {**linux, "capacitystatus": "UnusedCapacityReservation"}),
        ("Reservation", 0.0, {**linux, "capacitystatus": "AllocatedCapacityReservation"}),
        ("DedicatedUsage", item.linux * 1.06, {**linux, "tenancy": "Dedicated"}),
        ("BoxUsage", item.rhel, {"operatingSystem": "RHEL", "operation": "RunInstances:0010"}),
    ]
    if item.windows is not None:
        windows = {"operatingSystem": "Windows", "operation": "RunInstances:0002"}
        sql = {
            edition: {**windows, "preInstalledSw": f"SQL {edition}", "operation": f"RunInstances:{code}"}
            for edition, code in (("Web", "0202"), ("Std", "0006"), ("Ent", "0102"))
        }
        own = {**windows, "licenseModel": "Bring your own license", "operation": "RunInstances:0800"}
        made += [("BoxUsage", item.windows, windows), ("BoxUsage", item.linux, own)]
        made += [("BoxUsage", item.sql(edition), more) for edition, more in sql.items()]
    return made


def rds_products(item: RdsType, region: str) -> list[dict]:
    made = []
    for engine, (name, more) in ENGINES.items():
        usd = item.prices.get(PRICE_COLUMN.get(engine, engine))
        if usd is None:
            continue
        base = {
            "instanceType": item.name, "vcpu": str(item.vcpu), "memory": f"{item.gib:g} GiB",
            "databaseEngine": name, "currentGeneration": item.current, "licenseModel": "No license required",
            "storage": "EBS Only", "operation": "CreateDBInstance", **more,
        }
        for usage, deployment, factor in _deployments(engine):
            attributes = {**base, "deploymentOption": deployment}
            usage_type = f"{usage}:{item.name}"
            made.append(_product("AmazonRDS", "Database Instance", region, usage_type, "Hrs", usd * factor, attributes))
    return made


def _deployments(engine: str) -> list[tuple]:
    single = [("InstanceUsage", "Single-AZ", 1.0)]
    return single if engine.startswith("aurora") else [*single, ("Multi-AZUsage", "Multi-AZ", 2.0)]


def cache_products(row: dict, region: str) -> list[dict]:
    """Valkey costs a fifth less than Redis OSS; extended support of Redis OSS goes on top."""
    usd, service = float(row["usd"]), "AmazonElastiCache"
    base = {"instanceType": row["node"], "currentGeneration": row["current"], "operation": "CreateCacheCluster:0002"}
    variants = [("NodeUsage", "Redis", 1.0), ("NodeUsage", "Memcached", 1.0), ("NodeUsage", "Valkey", 0.8),
                ("ExtendedSupportYr1_Yr2-NodeUsage", "Redis", 0.8), ("ExtendedSupportYr3-NodeUsage", "Redis", 1.6)]
    return [
        _product(service, "Cache Instance", region, f"{usage}:{row['node']}", "Hrs", round(usd * factor, 6),
                 {**base, "cacheEngine": engine})
        for usage, engine, factor in variants
    ]


def _other_product(row: dict, region: str) -> dict:
    attributes = dict(pair.split("=", 1) for pair in row["attributes"].split(";"))
    free = float(attributes.pop("free", 0))
    made = _product(row["service"], row["family"], region, row["usage"], row["unit"], float(row["usd"]), attributes)
    return {**made, "free": free}


def _product(service: str, family: str, region: str, usage: str, unit: str, usd: float, attributes: dict) -> dict:
    place = regions()[region]
    price = usd if usage.startswith(SAME_EVERYWHERE) else regional(usd, region)
    attributes = {
        "servicecode": service, "servicename": NAMES[service], "location": place["location"],
        "locationType": "AWS Region", "regionCode": region, "usagetype": place["prefix"] + usage, **attributes,
    }
    if service == "AWSDataTransfer":
        attributes["fromRegionCode"] = attributes["toRegionCode"] = attributes.pop("regionCode")
    product = {"attributes": attributes, "sku": _sku(service, attributes)}
    if family:
        product["productFamily"] = family
    return {"product": product, "serviceCode": service, "unit": unit, "usd": price}


def _sku(service: str, attributes: dict) -> str:
    text = service + repr(sorted(attributes.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16].upper()


def price_item(entry: dict, published: str) -> dict:
    """One entry of the ``PriceList``, before it is written as JSON text."""
    sku = entry["product"]["sku"]
    rate = f"{sku}.{TERM}.{RATE}"
    dimension = {
        "unit": entry["unit"], "beginRange": "0", "endRange": "Inf", "appliesTo": [], "rateCode": rate,
        "description": f"${entry['usd']:.10g} per {entry['unit']}", "pricePerUnit": {"USD": f"{entry['usd']:.10f}"},
    }
    rates = {rate: dimension}
    if entry.get("free"):
        # The gift comes first, as a tier of its own.
        bound = f"{entry['free']:g}"
        rates[rate] = {**dimension, "beginRange": bound}
        nothing = {"pricePerUnit": {"USD": "0.0000000000"}, "description": "free tier"}
        rates[f"{sku}.{TERM}.FREE000001"] = {**dimension, **nothing, "rateCode": f"{sku}.{TERM}.FREE000001", "endRange": bound}
    term = {
        "priceDimensions": rates, "sku": sku, "effectiveDate": published, "offerTermCode": TERM,
        "termAttributes": {},
    }
    return {
        "product": entry["product"], "serviceCode": entry["serviceCode"], "publicationDate": published,
        "terms": {"OnDemand": {f"{sku}.{TERM}": term}}, "version": "20260801000000",
    }
