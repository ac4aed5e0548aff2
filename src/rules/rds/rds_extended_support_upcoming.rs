//! A database or a cluster on a version whose standard support ends soon: an upgrade takes its time.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule,
    case::property,
    db_cluster::{Cluster, judge_clusters},
    extended_support::{Support, Surcharge, find_upcoming},
    rds_extended_support::{upgrade_cluster, upgrade_instance},
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{DbEngine, DbInstance, Inventoried, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "rds-extended-support-upcoming",
    title: "Extended support will be charged soon",
    condition: "Not stopped, on a major version of MySQL, PostgreSQL or Aurora whose extended support begins within \
                rds_support_notice_days by RDS's own dates, and extended support is not disabled. A cluster is told once.",
    formula: "none yet: what a month will cost is shown, nothing is counted as saved",
    pitfalls: "Dates move: RDS put off some. Upgrades between major versions are checked against the application first.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: false,
    actions: &["rds:DescribeDBInstances", "rds:DescribeDBClusters"],
    metrics: &[],
    thresholds: &["rds_support_notice_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let mut verdicts = case.judge_each(&case.snapshot.inventory.db_instances, judge_instance);
    verdicts.merge(judge_clusters(case, judge_cluster));
    verdicts
}

fn judge_instance(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if db.in_cluster() || db.stopped() {
        return Ok(None);
    }
    let Some(support) = find_upcoming(case, db) else { return Ok(None) };
    let mut bill = case.bill();
    let cost = bill.db_surcharge(db, &first_year(&support))?;
    Ok(Some(finding(case, db, (db.engine, support), (cost, bill), upgrade_instance(db))))
}

fn judge_cluster(case: &Case<'_>, aurora: &Cluster<'_>) -> Judgement {
    let cluster = aurora.cluster;
    if cluster.stopped() || aurora.members.is_empty() {
        return Ok(None);
    }
    let Some(support) = find_upcoming(case, cluster) else { return Ok(None) };
    let mut bill = case.bill();
    let cost = aurora.surcharge(case, &mut bill, &first_year(&support))?;
    Ok(Some(finding(case, cluster, (cluster.engine, support), (cost, bill), upgrade_cluster(cluster))))
}

fn first_year(support: &Support) -> Surcharge {
    Surcharge { major: support.major.clone(), since: support.charged_from, third_year: false }
}

fn finding<T: Inventoried>(
    case: &Case<'_>,
    resource: &T,
    (engine, support): (DbEngine, Support),
    (cost, bill): (Figure, Bill<'_>),
    remediation: Remediation,
) -> Finding {
    let Support { major, charged_from, .. } = support;
    let horizon = format!("within {} days of {}", case.thresholds.rds_support_notice_days, case.today());
    Finding {
        title: format!("Upgrade {engine} {major} before extended support is charged from {charged_from}"),
        current: json!({"majorVersion": major, "chargedFrom": charged_from.to_string()}),
        recommended: json!({"engineVersion": "a major version in standard support"}),
        evidence: vec![
            property("major version", &*major, None),
            property("charged from", charged_from.to_string(), Some(horizon)),
        ],
        remediation,
        ..case.finding(resource, Amounts { cost, savings: Figure::zero(), bill })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{inventory::DbCluster, price::PriceKey};
    use crate::rules::{
        fixtures::{Lab, db, region},
        rds::lab::{aurora, cluster, member},
    };

    fn priced(lab: Lab, engine: DbEngine) -> Lab {
        lab.price(PriceKey::DbExtendedSupport { region: region(), engine, third_year: false }, "0.10")
    }

    fn on(version: &str) -> Lab {
        priced(Lab::new(), DbEngine::Postgres).db(DbInstance { engine_version: version.into(), ..db("db-1") })
    }

    #[test]
    fn a_charge_within_the_year_is_told() {
        let finding = on("14.17").only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "292.00", "4 vCPUs * 0.10 * 730");
        assert!(!finding.monthly_savings.is_positive());
        assert!(finding.title.ends_with("from 2027-03-01"), "{}", finding.title);
    }

    #[test]
    fn what_is_charged_already_or_later_is_not() {
        on("13.20").nothing(&RULE);
        on("15.12").nothing(&RULE);
    }

    #[test]
    fn a_cluster_is_told_once() {
        let old = DbCluster { engine_version: "14.12".into(), ..cluster("shop") };
        let member = |id| DbInstance { engine_version: "14.12".into(), ..member(id) };
        let lab = priced(aurora(old, vec![member("a"), member("b")]), DbEngine::AuroraPostgresql);
        let finding = lab.only_finding(&RULE);
        assert_eq!((&*finding.subject.id, finding.monthly_cost.to_string()), ("shop", "292.00".into()));
    }
}
