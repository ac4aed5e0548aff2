//! A database on a version past its standard support, for which RDS charges by vCPU.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    command::aws,
    extended_support::{Surcharge, find_surcharge},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{DbInstance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.db_instances, judge) };

static META: Meta = Meta {
    id: "rds-extended-support",
    title: "Database pays for extended support",
    condition: "Not stopped, on a major version of MySQL, PostgreSQL or Aurora whose charge has begun by \
                RDS's calendar, and extended support is not disabled. Members of Aurora clusters count one \
                by one.",
    formula: "vCPUs * price of a vCPU-hour (higher from the third year) * 730, twice with a standby",
    pitfalls: "An upgrade is checked against the application first. Serverless capacity is charged by ACU \
               and not judged.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: false,
    actions: &["rds:DescribeDBInstances"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn judge(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if db.stopped() {
        return Ok(None);
    }
    let Some(surcharge) = find_surcharge(db, case.today()) else { return Ok(None) };
    let mut bill = case.bill();
    let cost = bill.db_surcharge(db, surcharge)?;
    let Surcharge { major, since, third_year } = surcharge;
    Ok(Some(Finding {
        title: format!("Upgrade {} {major}: extended support is charged since {since}", db.engine),
        current: json!({"engineVersion": db.engine_version, "thirdYearRate": third_year}),
        recommended: json!({"engineVersion": "a major version in standard support"}),
        evidence: vec![
            property("engine version", &*db.engine_version, None),
            property("charged since", since.to_string(), Some(format!("before {}", case.today()))),
            property("Multi-AZ", if db.multi_az { "yes" } else { "no" }, None),
        ],
        remediation: remediation(db),
        ..case.finding(db, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(db: &DbInstance) -> Remediation {
    let (region, engine) = (&db.common.region, ("--engine", db.engine.as_str()));
    let version = ("--engine-version", &*db.engine_version);
    let mut commands = vec![aws("rds describe-db-engine-versions", region, &[engine, version])];
    let restore = match &db.cluster_id {
        Some(cluster) => upgrade_cluster(db, cluster, &mut commands),
        None => upgrade_instance(db, &mut commands),
    };
    Remediation {
        commands,
        rollback_commands: vec![restore],
        notes: vec![
            "The first command lists the possible targets; try the upgrade on a restored copy.".into(),
            "There is no way back in place: the snapshot restores to a new database.".into(),
        ],
    }
}

const TARGET: [(&str, &str); 3] = [
    ("--engine-version", "TARGET_VERSION"),
    ("--allow-major-version-upgrade", ""),
    ("--apply-immediately", ""),
];

/// Adds the commands and answers with the way back.
fn upgrade_instance(db: &DbInstance, commands: &mut Vec<String>) -> String {
    let (region, id) = (&db.common.region, ("--db-instance-identifier", &*db.common.id));
    let name = format!("{}-before-upgrade", id.1);
    let snapshot = ("--db-snapshot-identifier", &*name);
    let [version, major, at_once] = TARGET;
    commands.push(aws("rds create-db-snapshot", region, &[id, snapshot]));
    commands.push(aws("rds modify-db-instance", region, &[id, version, major, at_once]));
    aws(
        "rds restore-db-instance-from-db-snapshot",
        region,
        &[("--db-instance-identifier", "NEW_NAME"), snapshot],
    )
}

/// A cluster is upgraded as a whole, whichever member is looked at.
fn upgrade_cluster(db: &DbInstance, cluster: &str, commands: &mut Vec<String>) -> String {
    let (region, id) = (&db.common.region, ("--db-cluster-identifier", cluster));
    let name = format!("{cluster}-before-upgrade");
    let [version, major, at_once] = TARGET;
    let snapshot = ("--db-cluster-snapshot-identifier", &*name);
    commands.push(aws("rds create-db-cluster-snapshot", region, &[id, snapshot]));
    commands.push(aws("rds modify-db-cluster", region, &[id, version, major, at_once]));
    aws(
        "rds restore-db-cluster-from-snapshot",
        region,
        &[
            ("--db-cluster-identifier", "NEW_NAME"),
            ("--snapshot-identifier", &name),
            ("--engine", db.engine.as_str()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::DbEngine, price::PriceKey};
    use crate::rules::fixtures::{Lab, db, region};

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

    #[test]
    fn members_of_an_aurora_cluster_count_one_by_one() {
        let member = |id: &str| DbInstance {
            common: crate::rules::fixtures::common(id),
            class: "db.r5.large".into(),
            cluster_id: Some("shop".into()),
            ..on(DbEngine::AuroraMysql, "5.7.mysql_aurora.2.11.4")
        };
        let found = lab(member("a")).db(member("b")).verdicts(&RULE).findings;
        let savings: Vec<_> = found.iter().map(|f| f.monthly_savings.to_string()).collect();
        assert_eq!(savings, ["146.00", "146.00"], "2 vCPUs each, before its third year");
        assert!(found[0].remediation.commands[2].contains("modify-db-cluster"));
        assert!(found[0].remediation.commands[2].contains("--db-cluster-identifier shop"));
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
        let serverless =
            DbInstance { class: "db.serverless".into(), ..on(DbEngine::AuroraPostgresql, "12.22") };
        lab(serverless).unknown(&RULE, UnknownReason::SpecificationMissing);
        Lab::new().db(on(DbEngine::Postgres, "12.22")).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
