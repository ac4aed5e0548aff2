//! VPC endpoints.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{EndpointType, ResourceKind, VpcEndpoint},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_vpc_endpoints::DescribeVpcEndpointsOutput, types as sdk};

const ACTION: &str = "ec2:DescribeVpcEndpoints";

pub(super) const COLLECTOR: Collector = Collector {
    name: "vpc endpoints",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::VpcEndpoint,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.vpc_endpoints)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<VpcEndpoint>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch = |token| client.describe_vpc_endpoints().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeVpcEndpointsOutput| {
        found.extend(
            page.vpc_endpoints.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(endpoint: sdk::VpcEndpoint, region: &Region) -> Option<VpcEndpoint> {
    // The reference writes the states in lower case, replies come with a capital letter too.
    let state = endpoint.state.map(|state| state.as_str().to_ascii_lowercase()).unwrap_or_default();
    if state == "deleted" || state == "deleting" {
        return None;
    }
    let (id, tags) = (endpoint.vpc_endpoint_id, wire::ec2_tags(endpoint.tags));
    let boxed =
        |ids: Option<Vec<String>>| ids.unwrap_or_default().into_iter().map(String::into_boxed_str).collect();
    Some(VpcEndpoint {
        common: wire::common(region, id, tags, endpoint.creation_timestamp)?,
        endpoint_type: type_of(endpoint.vpc_endpoint_type.as_ref()),
        available: state == "available",
        vpc_id: wire::text(endpoint.vpc_id),
        service_name: wire::text(endpoint.service_name),
        subnet_ids: boxed(endpoint.subnet_ids),
        route_table_ids: boxed(endpoint.route_table_ids),
    })
}

fn type_of(endpoint_type: Option<&sdk::VpcEndpointType>) -> EndpointType {
    match endpoint_type {
        Some(sdk::VpcEndpointType::Interface) => EndpointType::Interface,
        Some(sdk::VpcEndpointType::Gateway) => EndpointType::Gateway,
        Some(sdk::VpcEndpointType::GatewayLoadBalancer) => EndpointType::GatewayLoadBalancer,
        _ => EndpointType::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_available_in_either_spelling() {
        for state in ["available", "Available"] {
            let endpoint = sdk::VpcEndpoint::builder()
                .vpc_endpoint_id("vpce-1")
                .vpc_endpoint_type(sdk::VpcEndpointType::Interface)
                .state(state.into())
                .subnet_ids("subnet-1")
                .build();
            let endpoint = map(endpoint, &Region::global()).unwrap();
            assert!(endpoint.available);
            assert_eq!(endpoint.endpoint_type, EndpointType::Interface);
            assert_eq!(endpoint.subnet_ids.len(), 1);
        }
    }
}
