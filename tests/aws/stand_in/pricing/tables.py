"""Reads the price tables and spreads family rows over their sizes.

Prices are us-east-1 list prices in USD, as known when the files were written; only their shape is
promised. Prices of families grow with the size, but for the types listed one by one.
"""

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
RDS_ENGINES = ("mysql", "postgres", "aurora", "sqlserver_se", "oracle_se2")
WINDOWS_PER_VCPU, RHEL_PER_VCPU = 0.046, 0.0288
SQL_PER_VCPU = {"Web": 0.017, "Std": 0.12, "Ent": 0.375}


@dataclass(frozen=True)
class Ec2Type:
    name: str
    kind: str
    arch: str
    current: str
    vcpu: int
    gib: float
    linux: float
    windows: float | None

    @property
    def rhel(self) -> float:
        return self.linux + RHEL_PER_VCPU * self.vcpu

    def sql(self, edition: str) -> float:
        """Windows with a licence of SQL Server for at least four vCPUs."""
        return self.windows + SQL_PER_VCPU[edition] * max(4, self.vcpu)

    def usd_of(self, system: str) -> float:
        if system.startswith("sql-"):
            return self.sql({"sql-web": "Web", "sql-ent": "Ent"}[system])
        return {"windows": self.windows, "rhel": self.rhel}.get(system, self.linux)


@dataclass(frozen=True)
class RdsType:
    name: str
    current: str
    vcpu: int
    gib: float
    prices: dict


def read_csv(name: str) -> list[dict]:
    with open(DATA / name, newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=None)
def regions() -> dict:
    return json.loads((DATA / "regions.json").read_text())


def size_factor(size: str) -> float:
    """Size relative to ``large``."""
    if size == "medium":
        return 0.5
    number = size.removesuffix("xlarge")
    return 1.0 if size == "large" else 2.0 * int(number or 1)


@lru_cache(maxsize=None)
def ec2_types() -> dict[str, Ec2Type]:
    made = [_listed_ec2(row) for row in read_csv("ec2_types.csv")]
    for row in read_csv("ec2_families.csv"):
        made += [_sized_ec2(row, size) for size in row["sizes"].split()]
    return {item.name: item for item in made}


def _listed_ec2(row: dict) -> Ec2Type:
    windows = float(row["windows_usd"]) if row["windows_usd"] else None
    return Ec2Type(
        row["type"], row["kind"], row["arch"], row["current"], int(row["vcpu"]), float(row["gib"]),
        float(row["usd"]), windows,
    )


def _sized_ec2(row: dict, size: str) -> Ec2Type:
    factor = size_factor(size)
    vcpu = max(1, int(int(row["vcpu_of_large"]) * factor))
    linux = round(float(row["usd_of_large"]) * factor, 6)
    windows = round(linux + WINDOWS_PER_VCPU * vcpu, 6) if row["arch"] == "x86_64" else None
    gib = float(row["gib_of_large"]) * factor
    return Ec2Type(f"{row['family']}.{size}", row["kind"], row["arch"], row["current"], vcpu, gib, linux, windows)


@lru_cache(maxsize=None)
def rds_types() -> dict[str, RdsType]:
    made = [_rds(row, row["type"], 1.0, int(row["vcpu"]), float(row["gib"])) for row in read_csv("rds_types.csv")]
    for row in read_csv("rds_families.csv"):
        for size in row["sizes"].split():
            factor = size_factor(size)
            vcpu = max(1, int(int(row["vcpu_of_large"]) * factor))
            made.append(_rds(row, f"{row['family']}.{size}", factor, vcpu, float(row["gib_of_large"]) * factor))
    return {item.name: item for item in made}


def _rds(row: dict, name: str, factor: float, vcpu: int, gib: float) -> RdsType:
    prices = {engine: round(float(row[engine]) * factor, 6) for engine in RDS_ENGINES if row[engine]}
    return RdsType(name, row["current"], vcpu, gib, prices)
