//! A database on a class that a newer generation beats in price at the same size.

use super::{Case, Judgement, Meta, Rule, db_move::cheaper_class, generations::newer_db_class};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{DbInstance, ResourceKind},
};

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-instance-previous-gen",
    title: "Database is on an old generation",
    condition: "Available, of the classes db.t2, db.m3, db.m4, db.r3 or db.r4, the engine's version runs on \
                the same size of db.t3, db.m6i or db.r6i, and that is cheaper. Members of Multi-AZ clusters \
                are left alone.",
    formula: "(hourly price - hourly price of the newer class) * 730, at the Multi-AZ price where there is a \
              standby",
    pitfalls: "MySQL 5.7 does not run on db.m6i and db.r6i: upgrade the engine first. Reserved instances may \
               be bound to the old family.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Upgrade,
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
    let target = |db: &DbInstance| newer_db_class(&db.class, db.engine, &db.engine_version);
    Ok(cheaper_class(case, db, target)?.map(|(target, finding)| Finding {
        title: format!("Move from {} to the cheaper {target}", db.class),
        ..finding
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::DbEngine};
    use crate::rules::fixtures::{Lab, db};

    fn old() -> DbInstance {
        DbInstance { class: "db.m4.xlarge".into(), ..db("db-1") }
    }

    fn lab(db: DbInstance) -> Lab {
        Lab::new()
            .db_price("db.m4.xlarge", "0.365", "0.730")
            .db_price("db.m6i.xlarge", "0.356", "0.712")
            .db(db)
    }

    #[test]
    fn the_difference_of_a_month_is_saved() {
        let finding = lab(old()).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "266.45");
        assert_eq!(finding.monthly_savings.to_string(), "6.57");
        let finding = lab(DbInstance { multi_az: true, ..old() }).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "13.14");
    }

    #[test]
    fn an_equal_price_is_no_saving() {
        lab(old()).db_price("db.m6i.xlarge", "0.365", "0.730").nothing(&RULE);
    }

    #[test]
    fn a_version_that_does_not_run_there_is_left_alone() {
        let five = DbInstance { engine: DbEngine::Mysql, engine_version: "5.7.44".into(), ..old() };
        lab(five).nothing(&RULE);
    }

    #[test]
    fn what_is_new_stopped_or_in_a_cluster_is_left_alone() {
        lab(db("db-1")).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..old() }).nothing(&RULE);
        lab(DbInstance { cluster_id: Some("c".into()), ..old() }).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        lab(DbInstance { engine: DbEngine::Oracle, ..old() }).unknown(&RULE, UnknownReason::PriceMissing);
        Lab::new().db(old()).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
