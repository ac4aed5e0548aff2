//! Series of RDS storage and of Aurora clusters.

use super::{Plan, Request, requests};
use crate::domain::{
    inventory::{DbCluster, DbInstance, DbStorageType},
    metric::{Metric, MetricStore},
};
use std::borrow::Cow;

/// Storage this small is not worth rebuilding.
const SMALL_GIB: i64 = 20;
const BYTES_PER_GIB: f64 = 1_073_741_824.0;

impl Plan<'_> {
    /// How full storage is; on gp2, whose size buys speed, also the speed once it is known to be rather empty.
    pub(super) fn want_rds_storage(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        for db in self.inventory.db_instances.iter().filter(|db| self.may_shrink(db)) {
            let mut want =
                |metrics: &[Metric]| wanted.extend(requests(metrics, "DBInstanceIdentifier", &db.common));
            want(&[Metric::RdsFreeStorageMin]);
            let free = known.summary(Metric::RdsFreeStorageMin, self.region, &db.common.id);
            let percent = f64::from(self.thresholds.rds_storage_free_percent);
            #[allow(clippy::cast_precision_loss, reason = "at most 64 TiB")]
            let limit = db.allocated_gib as f64 * BYTES_PER_GIB * percent / 100.0;
            if db.storage_type == DbStorageType::Gp2
                && free.is_some_and(|free| free.found > 0 && free.min >= limit)
            {
                want(&[Metric::RdsReadIopsMax, Metric::RdsWriteIopsMax]);
                want(&[Metric::RdsReadThroughputMax, Metric::RdsWriteThroughputMax]);
            }
        }
    }

    fn may_shrink(&self, db: &DbInstance) -> bool {
        db.available()
            && !db.in_cluster()
            && !db.is_replica
            && db.engine.pricing_name().is_some()
            && db.allocated_gib > SMALL_GIB
            && self.window.covers_all_of(db.common.created_at)
    }

    pub(super) fn want_clusters(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        for cluster in &self.inventory.db_clusters {
            let judged = cluster.engine.is_aurora() && cluster.available() && !cluster.member_ids.is_empty();
            if judged && self.window.covers_all_of(cluster.common.created_at) {
                self.want_cluster(cluster, known, wanted);
            }
        }
    }

    fn want_cluster(&self, cluster: &DbCluster, known: &MetricStore, wanted: &mut Vec<Request>) {
        let mut want =
            |metrics: &[Metric]| wanted.extend(requests(metrics, "DBClusterIdentifier", &cluster.common));
        want(&[Metric::AuroraStorageUsed, Metric::AuroraReadIos, Metric::AuroraWriteIos]);
        if !cluster.replicated {
            want(&[Metric::AuroraConnectionsMax]);
        }
        let connections = known.summary(Metric::AuroraConnectionsMax, self.region, &cluster.common.id);
        let used = connections.is_some_and(|seen| seen.found > 0 && seen.max > 0.0);
        if used && cluster.min_half_acus.is_some_and(|least| least > 0) {
            want(&[Metric::AuroraConnectionsHourly]);
        }
        let nonprod = self.thresholds.mark_nonprod(&cluster.common.tags);
        if nonprod && cluster.backup_days > i64::from(self.thresholds.rds_nonprod_backup_days) {
            want(&[Metric::AuroraBackupBilled, Metric::AuroraBackupRetained]);
        }
        let serverless = self.inventory.db_instances.iter().filter(|db| db.serverless());
        for member in serverless.filter(|db| db.cluster_id.as_deref() == Some(&*cluster.common.id)) {
            wanted.push(Request {
                metric: Metric::AuroraAcus,
                id: member.common.id.clone(),
                dimensions: vec![(Cow::Borrowed("DBInstanceIdentifier"), member.common.id.clone())],
            });
        }
    }
}
