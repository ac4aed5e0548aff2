//! Memory of instances, as far as CloudWatch's agent reports it.
//!
//! AWS itself does not measure memory. The agent files it under dimensions of the customer's choice, so
//! they are looked up; series without the instance's id cannot be told apart and are left out.

use super::{
    metric_plan::{Dimension, Plan, Request},
    scope::Scope,
};
use crate::domain::metric::{Metric, MetricStore};
use aws_sdk_cloudwatch::{operation::list_metrics::ListMetricsOutput, types as sdk};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

pub(super) const LIST: &str = "cloudwatch:ListMetrics";
const ID: &str = "InstanceId";

/// What to ask for; nothing where no instance is awake or the list could not be read.
pub(super) async fn memory_requests(scope: &Scope<'_>, plan: &Plan<'_>, known: &MetricStore) -> Vec<Request> {
    let awake: HashSet<&str> = plan.awake_instances(known).map(|instance| &*instance.common.id).collect();
    if awake.is_empty() {
        return Vec::new();
    }
    let spec = Metric::Ec2MemoryMax.spec();
    let client = scope.session.cloudwatch(&scope.region);
    let mut series = BTreeMap::new();
    let by_instance = sdk::DimensionFilter::builder().name(ID).build();
    let fetch = |token| {
        let call = client.list_metrics().namespace(spec.namespace).metric_name(spec.name);
        call.dimensions(by_instance.clone()).set_next_token(token).send()
    };
    let take = |page: ListMetricsOutput| {
        for metric in page.metrics.unwrap_or_default() {
            keep_plainest(&mut series, metric, &awake);
        }
        page.next_token
    };
    // A list that broke off still names true series; the gap is written down.
    let _ = scope.page_through(LIST, fetch, take).await;
    let request = |(id, dimensions)| Request { metric: Metric::Ec2MemoryMax, id, dimensions };
    series.into_iter().map(request).collect()
}

/// Of several series of an instance the one with the fewest dimensions: the others are parts of it.
fn keep_plainest(
    series: &mut BTreeMap<Box<str>, Vec<Dimension>>,
    metric: sdk::Metric,
    awake: &HashSet<&str>,
) {
    let dimensions: Vec<Dimension> = metric
        .dimensions
        .unwrap_or_default()
        .into_iter()
        .filter_map(|d| Some((Cow::Owned(d.name?), d.value?.into_boxed_str())))
        .collect();
    let id = dimensions.iter().find(|(name, _)| name == ID).map(|(_, value)| value.clone());
    let Some(id) = id.filter(|id| awake.contains(&**id)) else { return };
    let kept = series.get(&id);
    if kept.is_none_or(|kept| (dimensions.len(), &dimensions) < (kept.len(), kept)) {
        series.insert(id, dimensions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(pairs: &[(&str, &str)]) -> sdk::Metric {
        let dimension =
            |(name, value): &(&str, &str)| sdk::Dimension::builder().name(*name).value(*value).build();
        sdk::Metric::builder().set_dimensions(Some(pairs.iter().map(dimension).collect())).build()
    }

    #[test]
    fn the_plainest_series_of_each_awake_instance_is_kept() {
        let mut series = BTreeMap::new();
        let awake = HashSet::from(["i-1"]);
        for found in [
            metric(&[("InstanceId", "i-1"), ("ImageId", "ami-1"), ("InstanceType", "m5.large")]),
            metric(&[("InstanceId", "i-1")]),
            metric(&[("InstanceId", "i-2")]),
            metric(&[("host", "x")]),
        ] {
            keep_plainest(&mut series, found, &awake);
        }
        assert_eq!(series.len(), 1);
        assert_eq!(series["i-1"], [("InstanceId".into(), "i-1".into())]);
    }
}
