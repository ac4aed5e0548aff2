//! Automated backups that are kept long for what is not productive.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, db_cluster::mean_gib,
    rds_usage::is_own,
};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, Verdicts,
    },
    inventory::{Common, DbCluster, DbInstance, ResourceKind},
    metric::Metric,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "rds-backup-retention-excess",
    title: "Backups outside production are kept for long",
    condition: "Tagged as not productive, and automated backups are kept for more than rds_nonprod_backup_days. Of Aurora the \
                backups that are billed are measured; RDS does not say how much they are, so that a database is shown and \
                nothing is promised.",
    formula: "Aurora: GiB of automated backups that are billed * share of the days that go * backup price",
    pitfalls: "At most: changes are not spread evenly over the days. As much as the databases' size is free in a region. A \
               policy may ask for the days.",
    kind: ResourceKind::DbInstance,
    action_type: ActionType::Configure,
    class: ConflictClass::Add,
    basis: SavingsBasis::UpperBound,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: false,
    actions: &["rds:DescribeDBInstances", "rds:DescribeDBClusters"],
    metrics: &[Metric::AuroraBackupBilled, Metric::AuroraBackupRetained],
    thresholds: &["nonprod_values", "rds_nonprod_backup_days", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let mut verdicts = case.judge_each(&inventory.db_instances, judge_instance);
    verdicts.merge(case.judge_each(&inventory.db_clusters, judge_cluster));
    verdicts
}

fn is_excess(case: &Case<'_>, common: &Common, days: i64) -> bool {
    case.nonprod(&common.tags) && days > kept_days(case)
}

fn kept_days(case: &Case<'_>) -> i64 {
    i64::from(case.thresholds.rds_nonprod_backup_days)
}

fn judge_instance(case: &Case<'_>, db: &DbInstance) -> Judgement {
    if !is_own(db) || !is_excess(case, &db.common, db.backup_days) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let cost = bill.db_backup(&db.common.region, db.engine, db.allocated_gib)?;
    let finding = case.finding(db, Amounts { cost, savings: Figure::zero(), bill });
    let modify = ("rds modify-db-instance", "--db-instance-identifier");
    let backups = Backups { common: &db.common, days: db.backup_days, modify };
    Ok(Some(Finding { basis: SavingsBasis::Exposure, ..describe(case, finding, &backups, Vec::new()) }))
}

fn judge_cluster(case: &Case<'_>, cluster: &DbCluster) -> Judgement {
    let days = cluster.backup_days;
    let judged = cluster.engine.is_aurora() && cluster.available() && !cluster.member_ids.is_empty();
    if !judged || !is_excess(case, &cluster.common, days) {
        return Ok(None);
    }
    case.require_full_window(&cluster.common)?;
    let billed = case.summary(Metric::AuroraBackupBilled, &cluster.common)?;
    let retained = case.summary(Metric::AuroraBackupRetained, &cluster.common)?;
    let gib = mean_gib(billed).min(mean_gib(retained));
    let mut bill = case.bill();
    let cost = bill.db_backup(&cluster.common.region, cluster.engine, gib)?;
    let savings = cost.clone().scale(days - kept_days(case), days);
    if !savings.is_positive() {
        return Ok(None);
    }
    let size = |summary| format!("{} GiB", mean_gib(summary));
    let measured = vec![
        case.measured(Metric::AuroraBackupBilled, billed, size(billed), "is billed".into()),
        case.measured(Metric::AuroraBackupRetained, retained, size(retained), "of automated backups".into()),
    ];
    let finding = case.finding(cluster, Amounts { cost, savings, bill });
    let modify = ("rds modify-db-cluster", "--db-cluster-identifier");
    Ok(Some(describe(case, finding, &Backups { common: &cluster.common, days, modify }, measured)))
}

/// Whose backups, how long they are kept, and what changes that.
#[derive(Clone, Copy)]
struct Backups<'a> {
    common: &'a Common,
    days: i64,
    modify: (&'static str, &'static str),
}

fn describe(case: &Case<'_>, finding: Finding, backups: &Backups<'_>, measured: Vec<Evidence>) -> Finding {
    let (Backups { common, days, modify: (operation, option) }, kept) = (*backups, kept_days(case));
    let limit = format!("at most {kept} days outside production");
    let mut evidence = vec![property("backup retention", format!("{days} days"), Some(limit))];
    evidence.extend(measured);
    let to = |days: i64| {
        let days = days.to_string();
        let options =
            [(option, &*common.id), ("--backup-retention-period", &*days), ("--apply-immediately", "")];
        aws(operation, &common.region, &options)
    };
    Finding {
        title: format!("Keep backups outside production for {kept} days instead of {days}"),
        current: json!({"backupRetentionDays": days}),
        recommended: json!({"backupRetentionDays": kept}),
        evidence,
        remediation: Remediation {
            commands: vec![to(kept)],
            rollback_commands: vec![to(days)],
            notes: vec![
                "Older backups are deleted at once and do not come back with the longer time.".into(),
            ],
        },
        ..finding
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        fixtures::{Lab, db},
        rds::lab::{aurora, cluster, member},
    };

    const GIB: f64 = 1_073_741_824.0;

    fn staging(mut cluster: DbCluster, days: i64) -> Lab {
        cluster.common.tags = [("env", "staging")].into_iter().collect();
        aurora(DbCluster { backup_days: days, ..cluster }, vec![member("a")])
            .daily(Metric::AuroraBackupBilled, "shop", 14, 900.0 * GIB)
            .daily(Metric::AuroraBackupRetained, "shop", 14, 700.0 * GIB)
    }

    #[test]
    fn of_aurora_the_share_of_days_that_go_is_saved_at_most() {
        let finding = staging(cluster("shop"), 35).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "14.70", "700 * 0.021");
        assert_eq!(finding.monthly_savings.to_string(), "11.76", "28 of 35 days");
        staging(cluster("shop"), 7).nothing(&RULE);
    }

    #[test]
    fn a_database_of_rds_is_shown_and_nothing_promised() {
        let of = |stage, days| {
            let mut db = DbInstance { backup_days: days, ..db("db-1") };
            db.common.tags = [("env", stage)].into_iter().collect();
            Lab::new().db_storage_prices().db(db)
        };
        let finding = of("dev", 30).only_finding(&RULE);
        assert_eq!(
            (finding.basis, finding.monthly_cost.to_string()),
            (SavingsBasis::Exposure, "19.00".into())
        );
        assert!(!finding.monthly_savings.is_positive());
        of("prod", 30).nothing(&RULE);
        of("dev", 7).nothing(&RULE);
    }

    #[test]
    fn what_was_not_measured_is_unknown() {
        staging(cluster("shop"), 35)
            .no_datapoints(Metric::AuroraBackupBilled, "shop")
            .unknown(&RULE, UnknownReason::MetricMissing);
    }
}
