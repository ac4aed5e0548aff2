//! A database snapshot that was taken by hand long ago.

use super::{
    Case, Judgement, Meta, Rule,
    case::property,
    db_backup::{DbBackup, finding, is_own, judge_both},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::ResourceKind,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_both(case, judge, judge) };

static META: Meta = Meta {
    id: "rds-snapshot-old-manual",
    title: "Old manual snapshot of a database",
    condition: "Manual, of a database or a cluster, older than rds_snapshot_old_days, whether its source \
                still exists or not. Snapshots of AWS Backup and those tagged keep, retain or golden are \
                left alone.",
    formula: "allocated size * backup price; counted once for all snapshots of the same source",
    pitfalls: "At most: snapshots are incremental, and as much as the databases' size is free in a region. \
               Some are kept by law: tag them keep.",
    kind: ResourceKind::DbSnapshot,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["rds:DescribeDBSnapshots"],
    metrics: &[],
    thresholds: &["rds_snapshot_old_days"],
    on_by_default: true,
};

fn judge<T: DbBackup>(case: &Case<'_>, backup: &T) -> Judgement {
    if !is_own(backup) {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.rds_snapshot_old_days);
    let age = case.age_days(backup.common())?;
    if age <= limit {
        return Ok(None);
    }
    let (gib, source) = (backup.allocated_gib(), backup.source_id());
    Ok(Some(Finding {
        title: format!("Delete the {age} days old manual snapshot of {source} with up to {gib} GiB"),
        current: json!({"source": source, "allocatedGib": gib, "ageDays": age}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("age", format!("{age} days"), Some(format!("more than {limit} days"))),
            property("snapshot type", "manual", None),
        ],
        // While its database lives, backups up to its size are free.
        confidence: Level::Low,
        ..finding(case, backup)?
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{DbClusterSnapshot, DbEngine, DbSnapshot},
    };
    use crate::rules::fixtures::{Lab, common, days_ago, db, db_snapshot};

    fn lab(snapshot: DbSnapshot) -> Lab {
        Lab::new().db_storage_prices().inventory(|i| i.db_snapshots.push(snapshot))
    }

    fn tagged(key: &str, value: &str) -> DbSnapshot {
        let mut snapshot = db_snapshot("s-1");
        snapshot.common.tags = [(key, value)].into_iter().collect();
        snapshot
    }

    fn aged(days: i64) -> DbSnapshot {
        let mut snapshot = db_snapshot("s-1");
        snapshot.common.created_at = Some(days_ago(days));
        snapshot
    }

    #[test]
    fn an_old_snapshot_is_found_whether_its_database_exists_or_not() {
        let of_db_1 = DbSnapshot { db_instance_id: "db-1".into(), ..db_snapshot("s-1") };
        let finding = lab(of_db_1).db(db("db-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "19.00");
        assert_eq!(finding.basis, SavingsBasis::UpperBound);
        assert_eq!(finding.root.name, "DbSnapshotChain/db-1");
        lab(aged(91)).only_finding(&RULE);
    }

    #[test]
    fn a_snapshot_of_an_aurora_cluster_has_its_own_price_and_chain() {
        let snapshot = DbClusterSnapshot {
            common: common("s-1"),
            db_cluster_id: "shop".into(),
            engine: DbEngine::AuroraMysql,
            allocated_gib: 1_000,
            manual: true,
        };
        let lab = Lab::new().db_storage_prices().inventory(|i| i.db_cluster_snapshots.push(snapshot));
        let finding = lab.only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "21.00");
        assert_eq!(finding.root.name, "DbClusterSnapshotChain/shop");
        assert!(finding.remediation.commands[0].starts_with("aws rds delete-db-cluster-snapshot"));
    }

    #[test]
    fn young_automatic_kept_and_managed_snapshots_are_left_alone() {
        lab(aged(90)).nothing(&RULE);
        lab(DbSnapshot { manual: false, ..db_snapshot("s-1") }).nothing(&RULE);
        lab(db_snapshot("awsbackup:job-1")).nothing(&RULE);
        lab(tagged("aws:backup:source-resource", "x")).nothing(&RULE);
        lab(tagged("Retain", "2030")).nothing(&RULE);
        lab(tagged("keep", "false")).only_finding(&RULE);
    }

    #[test]
    fn what_is_missing_is_unknown() {
        let mut dateless = db_snapshot("s-1");
        dateless.common.created_at = None;
        lab(dateless).unknown(&RULE, UnknownReason::DateMissing);
        let unpriced = Lab::new().inventory(|i| i.db_snapshots.push(db_snapshot("s-1")));
        unpriced.unknown(&RULE, UnknownReason::PriceMissing);
    }
}
