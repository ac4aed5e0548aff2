//! A database or a cluster on a version past its standard support, for which RDS charges by vCPU or capacity unit.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    db_cluster::{Cluster, judge_clusters},
    extended_support::{Surcharge, find_surcharge},
};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{DbCluster, DbEngine, DbInstance, Inventoried, ResourceKind},
    metric::Metric,
    region::Region,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "rds-extended-support",
    title: "Database pays for extended support",
    condition: "Not stopped, on a major version of MySQL, PostgreSQL or Aurora whose charge has begun by RDS's own dates, and \
                extended support is not disabled. A cluster is told once, with all its members.",
    formula: "vCPUs * price of a vCPU-hour (higher from the third year) * 730, twice with a standby; serverless members by their \
              mean capacity",
    pitfalls: "An upgrade is checked against the application first.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: false,
    actions: &["rds:DescribeDBInstances", "rds:DescribeDBClusters"],
    metrics: &[Metric::AuroraAcus],
    thresholds: &[],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let mut verdicts = case.judge_each(&case.snapshot.inventory.db_instances, judge_instance);
    verdicts.merge(judge_clusters(case, judge_cluster));
    verdicts
}

fn judge_instance(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if db.in_cluster() {
        let told = case.snapshot.coverage.complete(ResourceKind::DbCluster, &db.common.region);
        return if told { Ok(None) } else { Err(UnknownReason::InventoryIncomplete) };
    }
    if db.stopped() {
        return Ok(None);
    }
    let Some(surcharge) = find_surcharge(case, db) else { return Ok(None) };
    let mut bill = case.bill();
    let cost = bill.db_surcharge(db, &surcharge)?;
    let of = (db.engine, &*db.engine_version);
    Ok(Some(finding(case, db, (of, surcharge), (cost, bill), upgrade_instance(db))))
}

fn judge_cluster(case: &Case<'_>, aurora: &Cluster<'_>) -> Judgement {
    let cluster = aurora.cluster;
    if cluster.stopped() || aurora.members.is_empty() {
        return Ok(None);
    }
    let Some(surcharge) = find_surcharge(case, cluster) else { return Ok(None) };
    let mut bill = case.bill();
    let cost = aurora.surcharge(case, &mut bill, &surcharge)?;
    let of = (cluster.engine, &*cluster.engine_version);
    Ok(Some(finding(case, cluster, (of, surcharge), (cost, bill), upgrade_cluster(cluster))))
}

fn finding<T: Inventoried>(
    case: &Case<'_>,
    resource: &T,
    ((engine, version), surcharge): ((DbEngine, &str), Surcharge),
    (cost, bill): (Figure, Bill<'_>),
    remediation: Remediation,
) -> Finding {
    let Surcharge { major, since, third_year } = surcharge;
    Finding {
        title: format!("Upgrade {engine} {major}: extended support is charged since {since}"),
        current: json!({"engineVersion": version, "thirdYearRate": third_year}),
        recommended: json!({"engineVersion": "a major version in standard support"}),
        evidence: vec![
            property("engine version", version, None),
            property("charged since", since.to_string(), Some(format!("before {}", case.today()))),
        ],
        remediation,
        ..case.finding(resource, Amounts { savings: cost.clone(), cost, bill })
    }
}

const TARGET: [(&str, &str); 3] = [
    ("--engine-version", "TARGET_VERSION"),
    ("--allow-major-version-upgrade", ""),
    ("--apply-immediately", ""),
];

fn list_targets(region: &Region, engine: DbEngine, version: &str) -> String {
    let of = [("--engine", engine.as_str()), ("--engine-version", version)];
    aws("rds describe-db-engine-versions", region, &of)
}

fn upgrade(commands: Vec<String>, restore: String) -> Remediation {
    Remediation {
        commands,
        rollback_commands: vec![restore],
        notes: vec![
            "The first command lists the possible targets; try the upgrade on a restored copy.".into(),
            "There is no way back in place: the snapshot restores to a new database.".into(),
        ],
    }
}

pub(super) fn upgrade_instance(db: &DbInstance) -> Remediation {
    let (region, id) = (&db.common.region, ("--db-instance-identifier", &*db.common.id));
    let name = format!("{}-before-upgrade", id.1);
    let snapshot = ("--db-snapshot-identifier", &*name);
    let [version, major, at_once] = TARGET;
    let commands = vec![
        list_targets(region, db.engine, &db.engine_version),
        aws("rds create-db-snapshot", region, &[id, snapshot]),
        aws("rds modify-db-instance", region, &[id, version, major, at_once]),
    ];
    let new = ("--db-instance-identifier", "NEW_NAME");
    upgrade(commands, aws("rds restore-db-instance-from-db-snapshot", region, &[new, snapshot]))
}

/// A cluster is upgraded as a whole.
pub(super) fn upgrade_cluster(cluster: &DbCluster) -> Remediation {
    let (region, id) = (&cluster.common.region, ("--db-cluster-identifier", &*cluster.common.id));
    let name = format!("{}-before-upgrade", id.1);
    let [version, major, at_once] = TARGET;
    let commands = vec![
        list_targets(region, cluster.engine, &cluster.engine_version),
        aws("rds create-db-cluster-snapshot", region, &[id, ("--db-cluster-snapshot-identifier", &*name)]),
        aws("rds modify-db-cluster", region, &[id, version, major, at_once]),
    ];
    let restore = [
        ("--db-cluster-identifier", "NEW_NAME"),
        ("--snapshot-identifier", &*name),
        ("--engine", cluster.engine.as_str()),
    ];
    upgrade(commands, aws("rds restore-db-cluster-from-snapshot", region, &restore))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{price::PriceKey, price_item::Item};
    use crate::rules::{
        fixtures::{Lab, db, region},
        rds::lab::{aurora, cluster, member},
    };

    fn on(engine: DbEngine, version: &str) -> DbInstance {
        DbInstance { engine, engine_version: version.into(), ..db("db-1") }
    }

    fn lab(db: DbInstance) -> Lab {
        let key =
            |third_year| PriceKey::DbExtendedSupport { region: region(), engine: db.engine, third_year };
        Lab::new().price(key(false), "0.10").price(key(true), "0.20").db(db)
    }

    #[test]
    fn every_vcpu_hour_is_saved() {
        let finding = lab(on(DbEngine::Postgres, "13.14")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "292.00", "4 vCPUs * 0.10 * 730");
        assert_eq!(finding.monthly_cost, finding.monthly_savings);
        assert_eq!(finding.remediation.commands.len(), 3);
    }

    #[test]
    fn the_third_year_and_a_standby_double_it_each() {
        let old = on(DbEngine::Mysql, "5.7.44");
        assert_eq!(lab(old.clone()).only_finding(&RULE).monthly_savings.to_string(), "584.00");
        let twice = DbInstance { multi_az: true, ..old };
        assert_eq!(lab(twice).only_finding(&RULE).monthly_savings.to_string(), "1168.00");
    }

    fn old_cluster(version: &str, members: Vec<DbInstance>) -> Lab {
        let old = DbCluster { engine_version: version.into(), ..cluster("shop") };
        let acus = PriceKey::named(Item::AuroraAcuSupport, &region(), "aurora-postgresql/years-1-2");
        let vcpus = PriceKey::DbExtendedSupport {
            region: region(),
            engine: DbEngine::AuroraPostgresql,
            third_year: false,
        };
        aurora(old, members).price(acus, "0.085").price(vcpus, "0.10")
    }

    #[test]
    fn a_cluster_is_told_once_with_all_its_members() {
        let finding = old_cluster("12.22", vec![member("a"), member("b")]).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "292.00", "2 * 2 vCPUs * 0.10 * 730");
        assert_eq!(&*finding.subject.id, "shop");
        assert!(finding.remediation.commands[2].contains("modify-db-cluster"));
        assert!(finding.remediation.commands[2].contains("--db-cluster-identifier shop"));
    }

    #[test]
    fn serverless_members_pay_for_what_they_use() {
        let serverless = DbInstance { class: "db.serverless".into(), ..member("a") };
        let lab = old_cluster("12.22", vec![serverless]);
        lab.unknown(&RULE, UnknownReason::MetricMissing);
        let finding = lab.daily(Metric::AuroraAcus, "a", 14, 4.0).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "248.20", "4 * 0.085 * 730");
    }

    #[test]
    fn a_cluster_that_was_not_listed_is_unknown() {
        let lab = old_cluster("12.22", vec![member("a")]).inventory(|i| i.db_clusters.clear());
        lab.incomplete(ResourceKind::DbCluster).unknown(&RULE, UnknownReason::InventoryIncomplete);
    }

    #[test]
    fn standard_support_and_opted_out_databases_are_fine() {
        lab(on(DbEngine::Mysql, "8.0.39")).nothing(&RULE);
        lab(on(DbEngine::Postgres, "16.4")).nothing(&RULE);
        lab(on(DbEngine::Mariadb, "10.4.34")).nothing(&RULE);
        let disabled = Some("open-source-rds-extended-support-disabled".into());
        lab(DbInstance { lifecycle_support: disabled, ..on(DbEngine::Mysql, "5.7.44") }).nothing(&RULE);
        lab(DbInstance { status: "stopped".into(), ..on(DbEngine::Mysql, "5.7.44") }).nothing(&RULE);
    }

    #[test]
    fn an_old_reply_without_the_field_counts() {
        let silent = DbInstance { lifecycle_support: None, ..on(DbEngine::Mysql, "5.7.44") };
        lab(silent).only_finding(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        lab(DbInstance { class: "db.m99.large".into(), ..on(DbEngine::Postgres, "12.22") })
            .unknown(&RULE, UnknownReason::SpecificationMissing);
        Lab::new().db(on(DbEngine::Postgres, "12.22")).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
