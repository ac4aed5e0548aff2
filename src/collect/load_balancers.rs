//! Application, network and gateway load balancers, with their tags and what they lead to.

use super::{
    Collector, Listing, Turn, load_balancer_targets,
    scope::{Incomplete, Scope},
    wire,
};
use crate::{
    aws::Failure,
    domain::{
        inventory::{BalancerType, LoadBalancer, ResourceKind, arn_of},
        region::Region,
        tags::Tags,
    },
};
use aws_sdk_elasticloadbalancingv2::{
    operation::describe_load_balancers::DescribeLoadBalancersOutput, types as sdk,
};
use futures_util::{StreamExt, stream};

pub(super) const BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";
pub(super) const TAGS: &str = "elasticloadbalancing:DescribeTags";

pub(super) const COLLECTOR: Collector = Collector {
    name: "load balancers",
    actions: &[
        BALANCERS,
        TAGS,
        load_balancer_targets::GROUPS,
        load_balancer_targets::HEALTH,
        load_balancer_targets::LISTENERS,
    ],
    listing: Some(Listing {
        kind: ResourceKind::LoadBalancer,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.load_balancers)),
    }),
};

/// AWS's limit of one call, for both generations.
pub(super) const MOST_TAGGED: usize = 20;
pub(super) const SIDE_BY_SIDE: usize = 8;
/// A load balancer that went between two calls.
pub(super) const GONE: &str = "LoadBalancerNotFound";

async fn fetch(scope: &Scope<'_>, found: &mut Vec<LoadBalancer>) -> Result<(), Incomplete> {
    let listed = list(scope, found).await;
    let tagged = add_tags(scope, found).await;
    load_balancer_targets::add(scope, found).await;
    listed.and(tagged)
}

async fn list(scope: &Scope<'_>, found: &mut Vec<LoadBalancer>) -> Result<(), Incomplete> {
    let client = scope.session.load_balancing(&scope.region);
    let fetch = |token| client.describe_load_balancers().page_size(400).set_marker(token).send();
    let take = |page: DescribeLoadBalancersOutput| {
        let balancers = page.load_balancers.unwrap_or_default().into_iter();
        found.extend(balancers.filter_map(|item| map(item, &scope.region)));
        page.next_marker
    };
    scope.page_through(BALANCERS, fetch, take).await
}

fn map(balancer: sdk::LoadBalancer, region: &Region) -> Option<LoadBalancer> {
    let balancer_type = type_of(balancer.r#type.as_ref());
    let id = balancer.load_balancer_arn.as_deref().and_then(id_in).map(str::to_owned);
    let zones = balancer.availability_zones.unwrap_or_default();
    let has_ipv4 = matches!(
        balancer.ip_address_type,
        None | Some(sdk::IpAddressType::Ipv4 | sdk::IpAddressType::Dualstack)
    );
    let public = balancer.scheme == Some(sdk::LoadBalancerSchemeEnum::InternetFacing) && has_ipv4;
    // An Elastic IP outlives the load balancer, and is judged by itself.
    let own = |zone: &&sdk::AvailabilityZone| {
        !zone.load_balancer_addresses().iter().any(|address| address.allocation_id.is_some())
    };
    let public_addresses = if public { zones.iter().filter(own).count() } else { 0 };
    Some(LoadBalancer {
        common: wire::common(region, id, Tags::default(), balancer.created_time)?,
        balancer_type,
        active: balancer.state.and_then(|state| state.code).is_some_and(|code| {
            matches!(code, sdk::LoadBalancerStateEnum::Active | sdk::LoadBalancerStateEnum::ActiveImpaired)
        }),
        zones: u32::try_from(zones.len()).unwrap_or(u32::MAX),
        public_addresses: u32::try_from(public_addresses).unwrap_or(u32::MAX),
        targets: None,
        listeners: None,
    })
}

fn type_of(balancer: Option<&sdk::LoadBalancerTypeEnum>) -> BalancerType {
    match balancer {
        Some(sdk::LoadBalancerTypeEnum::Application) => BalancerType::Application,
        Some(sdk::LoadBalancerTypeEnum::Network) => BalancerType::Network,
        Some(sdk::LoadBalancerTypeEnum::Gateway) => BalancerType::Gateway,
        _ => BalancerType::Other,
    }
}

/// `app/web/50dc6c495c0c9188`.
pub(super) fn id_in(arn: &str) -> Option<&str> {
    arn.split_once(":loadbalancer/").map(|(_, id)| id)
}

pub(super) fn arn(scope: &Scope<'_>, id: &str) -> String {
    arn_of(ResourceKind::LoadBalancer, scope.session.account(), &scope.region, id)
}

/// Tags that could not be read are a gap: nobody can tell what is meant to be kept.
async fn add_tags(scope: &Scope<'_>, found: &mut [LoadBalancer]) -> Result<(), Incomplete> {
    let reads: Vec<_> = found.chunks_mut(MOST_TAGGED).map(|some| tag_some(scope, some)).collect();
    let done: Vec<_> = stream::iter(reads).buffered(SIDE_BY_SIDE).collect().await;
    done.into_iter().collect()
}

async fn tag_some(scope: &Scope<'_>, some: &mut [LoadBalancer]) -> Result<(), Incomplete> {
    match try_tag(scope, some).await {
        // One that is gone fails the call for all of them.
        Err(failure) if failure.code == GONE => {
            for one in some.chunks_mut(1) {
                settle(scope, try_tag(scope, one).await)?;
            }
            Ok(())
        }
        tagged => settle(scope, tagged),
    }
}

async fn try_tag(scope: &Scope<'_>, some: &mut [LoadBalancer]) -> Result<(), Failure> {
    let arns = some.iter().map(|balancer| arn(scope, &balancer.common.id)).collect();
    let client = scope.session.load_balancing(&scope.region);
    let call = client.describe_tags().set_resource_arns(Some(arns)).send();
    let reply = scope.call(TAGS, Box::pin(call)).await?;
    for described in reply.tag_descriptions.unwrap_or_default() {
        let id = described.resource_arn.as_deref().and_then(id_in);
        if let Some(balancer) = some.iter_mut().find(|balancer| Some(&*balancer.common.id) == id) {
            balancer.common.tags = wire::tags(described.tags, |tag| (tag.key, tag.value));
        }
    }
    Ok(())
}

/// What went between two calls has no tags, and that is no gap.
pub(super) fn settle(scope: &Scope<'_>, tagged: Result<(), Failure>) -> Result<(), Incomplete> {
    match tagged {
        Err(failure) if failure.code != GONE => Err(scope.missing(TAGS, failure)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(allocation: Option<&str>) -> sdk::AvailabilityZone {
        let address =
            sdk::LoadBalancerAddress::builder().set_allocation_id(allocation.map(str::to_owned)).build();
        sdk::AvailabilityZone::builder().load_balancer_addresses(address).build()
    }

    fn balancer(scheme: sdk::LoadBalancerSchemeEnum) -> sdk::LoadBalancer {
        let active = sdk::LoadBalancerState::builder().code(sdk::LoadBalancerStateEnum::Active).build();
        sdk::LoadBalancer::builder()
            .load_balancer_arn(
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/front/50dc",
            )
            .r#type(sdk::LoadBalancerTypeEnum::Network)
            .scheme(scheme)
            .state(active)
            .availability_zones(zone(None))
            .availability_zones(zone(Some("eipalloc-1")))
            .build()
    }

    #[test]
    fn it_is_called_by_the_end_of_its_arn() {
        let found = map(balancer(sdk::LoadBalancerSchemeEnum::Internal), &Region::global()).unwrap();
        assert_eq!((&*found.common.id, found.short_name()), ("net/front/50dc", "front"));
        assert!(found.active);
        assert_eq!((found.zones, found.public_addresses), (2, 0));
    }

    #[test]
    fn addresses_of_the_customer_stay() {
        let found = map(balancer(sdk::LoadBalancerSchemeEnum::InternetFacing), &Region::global()).unwrap();
        assert_eq!(found.public_addresses, 1);
        let mut ipv6 = balancer(sdk::LoadBalancerSchemeEnum::InternetFacing);
        ipv6.ip_address_type = Some(sdk::IpAddressType::DualstackWithoutPublicIpv4);
        assert_eq!(map(ipv6, &Region::global()).unwrap().public_addresses, 0);
    }
}
