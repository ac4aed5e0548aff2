//! What Performance Insights saw is kept for longer than what is free.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, db_class::find_class,
    db_cluster::as_member,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{DbInstance, ResourceKind, family_and_size},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-performance-insights-retention",
    title: "Performance Insights keeps its history for long",
    condition: "Available, Performance Insights on, and its history kept for more than the seven days that are free. Advanced \
                Database Insights, which pays for its history itself, and serverless members are left alone.",
    formula: "vCPUs * price of long retention for the family",
    pitfalls: "A year to compare with may be worth its price for the few databases that matter most.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exact,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

const FREE_DAYS: i64 = 7;

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    let Some(days) = db.insights_days.filter(|days| *days > FREE_DAYS) else { return Ok(None) };
    if !db.available() || db.advanced_insights || db.serverless() {
        return Ok(None);
    }
    let missing = UnknownReason::SpecificationMissing;
    let vcpus = find_class(&db.class).ok_or(missing)?.vcpus;
    let (family, _) = family_and_size(&db.class).ok_or(missing)?;
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::named(Item::Insights, &db.common.region, family))?.times(vcpus);
    let finding = Finding {
        title: format!("Keep the history of Performance Insights for {FREE_DAYS} days instead of {days}"),
        current: json!({"retentionDays": days, "class": db.class, "vcpus": vcpus}),
        recommended: json!({"retentionDays": FREE_DAYS}),
        evidence: vec![property(
            "retention",
            format!("{days} days"),
            Some(format!("{FREE_DAYS} days are free")),
        )],
        remediation: remediation(db, days),
        ..case.finding(db, Amounts { savings: cost.clone(), cost, bill })
    };
    Ok(Some(as_member(db, finding)))
}

fn remediation(db: &DbInstance, days: i64) -> Remediation {
    let keep = |days: i64| {
        let days = days.to_string();
        let id = ("--db-instance-identifier", &*db.common.id);
        let options = [id, ("--performance-insights-retention-period", &*days), ("--apply-immediately", "")];
        aws("rds modify-db-instance", &db.common.region, &options)
    };
    Remediation {
        commands: vec![keep(FREE_DAYS)],
        rollback_commands: vec![keep(days)],
        notes: vec!["What is older goes at once; a longer time fills up again from then on.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, db, region};

    fn kept(days: Option<i64>) -> DbInstance {
        DbInstance { insights_days: days, ..db("db-1") }
    }

    fn lab(db: DbInstance) -> Lab {
        Lab::new().price(PriceKey::named(Item::Insights, &region(), "m5"), "2.9499").db(db)
    }

    #[test]
    fn every_vcpu_is_saved() {
        let finding = lab(kept(Some(731))).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "11.7996", "4 * 2.9499");
        assert!(finding.remediation.commands[0].contains("--performance-insights-retention-period 7 "));
    }

    #[test]
    fn a_member_goes_with_its_cluster() {
        let finding =
            lab(DbInstance { cluster_id: Some("shop".into()), ..kept(Some(31)) }).only_finding(&RULE);
        assert_eq!(finding.root.parents, ["AuroraDbCluster/shop"]);
    }

    #[test]
    fn what_is_free_off_or_paid_elsewhere_is_fine() {
        lab(kept(Some(7))).nothing(&RULE);
        lab(kept(None)).nothing(&RULE);
        lab(DbInstance { advanced_insights: true, ..kept(Some(465)) }).nothing(&RULE);
        lab(DbInstance { class: "db.serverless".into(), ..kept(Some(465)) }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..kept(Some(465)) }).nothing(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        Lab::new().db(kept(Some(31))).unknown(&RULE, UnknownReason::PriceMissing);
        lab(DbInstance { class: "db.m99.large".into(), ..kept(Some(31)) })
            .unknown(&RULE, UnknownReason::SpecificationMissing);
    }
}
