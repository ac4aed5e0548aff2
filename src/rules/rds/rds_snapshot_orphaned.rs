//! A manual snapshot of a database that is gone.

use super::{
    Case, Judgement, Meta, Rule,
    case::property,
    db_backup::{DbBackup, finding, is_own, judge_both},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::ResourceKind,
};
use serde_json::json;
use std::collections::HashSet;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "rds-snapshot-orphaned",
    title: "Snapshot of a database that is gone",
    condition: "Manual, older than rds_snapshot_orphaned_days, and no database (or cluster) of the source's \
                name exists in any region that was listed: snapshots are copied between regions. Snapshots \
                of AWS Backup and those tagged keep, retain or golden are left alone.",
    formula: "allocated size * backup price; counted once for all snapshots of the same source",
    pitfalls: "At most: snapshots are incremental. A final snapshot may be the only copy of the data. A \
               renamed database looks gone.",
    kind: ResourceKind::DbSnapshot,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["rds:DescribeDBSnapshots", "rds:DescribeDBInstances", "rds:DescribeDBClusters"],
    metrics: &[],
    thresholds: &["rds_snapshot_orphaned_days"],
    on_by_default: true,
};

/// The names of all databases or of all clusters.
type Names<'a> = HashSet<&'a str>;

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let databases: Names<'_> = inventory.db_instances.iter().map(|db| &*db.common.id).collect();
    let clusters: Names<'_> = inventory.db_clusters.iter().map(|cluster| &*cluster.common.id).collect();
    judge_both(
        case,
        |case, snapshot| judge(case, &databases, snapshot),
        |case, snapshot| judge(case, &clusters, snapshot),
    )
}

fn judge<T: DbBackup>(case: &Case<'_>, alive: &Names<'_>, backup: &T) -> Judgement {
    if !is_own(backup) || alive.contains(backup.source_id()) {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.rds_snapshot_orphaned_days);
    let age = case.age_days(backup.common())?;
    if age <= limit {
        return Ok(None);
    }
    if !case.snapshot.coverage.complete(T::SOURCE, &backup.common().region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let (gib, source) = (backup.allocated_gib(), backup.source_id());
    Ok(Some(Finding {
        title: format!("Delete the snapshot with up to {gib} GiB of {source}, which is gone"),
        current: json!({"source": source, "sourceExists": false, "allocatedGib": gib, "ageDays": age}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("source", "not found", None),
            property("age", format!("{age} days"), Some(format!("more than {limit} days"))),
        ],
        ..finding(case, backup)?
    }))
}

#[cfg(test)]
mod tests {
    use super::super::lab;
    use super::*;
    use crate::domain::inventory::{Common, DbClusterSnapshot, DbEngine, DbInstance, DbSnapshot};
    use crate::rules::fixtures::{Lab, common, days_ago, db, db_snapshot};

    fn lab(snapshot: DbSnapshot) -> Lab {
        Lab::new().db_storage_prices().inventory(|i| i.db_snapshots.push(snapshot))
    }

    fn of_cluster(cluster: &str) -> Lab {
        let snapshot = DbClusterSnapshot {
            common: common("s-1"),
            db_cluster_id: cluster.into(),
            engine: DbEngine::AuroraPostgresql,
            allocated_gib: 100,
            manual: true,
        };
        let alive = lab::cluster("shop");
        Lab::new().db_storage_prices().inventory(|i| {
            i.db_cluster_snapshots.push(snapshot);
            i.db_clusters.push(alive);
        })
    }

    #[test]
    fn a_snapshot_without_its_database_is_found() {
        let finding = lab(db_snapshot("s-1")).db(db("db-1")).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "19.00");
        assert_eq!(finding.root.name, "DbSnapshotChain/gone");
        assert_eq!(of_cluster("gone").only_finding(&RULE).monthly_savings.to_string(), "2.10");
    }

    #[test]
    fn a_living_source_in_any_region_keeps_it() {
        lab(DbSnapshot { db_instance_id: "db-1".into(), ..db_snapshot("s-1") }).db(db("db-1")).nothing(&RULE);
        of_cluster("shop").nothing(&RULE);
        let elsewhere =
            DbInstance { common: Common::new("eu-west-1".parse().unwrap(), "gone"), ..db("gone") };
        lab(db_snapshot("s-1")).db(elsewhere).nothing(&RULE);
    }

    #[test]
    fn a_cluster_does_not_stand_in_for_a_database_of_its_name() {
        let of_shop = DbSnapshot { db_instance_id: "shop".into(), ..db_snapshot("s-2") };
        of_cluster("shop").inventory(|i| i.db_snapshots.push(of_shop)).only_finding(&RULE);
    }

    #[test]
    fn young_automatic_kept_and_managed_snapshots_are_left_alone() {
        let mut young = db_snapshot("s-1");
        young.common.created_at = Some(days_ago(30));
        lab(young).nothing(&RULE);
        lab(DbSnapshot { manual: false, ..db_snapshot("s-1") }).nothing(&RULE);
        lab(db_snapshot("awsbackup:job-1")).nothing(&RULE);
        let mut kept = db_snapshot("s-1");
        kept.common.tags = [("golden", "yes")].into_iter().collect();
        lab(kept).nothing(&RULE);
    }

    #[test]
    fn an_incomplete_list_of_databases_says_nothing() {
        let incomplete = UnknownReason::InventoryIncomplete;
        lab(db_snapshot("s-1")).incomplete(ResourceKind::DbInstance).unknown(&RULE, incomplete);
        of_cluster("gone").incomplete(ResourceKind::DbCluster).unknown(&RULE, incomplete);
        let mut dateless = db_snapshot("s-1");
        dateless.common.created_at = None;
        lab(dateless).unknown(&RULE, UnknownReason::DateMissing);
    }
}
