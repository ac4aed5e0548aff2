//! Load balancers of the first generation.

use super::{
    Collector, Listing, Turn,
    load_balancers::{BALANCERS, GONE, MOST_TAGGED, SIDE_BY_SIDE, TAGS, settle},
    scope::{Incomplete, Scope},
    wire,
};
use crate::{
    aws::Failure,
    domain::{
        inventory::{ClassicLoadBalancer, ResourceKind},
        region::Region,
        tags::Tags,
    },
};
use aws_sdk_elasticloadbalancing::{
    operation::describe_load_balancers::DescribeLoadBalancersOutput, types as sdk,
};
use futures_util::{StreamExt, stream};

pub(super) const COLLECTOR: Collector = Collector {
    name: "classic load balancers",
    actions: &[BALANCERS, TAGS],
    listing: Some(Listing {
        kind: ResourceKind::ClassicLoadBalancer,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.classic_load_balancers)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<ClassicLoadBalancer>) -> Result<(), Incomplete> {
    let client = scope.session.classic_load_balancing(&scope.region);
    let fetch = |token| client.describe_load_balancers().page_size(400).set_marker(token).send();
    let take = |page: DescribeLoadBalancersOutput| {
        let balancers = page.load_balancer_descriptions.unwrap_or_default().into_iter();
        found.extend(balancers.filter_map(|item| map(item, &scope.region)));
        page.next_marker
    };
    let listed = scope.page_through(BALANCERS, fetch, take).await;
    let reads: Vec<_> = found.chunks_mut(MOST_TAGGED).map(|some| tag_some(scope, some)).collect();
    let tagged: Vec<_> = stream::iter(reads).buffered(SIDE_BY_SIDE).collect().await;
    listed.and(tagged.into_iter().collect())
}

fn map(balancer: sdk::LoadBalancerDescription, region: &Region) -> Option<ClassicLoadBalancer> {
    let instances = balancer.instances.unwrap_or_default().into_iter();
    let mut instance_ids: Vec<_> =
        instances.filter_map(|instance| wire::some_text(instance.instance_id)).collect();
    instance_ids.sort_unstable();
    let common = wire::common(region, balancer.load_balancer_name, Tags::default(), balancer.created_time)?;
    Some(ClassicLoadBalancer { common, instance_ids })
}

async fn tag_some(scope: &Scope<'_>, some: &mut [ClassicLoadBalancer]) -> Result<(), Incomplete> {
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

async fn try_tag(scope: &Scope<'_>, some: &mut [ClassicLoadBalancer]) -> Result<(), Failure> {
    let names = some.iter().map(|balancer| balancer.common.id.to_string()).collect();
    let client = scope.session.classic_load_balancing(&scope.region);
    let call = client.describe_tags().set_load_balancer_names(Some(names)).send();
    let reply = scope.call(TAGS, Box::pin(call)).await?;
    for described in reply.tag_descriptions.unwrap_or_default() {
        let name = described.load_balancer_name.as_deref();
        if let Some(balancer) = some.iter_mut().find(|balancer| Some(&*balancer.common.id) == name) {
            balancer.common.tags = wire::tags(described.tags, |tag: sdk::Tag| (Some(tag.key), tag.value));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_by_its_name_and_names_its_instances() {
        let instance = |id: &str| sdk::Instance::builder().instance_id(id).build();
        let balancer = sdk::LoadBalancerDescription::builder()
            .load_balancer_name("legacy")
            .instances(instance("i-2"))
            .instances(instance("i-1"))
            .build();
        let balancer = map(balancer, &Region::global()).unwrap();
        assert_eq!(&*balancer.common.id, "legacy");
        assert_eq!(balancer.instance_ids, ["i-1", "i-2"].map(Box::from));
    }
}
