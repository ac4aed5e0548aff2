//! NAT gateways, those that are deleted left out.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{NatGateway, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_nat_gateways::DescribeNatGatewaysOutput, types as sdk};

const ACTION: &str = "ec2:DescribeNatGateways";

pub(super) const COLLECTOR: Collector = Collector {
    name: "nat gateways",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::NatGateway,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.nat_gateways)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<NatGateway>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch = |token| client.describe_nat_gateways().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeNatGatewaysOutput| {
        found.extend(
            page.nat_gateways.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// AWS lists a deleted gateway for about an hour.
fn map(gateway: sdk::NatGateway, region: &Region) -> Option<NatGateway> {
    let state = gateway.state?;
    if matches!(state, sdk::NatGatewayState::Deleted | sdk::NatGatewayState::Deleting) {
        return None;
    }
    let addresses = gateway.nat_gateway_addresses.unwrap_or_default().into_iter();
    Some(NatGateway {
        common: wire::common(
            region,
            gateway.nat_gateway_id,
            wire::ec2_tags(gateway.tags),
            gateway.create_time,
        )?,
        available: state == sdk::NatGatewayState::Available,
        public: gateway.connectivity_type != Some(sdk::ConnectivityType::Private),
        vpc_id: wire::text(gateway.vpc_id),
        subnet_id: wire::text(gateway.subnet_id),
        allocation_ids: addresses.filter_map(|address| wire::some_text(address.allocation_id)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk_gateway(state: sdk::NatGatewayState) -> sdk::NatGateway {
        let address = sdk::NatGatewayAddress::builder().allocation_id("eipalloc-1").build();
        sdk::NatGateway::builder().nat_gateway_id("nat-1").state(state).nat_gateway_addresses(address).build()
    }

    #[test]
    fn a_gateway_names_its_addresses() {
        let gateway = map(sdk_gateway(sdk::NatGatewayState::Available), &Region::global()).unwrap();
        assert!(gateway.available && gateway.public);
        assert_eq!(gateway.allocation_ids, ["eipalloc-1"].map(Box::from));
    }

    #[test]
    fn a_deleted_gateway_is_gone_and_a_pending_one_not_yet_there() {
        assert!(map(sdk_gateway(sdk::NatGatewayState::Deleted), &Region::global()).is_none());
        let pending = map(sdk_gateway(sdk::NatGatewayState::Pending), &Region::global()).unwrap();
        assert!(!pending.available);
    }
}
