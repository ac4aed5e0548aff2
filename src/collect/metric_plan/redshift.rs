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

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common};
    use super::*;
    use crate::domain::{inventory::RedshiftCluster, snapshot::Inventory};

    #[test]
    fn hours_are_asked_of_what_is_used_and_can_pause() {
        let of = |multi_az, seen: &[(Metric, f64)]| {
            let cluster = RedshiftCluster {
                common: common("i-1", "2026-01-01T00:00:00Z"),
                node_type: "ra3.xlplus".into(),
                nodes: 4,
                status: "available".into(),
                in_vpc: true,
                hsm: false,
                multi_az,
                snapshot_days: 1,
            };
            asked(&Inventory { redshift_clusters: vec![cluster], ..Inventory::default() }, seen)
        };
        let connections = Metric::RedshiftConnectionsMax;
        assert_eq!(of(false, &[]), [connections]);
        assert_eq!(of(false, &[(connections, 0.0)]), []);
        let size = [Metric::RedshiftCpuHourly, Metric::RedshiftDiskMax];
        assert_eq!(of(true, &[(connections, 5.0)]), size);
        let pause = [&size[..], &[Metric::RedshiftConnectionsHourly]].concat();
        assert_eq!(of(false, &[(connections, 5.0)]), pause);
    }
}
