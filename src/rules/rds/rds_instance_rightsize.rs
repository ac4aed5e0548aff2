//! A database whose measured CPU and memory fit the next smaller class.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    db_class::{DbClassSpec, find_class, one_size_down},
    quantity::whole_units,
    rds_usage::{find_unused, is_own},
    resize::resize_db,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Evidence, Finding, Level, SavingsBasis, UnknownReason},
    inventory::{DbEngine, DbInstance, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-instance-rightsize",
    title: "Database is larger than its use",
    condition: "Available MySQL, MariaDB or PostgreSQL with connections in the window; the greatest daily \
                p99.5 of CPU and the greatest use of memory (all memory less the least FreeableMemory), each \
                with rds_headroom_percent to spare, fit one size down. Members of clusters and read replicas \
                are left alone.",
    formula: "(hourly price - hourly price one size down) * 730, at the Multi-AZ price where there is a \
              standby; storage stays as it is",
    pitfalls: "The buffer cache grows to the memory that is there. The limit of connections and the \
               bandwidth shrink with the class. Replicas are sized for a failover.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[Metric::RdsConnectionsMax, Metric::RdsCpuP995, Metric::RdsFreeableMemoryMin],
    thresholds: &["rds_headroom_percent", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let open = matches!(db.engine, DbEngine::Mysql | DbEngine::Mariadb | DbEngine::Postgres);
    if !is_own(db) || !open || db.is_replica || find_unused(case, db)?.is_some() {
        return Ok(None);
    }
    let present = find_class(&db.class).ok_or(UnknownReason::SpecificationMissing)?;
    let Some(target) = one_size_down(&db.class) else { return Ok(None) };
    let smaller = find_class(&target).ok_or(UnknownReason::SpecificationMissing)?;
    let need = Need::measure(case, db, present)?;
    if need.vcpus > smaller.vcpus || need.memory_mib > smaller.memory_mib {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.db_hour(db)?;
    let then = bill.db_hour(&DbInstance { class: (*target).into(), ..db.clone() })?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    let describe = |class: &str, spec: DbClassSpec| {
        let (vcpus, memory_mib) = (spec.vcpus, spec.memory_mib);
        json!({"class": class, "vcpus": vcpus, "memoryMib": memory_mib, "multiAz": db.multi_az})
    };
    Ok(Some(Finding {
        title: format!("Move from {}, whose CPU needs {:.0} %, to {target}", db.class, need.cpu.max),
        current: describe(&db.class, present),
        recommended: describe(&target, smaller),
        evidence: need.evidence(case),
        remediation: resize_db(db, &target),
        ..case.finding(db, Amounts { cost, savings, bill })
    }))
}

/// What the database needs, with headroom.
struct Need<'a> {
    cpu: &'a Summary,
    free: &'a Summary,
    vcpus: i64,
    memory_mib: i64,
}

impl<'a> Need<'a> {
    fn measure(case: &Case<'a>, db: &DbInstance, present: DbClassSpec) -> Result<Self, UnknownReason> {
        let cpu = case.summary(Metric::RdsCpuP995, &db.common)?;
        let free = case.summary(Metric::RdsFreeableMemoryMin, &db.common)?;
        let headroom = 100 + i64::from(case.thresholds.rds_headroom_percent);
        // Thousandths of a percent, and whole MiB: from here on nothing is rounded down.
        let load = whole_units(cpu.max * 1_000.0).saturating_mul(present.vcpus).saturating_mul(headroom);
        let free_mib = whole_units(free.min / 1_048_576.0) - 1;
        let used_mib = (present.memory_mib - free_mib).max(0);
        Ok(Self {
            cpu,
            free,
            vcpus: load.saturating_add(9_999_999) / 10_000_000,
            memory_mib: (used_mib * headroom + 99) / 100,
        })
    }

    fn evidence(&self, case: &Case<'_>) -> Vec<Evidence> {
        let spare = case.thresholds.rds_headroom_percent;
        let cpu = format!("{} vCPUs with {spare} % to spare", self.vcpus);
        let memory = format!("{} MiB with {spare} % to spare", self.memory_mib);
        let free = format!("{:.0} MiB free", self.free.min / 1_048_576.0);
        vec![
            case.measured(Metric::RdsCpuP995, self.cpu, format!("{:.1} %", self.cpu.max), cpu),
            case.measured(Metric::RdsFreeableMemoryMin, self.free, free, memory),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, db};

    const GIB: f64 = 1_073_741_824.0;

    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_price("db.m5.xlarge", "0.356", "0.712")
            .db_price("db.m5.large", "0.178", "0.356")
            .daily(Metric::RdsConnectionsMax, "db-1", 14, 3.0)
            .daily(Metric::RdsCpuP995, "db-1", 14, 41.0)
            .daily(Metric::RdsFreeableMemoryMin, "db-1", 14, 10.0 * GIB)
            .db(db)
    }

    #[test]
    fn one_size_down_saves_half() {
        let finding = lab(db("db-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "259.88");
        assert_eq!(finding.monthly_savings.to_string(), "129.94");
        assert_eq!(finding.recommended["class"], "db.m5.large");
    }

    #[test]
    fn a_standby_doubles_the_saving() {
        let finding = lab(DbInstance { multi_az: true, ..db("db-1") }).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "259.88");
    }

    #[test]
    fn cpu_and_memory_must_fit_with_headroom() {
        // 42 % of 4 vCPUs and a fifth more are 2.016 vCPUs.
        lab(db("db-1")).daily(Metric::RdsCpuP995, "db-1", 14, 42.0).nothing(&RULE);
        // 7 of 16 GiB in use and a fifth more are 8.4 GiB.
        lab(db("db-1")).daily(Metric::RdsFreeableMemoryMin, "db-1", 14, 9.0 * GIB).nothing(&RULE);
    }

    #[test]
    fn an_idle_database_belongs_to_another_rule() {
        lab(db("db-1")).daily(Metric::RdsConnectionsMax, "db-1", 14, 0.0).nothing(&RULE);
    }

    #[test]
    fn clusters_licensed_engines_replicas_and_the_smallest_class_are_left_alone() {
        for engine in [DbEngine::AuroraPostgresql, DbEngine::SqlServer, DbEngine::Oracle] {
            lab(DbInstance { engine, ..db("db-1") }).nothing(&RULE);
        }
        lab(DbInstance { is_replica: true, ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { class: "db.m5.large".into(), ..db("db-1") }).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let missing = UnknownReason::MetricMissing;
        lab(db("db-1")).no_datapoints(Metric::RdsFreeableMemoryMin, "db-1").unknown(&RULE, missing);
        lab(db("db-1")).no_datapoints(Metric::RdsCpuP995, "db-1").unknown(&RULE, missing);
        lab(DbInstance { class: "db.m99.large".into(), ..db("db-1") })
            .unknown(&RULE, UnknownReason::SpecificationMissing);
        lab(DbInstance { class: "db.r5.xlarge".into(), ..db("db-1") })
            .daily(Metric::RdsFreeableMemoryMin, "db-1", 14, 30.0 * GIB)
            .unknown(&RULE, UnknownReason::PriceMissing);
    }
}
