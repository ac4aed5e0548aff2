//! A database on an x86 class whose Graviton sibling costs less.

use super::{Case, Judgement, Meta, Rule, db_move::cheaper_class, generations::arm_db_class};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{DbInstance, ResourceKind},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-instance-graviton",
    title: "Database could run on Graviton",
    condition: "Available MySQL, MariaDB, PostgreSQL or Aurora on db.t3, db.m5, db.m6i, db.r5 or db.r6i, the \
                engine's version runs on the same size of db.t4g, db.m6g or db.r6g, and that is cheaper. \
                Members of Multi-AZ clusters are left alone; those of Aurora clusters are judged one by one.",
    formula: "(hourly price - hourly price of the Graviton class) * 730, at the Multi-AZ price where there \
              is a standby",
    pitfalls: "Query speed differs a little either way: try a replica first. SQL Server and Oracle do not \
               run there.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::MigrateToGraviton,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: true,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let target = |db: &DbInstance| arm_db_class(&db.class, db.engine, &db.engine_version);
    Ok(cheaper_class(case, db, target)?.map(|(target, finding)| Finding {
        title: format!("Move from {} to {target} on Graviton", db.class),
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::DbEngine, price::PriceKey};
    use crate::rules::fixtures::{Lab, db, region};

    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_price("db.m5.xlarge", "0.356", "0.712")
            .db_price("db.m6g.xlarge", "0.318", "0.636")
            .db(db)
    }

    #[test]
    fn the_difference_of_a_month_is_saved() {
        let finding = lab(db("db-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "259.88");
        assert_eq!(finding.monthly_savings.to_string(), "27.74");
        let finding = lab(DbInstance { multi_az: true, ..db("db-1") }).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "55.48");
    }

    #[test]
    fn a_member_of_an_aurora_cluster_is_judged() {
        let engine = DbEngine::AuroraPostgresql;
        let key = |class: &str| PriceKey::DbInstance {
            region: region(),
            class: class.into(),
            engine,
            multi_az: false,
        };
        let member =
            DbInstance { engine, class: "db.r5.large".into(), cluster_id: Some("c".into()), ..db("db-1") };
        let lab = Lab::new().price(key("db.r5.large"), "0.29").price(key("db.r6g.large"), "0.26").db(member);
        assert_eq!(lab.only_finding(&RULE).monthly_savings.to_string(), "21.90");
    }

    #[test]
    fn what_does_not_run_on_graviton_is_left_alone() {
        for engine in [DbEngine::SqlServer, DbEngine::Oracle, DbEngine::Other] {
            lab(DbInstance { engine, ..db("db-1") }).nothing(&RULE);
        }
        lab(DbInstance { engine_version: "12.6".into(), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { class: "db.m6g.xlarge".into(), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { class: "db.m5.24xlarge".into(), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..db("db-1") }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..db("db-1") }).nothing(&RULE);
    }

    #[test]
    fn only_a_lower_price_counts() {
        lab(db("db-1")).db_price("db.m6g.xlarge", "0.356", "0.712").nothing(&RULE);
        Lab::new().db(db("db-1")).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
