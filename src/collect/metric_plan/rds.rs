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

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common};
    use super::*;
    use crate::domain::{inventory::DbEngine, snapshot::Inventory};

    fn db(storage_type: DbStorageType) -> DbInstance {
        DbInstance {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            class: "db.r6g.large".into(),
            engine: DbEngine::Postgres,
            engine_version: "16.4".into(),
            status: "available".into(),
            multi_az: false,
            storage_type,
            allocated_gib: 1_000,
            iops: 0,
            cluster_id: None,
            is_replica: false,
            has_replicas: false,
            lifecycle_support: None,
            license_model: "postgresql-license".into(),
            backup_days: 7,
            insights_days: None,
            advanced_insights: false,
            source_region: None,
        }
    }

    fn of(db: DbInstance, seen: &[(Metric, f64)]) -> Vec<Metric> {
        asked(&Inventory { db_instances: vec![db], ..Inventory::default() }, seen)
    }

    #[test]
    fn the_speed_of_gp2_is_asked_where_much_of_it_is_free() {
        let seen = |free_gib| {
            [(Metric::RdsConnectionsMax, 0.0), (Metric::RdsFreeStorageMin, free_gib * BYTES_PER_GIB)]
        };
        let speed = [
            Metric::RdsReadIopsMax,
            Metric::RdsWriteIopsMax,
            Metric::RdsReadThroughputMax,
            Metric::RdsWriteThroughputMax,
        ];
        assert_eq!(of(db(DbStorageType::Gp2), &[]), [Metric::RdsConnectionsMax, Metric::RdsFreeStorageMin]);
        assert_eq!(of(db(DbStorageType::Gp2), &seen(500.0)), speed);
        assert_eq!(of(db(DbStorageType::Gp2), &seen(499.0)), []);
        assert_eq!(of(db(DbStorageType::Gp3), &seen(900.0)), []);
    }

    fn cluster() -> DbCluster {
        DbCluster {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            engine: DbEngine::AuroraPostgresql,
            engine_version: "16.4".into(),
            status: "available".into(),
            member_ids: vec!["a".into()],
            lifecycle_support: None,
            io_optimized: false,
            min_half_acus: Some(4),
            backup_days: 7,
            replicated: false,
        }
    }

    fn of_cluster(cluster: DbCluster, seen: &[(Metric, f64)]) -> Vec<Metric> {
        asked(&Inventory { db_clusters: vec![cluster], ..Inventory::default() }, seen)
    }

    #[test]
    fn hours_of_a_cluster_matter_where_capacity_waits_for_somebody() {
        let model = [Metric::AuroraStorageUsed, Metric::AuroraReadIos, Metric::AuroraWriteIos];
        let used = [(Metric::AuroraConnectionsMax, 3.0)];
        let first = [&model[..], &[Metric::AuroraConnectionsMax]].concat();
        assert_eq!(of_cluster(cluster(), &[]), first);
        let hours = [&model[..], &[Metric::AuroraConnectionsHourly]].concat();
        assert_eq!(of_cluster(cluster(), &used), hours);
        assert_eq!(of_cluster(DbCluster { min_half_acus: None, ..cluster() }, &used), model);
        assert_eq!(of_cluster(DbCluster { replicated: true, ..cluster() }, &[]), model);
        assert_eq!(of_cluster(DbCluster { engine: DbEngine::Mysql, ..cluster() }, &[]), []);
    }
}
