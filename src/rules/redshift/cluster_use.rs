//! What a cluster costs, and what it was seen to do.

use super::{Bill, Case, command::aws};
use crate::domain::{
    figure::Rate,
    finding::{Evidence, UnknownReason},
    inventory::RedshiftCluster,
    metric::{Metric, Summary, WeekProfile},
    price::PriceKey,
    price_item::Item,
    region::Region,
};

impl Bill<'_> {
    /// An hour of one node.
    pub fn redshift_node(&mut self, region: &Region, node_type: &str) -> Result<Rate, UnknownReason> {
        self.price(PriceKey::named(Item::RedshiftNode, region, node_type))
    }
}

/// The connections of a cluster, if it is up since before the window.
fn connections<'a>(case: &Case<'a>, cluster: &RedshiftCluster) -> Result<Option<&'a Summary>, UnknownReason> {
    if !cluster.available() {
        return Ok(None);
    }
    case.require_full_window(&cluster.common)?;
    case.summary(Metric::RedshiftConnectionsMax, &cluster.common).map(Some)
}

/// Those of a cluster that nobody opened one to in the whole window.
pub fn find_unused<'a>(
    case: &Case<'a>,
    cluster: &RedshiftCluster,
) -> Result<Option<&'a Summary>, UnknownReason> {
    Ok(connections(case, cluster)?.filter(|connections| connections.max <= 0.0))
}

/// Up, and somebody connects.
pub fn is_used(case: &Case<'_>, cluster: &RedshiftCluster) -> Result<bool, UnknownReason> {
    Ok(connections(case, cluster)?.is_some_and(|connections| connections.max > 0.0))
}

/// The mean CPU of all nodes in the busiest hour of the week, in percent.
pub struct BusiestHour<'a> {
    pub percent: f64,
    week: &'a WeekProfile,
}

impl<'a> BusiestHour<'a> {
    pub fn measure(case: &Case<'a>, cluster: &RedshiftCluster) -> Result<Self, UnknownReason> {
        let week = case.week(Metric::RedshiftCpuHourly, &cluster.common)?;
        Ok(Self { percent: week.max.iter().copied().fold(0.0, f64::max), week })
    }

    pub fn evidence(&self, case: &Case<'_>, threshold: String) -> Evidence {
        case.measured_week(Metric::RedshiftCpuHourly, self.week, threshold)
    }
}

/// `aws redshift …` about one cluster.
pub fn of_cluster(operation: &str, cluster: &RedshiftCluster, options: &[(&str, &str)]) -> String {
    let named = [&[("--cluster-identifier", &*cluster.common.id)][..], options].concat();
    aws(&format!("redshift {operation}"), &cluster.common.region, &named)
}
