//! Manual snapshots of databases and of clusters, as one kind of thing.

use super::{Amounts, Case, Judgement, command::aws};
use crate::domain::{
    finding::{Finding, Remediation, UnknownReason, Verdicts},
    inventory::{Common, DbClusterSnapshot, DbEngine, DbSnapshot, Inventoried, ResourceKind, backup_managed},
};

/// A snapshot with what it was taken of.
pub trait DbBackup: Inventoried {
    const SOURCE: ResourceKind;
    const CHAIN: &'static str;
    /// The option that names it, and the operation that deletes it.
    const DELETE: (&'static str, &'static str);
    fn source_id(&self) -> &str;
    fn engine(&self) -> DbEngine;
    fn allocated_gib(&self) -> i64;
    fn manual(&self) -> bool;
}

macro_rules! db_backup {
    ($type:ident, $source:ident, $chain:literal, $option:literal, $delete:literal, $source_id:ident) => {
        impl DbBackup for $type {
            const SOURCE: ResourceKind = ResourceKind::$source;
            const CHAIN: &'static str = $chain;
            const DELETE: (&'static str, &'static str) = ($option, $delete);

            fn source_id(&self) -> &str {
                &self.$source_id
            }
            fn engine(&self) -> DbEngine {
                self.engine
            }
            fn allocated_gib(&self) -> i64 {
                self.allocated_gib
            }
            fn manual(&self) -> bool {
                self.manual
            }
        }
    };
}

db_backup! {
    DbSnapshot, DbInstance, "DbSnapshotChain",
    "--db-snapshot-identifier", "rds delete-db-snapshot", db_instance_id
}
db_backup! {
    DbClusterSnapshot, DbCluster, "DbClusterSnapshotChain",
    "--db-cluster-snapshot-identifier", "rds delete-db-cluster-snapshot", db_cluster_id
}

/// Taken by hand, and nobody asked for it to be kept: AWS Backup's own stay with their plan.
#[must_use]
pub fn is_own(backup: &impl DbBackup) -> bool {
    let Common { id, tags, .. } = backup.common();
    backup.manual() && !id.starts_with("awsbackup:") && !backup_managed(tags) && !tags.keep()
}

/// The same question about snapshots of databases and of clusters.
pub fn judge_both(
    case: &Case<'_>,
    databases: impl Fn(&Case<'_>, &DbSnapshot) -> Judgement,
    clusters: impl Fn(&Case<'_>, &DbClusterSnapshot) -> Judgement,
) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let mut verdicts = case.judge_each(&inventory.db_snapshots, databases);
    verdicts.merge(case.judge_each(&inventory.db_cluster_snapshots, clusters));
    verdicts
}

/// A finding that counts once for all snapshots of the same database, at no more than the full size.
pub fn finding<T: DbBackup>(case: &Case<'_>, backup: &T) -> Result<Finding, UnknownReason> {
    let common = backup.common();
    let mut bill = case.bill();
    let cost = bill.db_backup(&common.region, backup.engine(), backup.allocated_gib())?;
    let mut finding = case.finding(backup, Amounts { savings: cost.clone(), cost, bill });
    finding.root.name = format!("{}/{}", T::CHAIN, backup.source_id());
    let (option, delete) = T::DELETE;
    finding.remediation = Remediation {
        commands: vec![aws(delete, &common.region, &[(option, &common.id)])],
        rollback_commands: Vec::new(),
        notes: vec![
            "A deleted snapshot does not come back: export it to S3 first if its data may be needed.".into(),
        ],
    };
    Ok(finding)
}
