//! Subnets, for the zone that each lies in.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, Subnet},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_subnets::DescribeSubnetsOutput, types as sdk};

const ACTION: &str = "ec2:DescribeSubnets";

pub(super) const COLLECTOR: Collector = Collector {
    name: "subnets",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Subnet,
        turn: Turn::Then(|found| !found.nat_gateways.is_empty()),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.subnets)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Subnet>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch = |token| client.describe_subnets().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeSubnetsOutput| {
        found
            .extend(page.subnets.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// One whose zone is unknown is of no use.
fn map(subnet: sdk::Subnet, region: &Region) -> Option<Subnet> {
    Some(Subnet {
        common: wire::common(region, subnet.subnet_id, wire::ec2_tags(subnet.tags), None)?,
        vpc_id: wire::text(subnet.vpc_id),
        zone: subnet.availability_zone.filter(|zone| !zone.is_empty())?.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_lies_in_a_zone() {
        let subnet = sdk::Subnet::builder().subnet_id("subnet-1").vpc_id("vpc-1");
        assert!(map(subnet.clone().build(), &Region::global()).is_none());
        let subnet = map(subnet.availability_zone("us-east-1a").build(), &Region::global()).unwrap();
        assert_eq!((&*subnet.vpc_id, &*subnet.zone), ("vpc-1", "us-east-1a"));
    }
}
