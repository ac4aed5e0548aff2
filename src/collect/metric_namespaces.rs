//! Namespaces of metrics that are not AWS's own, and how many of their metrics are billed now.
//!
//! AWS cannot list them alone: all metrics of a region are walked through, up to a bound. Beyond it the counts
//! are too small and the list is not complete, which is no failure.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
};
use crate::domain::{
    inventory::{Common, MetricNamespace, ResourceKind},
    region::Region,
};
use aws_sdk_cloudwatch::{operation::list_metrics::ListMetricsOutput, types as sdk};
use std::collections::BTreeMap;

pub(super) const COLLECTOR: Collector = Collector {
    name: "metric namespaces",
    actions: &[super::agent::LIST],
    listing: Some(Listing {
        kind: ResourceKind::MetricNamespace,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.metric_namespaces)),
    }),
};

/// 25,000 metrics. More than that of AWS's own is a fleet whose custom metrics are found by a closer look.
const MOST_PAGES: usize = 50;

async fn fetch(scope: &Scope<'_>, found: &mut Vec<MetricNamespace>) -> Result<(), Incomplete> {
    let client = scope.session.cloudwatch(&scope.region);
    let (mut active, mut pages, mut cut) = (BTreeMap::<String, i64>::new(), 0, false);
    let fetch = |token| {
        let call = client.list_metrics().recently_active(sdk::RecentlyActive::Pt3H);
        call.set_next_token(token).send()
    };
    let take = |page: ListMetricsOutput| {
        count(&mut active, page.metrics.unwrap_or_default());
        pages += 1;
        cut = pages >= MOST_PAGES && page.next_token.is_some();
        page.next_token.filter(|_| !cut)
    };
    let read = scope.page_through(super::agent::LIST, fetch, take).await;
    found.extend(active.into_iter().map(|(name, active)| namespace(&scope.region, name, active)));
    if cut { Err(Incomplete) } else { read }
}

fn namespace(region: &Region, name: String, active_metrics: i64) -> MetricNamespace {
    MetricNamespace { common: Common::new(region.clone(), name), active_metrics }
}

fn count(active: &mut BTreeMap<String, i64>, metrics: Vec<sdk::Metric>) {
    for namespace in metrics.into_iter().filter_map(|metric| metric.namespace) {
        if !namespace.starts_with("AWS/") {
            *active.entry(namespace).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_metrics_that_are_billed_count() {
        let metric = |namespace: &str| sdk::Metric::builder().namespace(namespace).build();
        let mut active = BTreeMap::new();
        count(&mut active, vec![metric("Shop"), metric("AWS/EC2"), metric("Shop")]);
        assert_eq!(active, [("Shop".to_owned(), 2)].into());
    }
}
