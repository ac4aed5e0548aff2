//! Memory and GPUs, as far as CloudWatch's agent reports them.
//!
//! AWS itself measures neither. The agent files them under dimensions of the customer's choice, so
//! they are looked up; series without the instance's id or the group's name cannot be told apart and are left out.

use super::{
    metric_plan::{Dimension, Plan, Request},
    scope::Scope,
};
use crate::domain::{
    inventory::Common,
    metric::{Metric, MetricStore},
};
use aws_sdk_cloudwatch::{operation::list_metrics::ListMetricsOutput, types as sdk};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet},
};

pub(super) const LIST: &str = "cloudwatch:ListMetrics";
const INSTANCE: &str = "InstanceId";
const GROUP: &str = "AutoScalingGroupName";

/// All series of each resource that is looked for, by its id.
type Found = BTreeMap<Box<str>, BTreeSet<Vec<Dimension>>>;

/// What to ask for; nothing where nobody is awake or the list could not be read.
pub(super) async fn requests(scope: &Scope<'_>, plan: &Plan<'_>, known: &MetricStore) -> Vec<Request> {
    let instances = find(scope, Metric::Ec2MemoryMax, INSTANCE, plan.awake_instances(known)).await;
    let groups = find(scope, Metric::AsgMemoryMax, GROUP, plan.awake_groups(known)).await;
    let accelerated = find(scope, Metric::Ec2GpuMax, INSTANCE, plan.accelerated_instances()).await;
    let mut wanted: Vec<Request> = instances.into_iter().filter_map(plainest).collect();
    wanted.extend(groups.into_iter().filter_map(of_whole_group));
    wanted.extend(accelerated.into_iter().flat_map(of_each_gpu));
    wanted
}

async fn find(
    scope: &Scope<'_>,
    metric: Metric,
    dimension: &'static str,
    of: impl Iterator<Item = &Common>,
) -> Found {
    let mut found = Found::new();
    let looked_for: HashSet<&str> = of.map(|common| &*common.id).collect();
    if looked_for.is_empty() {
        return found;
    }
    let spec = metric.spec();
    let client = scope.session.cloudwatch(&scope.region);
    let filter = sdk::DimensionFilter::builder().name(dimension).build();
    let fetch = |token| {
        let call = client.list_metrics().namespace(spec.namespace).metric_name(spec.name);
        call.dimensions(filter.clone()).set_next_token(token).send()
    };
    let take = |page: ListMetricsOutput| {
        for metric in page.metrics.unwrap_or_default() {
            keep(&mut found, metric, dimension, &looked_for);
        }
        page.next_token
    };
    // A list that broke off still names true series; the gap is written down.
    let _ = scope.page_through(LIST, fetch, take).await;
    found
}

fn keep(found: &mut Found, metric: sdk::Metric, dimension: &str, looked_for: &HashSet<&str>) {
    let dimensions: Vec<Dimension> = metric
        .dimensions
        .unwrap_or_default()
        .into_iter()
        .filter_map(|d| Some((Cow::Owned(d.name?), d.value?.into_boxed_str())))
        .collect();
    let id = dimensions.iter().find(|(name, _)| name == dimension).map(|(_, value)| value.clone());
    if let Some(id) = id.filter(|id| looked_for.contains(&**id)) {
        found.entry(id).or_default().insert(dimensions);
    }
}

/// Of several series of an instance the one with the fewest dimensions: the others are parts of it.
fn plainest((id, series): (Box<str>, BTreeSet<Vec<Dimension>>)) -> Option<Request> {
    let dimensions = series.into_iter().min_by_key(Vec::len)?;
    Some(Request { metric: Metric::Ec2MemoryMax, id, dimensions })
}

/// Only what the agent adds up over all members: it has no other dimension.
fn of_whole_group((id, series): (Box<str>, BTreeSet<Vec<Dimension>>)) -> Option<Request> {
    let dimensions = series.into_iter().find(|dimensions| dimensions.len() == 1)?;
    Some(Request { metric: Metric::AsgMemoryMax, id, dimensions })
}

/// What the agent adds up over all GPUs of an instance, or each GPU under a name of its own: `i-1/0`.
fn of_each_gpu((id, series): (Box<str>, BTreeSet<Vec<Dimension>>)) -> Vec<Request> {
    let metric = Metric::Ec2GpuMax;
    let whole = series.iter().find(|dimensions| dimensions.len() == 1).cloned();
    if let Some(dimensions) = whole {
        return vec![Request { metric, id, dimensions }];
    }
    let indexed = |dimensions: &Vec<Dimension>| dimensions.iter().any(|(name, _)| name == "index");
    let each = series.into_iter().filter(indexed).enumerate();
    each.map(|(n, dimensions)| Request { metric, id: format!("{id}/{n}").into(), dimensions }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: &'static str, all: &[&[(&str, &str)]]) -> Found {
        let mut found = Found::new();
        for pairs in all {
            let dimension =
                |(name, value): &(&str, &str)| sdk::Dimension::builder().name(*name).value(*value).build();
            let metric =
                sdk::Metric::builder().set_dimensions(Some(pairs.iter().map(dimension).collect())).build();
            let dimension = if id.starts_with("i-") { INSTANCE } else { GROUP };
            keep(&mut found, metric, dimension, &HashSet::from([id]));
        }
        found
    }

    #[test]
    fn the_plainest_series_of_each_awake_instance_is_kept() {
        let found = found(
            "i-1",
            &[
                &[("ImageId", "ami-1"), ("InstanceId", "i-1"), ("InstanceType", "m5.large")],
                &[("InstanceId", "i-1")],
                &[("InstanceId", "i-2")],
                &[("host", "x")],
            ],
        );
        let requests: Vec<Request> = found.into_iter().filter_map(plainest).collect();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].dimensions, [("InstanceId".into(), "i-1".into())]);
    }

    #[test]
    fn a_group_counts_as_a_whole_only() {
        let parts = found("web", &[&[("AutoScalingGroupName", "web"), ("InstanceId", "i-1")]]);
        assert!(parts.into_iter().find_map(of_whole_group).is_none());
        let whole = found("web", &[&[("AutoScalingGroupName", "web")]]);
        assert!(whole.into_iter().find_map(of_whole_group).is_some());
    }

    #[test]
    fn gpus_are_one_series_or_one_each() {
        let gpu = |index| [("InstanceId", "i-1"), ("index", index), ("name", "T4")];
        let each: Vec<Request> =
            found("i-1", &[&gpu("1"), &gpu("0")]).into_iter().flat_map(of_each_gpu).collect();
        let ids: Vec<&str> = each.iter().map(|request| &*request.id).collect();
        assert_eq!(ids, ["i-1/0", "i-1/1"]);
        let whole = found("i-1", &[&gpu("0"), &[("InstanceId", "i-1")]]);
        let ids: Vec<Box<str>> = whole.into_iter().flat_map(of_each_gpu).map(|request| request.id).collect();
        assert_eq!(ids, [Box::<str>::from("i-1")]);
    }
}
