//! Series of Redshift clusters.

use super::{Plan, Request, requests};
use crate::domain::metric::{Metric, MetricStore};

impl Plan<'_> {
    /// Connections first; hours and size matter for clusters that are used.
    pub(super) fn want_redshift(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        let clusters = self.inventory.redshift_clusters.iter().filter(|cluster| cluster.available());
        for cluster in clusters.filter(|cluster| self.window.covers_all_of(cluster.common.created_at)) {
            let mut want =
                |metrics: &[Metric]| wanted.extend(requests(metrics, "ClusterIdentifier", &cluster.common));
            want(&[Metric::RedshiftConnectionsMax]);
            let connections = known.summary(Metric::RedshiftConnectionsMax, self.region, &cluster.common.id);
            if connections.is_some_and(|seen| seen.found > 0 && seen.max > 0.0) {
                want(&[Metric::RedshiftCpuHourly, Metric::RedshiftDiskMax]);
                if cluster.can_pause() {
                    want(&[Metric::RedshiftConnectionsHourly]);
                }
            }
        }
    }
}
