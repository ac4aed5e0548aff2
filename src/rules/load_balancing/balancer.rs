//! What the rules about load balancers share: what one costs, how it is deleted, who made it, and metrics that AWS leaves
//! out while they are zero.

use super::{
    Case,
    case::{Key, key},
    command::aws,
};
use crate::domain::{
    figure::Figure,
    finding::{Remediation, UnknownReason},
    inventory::{
        BalancerType, ClassicLoadBalancer, Common, InstanceState, LoadBalancer, ResourceKind, arn_of,
    },
    metric::Metric,
    price::PriceKey,
    price_item::Item,
    tags::Tags,
};
use crate::rules::Bill;
use std::collections::HashSet;

/// Its hours and those of AWS's addresses that go with it. What it charges for traffic is left out.
pub(super) fn cost(bill: &mut Bill<'_>, balancer: &LoadBalancer) -> Result<Figure, UnknownReason> {
    let region = &balancer.common.region;
    let (item, units) = match balancer.balancer_type {
        BalancerType::Application => (Item::AlbHour, 1),
        BalancerType::Network => (Item::NlbHour, 1),
        // Billed for each zone.
        BalancerType::Gateway => (Item::GwlbHour, i64::from(balancer.zones)),
        BalancerType::Other => return Err(UnknownReason::SpecificationMissing),
    };
    let mut cost = bill.price(PriceKey::item(item, region))?.monthly(units);
    if balancer.public_addresses > 0 {
        let address = bill.price(PriceKey::PublicIpv4 { region: region.clone() })?;
        cost += address.monthly(i64::from(balancer.public_addresses));
    }
    Ok(cost)
}

pub(super) fn delete(case: &Case<'_>, balancer: &LoadBalancer) -> Remediation {
    let Common { region, id, tags, .. } = &balancer.common;
    let arn = arn_of(ResourceKind::LoadBalancer, case.snapshot.account, region, id);
    let command = aws("elbv2 delete-load-balancer", region, &[("--load-balancer-arn", &arn)]);
    deletion(command, tags)
}

pub(super) fn delete_classic(balancer: &ClassicLoadBalancer) -> Remediation {
    let Common { region, id, tags, .. } = &balancer.common;
    deletion(aws("elb delete-load-balancer", region, &[("--load-balancer-name", id)]), tags)
}

fn deletion(command: String, tags: &Tags) -> Remediation {
    let mut notes =
        vec!["A new one has another DNS name: look for names and certificates that lead to it.".to_owned()];
    if of_kubernetes(tags) {
        notes.push(
            "A Kubernetes controller made it: delete the Service or Ingress instead, or it comes back."
                .into(),
        );
    }
    Remediation { commands: vec![command], rollback_commands: Vec::new(), notes }
}

fn of_kubernetes(tags: &Tags) -> bool {
    const PREFIX: [&str; 4] = ["kubernetes.io/", "elbv2.k8s.aws/", "ingress.k8s.aws/", "service.k8s.aws/"];
    tags.any_key(|key| PREFIX.iter().any(|prefix| key.starts_with(prefix)))
}

/// The sum of a metric that AWS leaves out while it is zero: that nothing came is zero only where another metric, which
/// is always reported, came.
pub(super) fn sum_or_zero(
    case: &Case<'_>,
    (metric, always): (Metric, Metric),
    common: &Common,
) -> Result<f64, UnknownReason> {
    let sparse = case.snapshot.metrics.summary(metric, &common.region, &common.id);
    let sparse = sparse.ok_or(UnknownReason::MetricMissing)?;
    case.summary(always, common)?;
    Ok(sparse.sum)
}

/// The instances that run, found once for all load balancers.
pub(super) struct Running<'a>(HashSet<Key<'a>>);

impl<'a> Running<'a> {
    pub fn of(case: &Case<'a>) -> Self {
        use InstanceState::{Pending, Running, Unknown};
        let instances = &case.snapshot.inventory.instances;
        let alive = instances.iter().filter(|one| matches!(one.state, Running | Pending | Unknown));
        Self(alive.map(|instance| key(&instance.common)).collect())
    }

    /// How many of the registered ones do; unknown where instances could not all be read.
    pub fn behind(&self, case: &Case<'_>, balancer: &ClassicLoadBalancer) -> Result<usize, UnknownReason> {
        let region = &balancer.common.region;
        if balancer.instance_ids.is_empty() {
            return Ok(0);
        }
        if !case.snapshot.coverage.complete(ResourceKind::Instance, region) {
            return Err(UnknownReason::InventoryIncomplete);
        }
        Ok(balancer.instance_ids.iter().filter(|id| self.0.contains(&(region, &***id))).count())
    }
}
