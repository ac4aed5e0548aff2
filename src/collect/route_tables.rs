//! Route tables, as far as they lead to NAT gateways, and for whom they hold.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, RouteTable},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_route_tables::DescribeRouteTablesOutput, types as sdk};

const ACTION: &str = "ec2:DescribeRouteTables";

pub(super) const COLLECTOR: Collector = Collector {
    name: "route tables",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::RouteTable,
        turn: Turn::Then(|found| !found.nat_gateways.is_empty()),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.route_tables)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<RouteTable>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch = |token| client.describe_route_tables().max_results(100).set_next_token(token).send();
    let take = |page: DescribeRouteTablesOutput| {
        found.extend(
            page.route_tables.unwrap_or_default().into_iter().filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(table: sdk::RouteTable, region: &Region) -> Option<RouteTable> {
    let routes = table.routes.unwrap_or_default().into_iter();
    let mut nat_gateway_ids: Vec<_> =
        routes.filter_map(|route| wire::some_text(route.nat_gateway_id)).collect();
    nat_gateway_ids.sort_unstable();
    nat_gateway_ids.dedup();
    let associations = table.associations.unwrap_or_default();
    Some(RouteTable {
        common: wire::common(region, table.route_table_id, wire::ec2_tags(table.tags), None)?,
        vpc_id: wire::text(table.vpc_id),
        main: associations.iter().any(|association| association.main == Some(true)),
        subnet_ids: associations.into_iter().filter_map(|one| wire::some_text(one.subnet_id)).collect(),
        nat_gateway_ids,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_each_gateway_once() {
        let route = |nat: &str| sdk::Route::builder().nat_gateway_id(nat).build();
        let table = sdk::RouteTable::builder()
            .route_table_id("rtb-1")
            .routes(route("nat-1"))
            .routes(sdk::Route::builder().gateway_id("local").build())
            .routes(route("nat-1"))
            .associations(sdk::RouteTableAssociation::builder().main(true).build())
            .associations(sdk::RouteTableAssociation::builder().main(false).subnet_id("subnet-1").build())
            .build();
        let table = map(table, &Region::global()).unwrap();
        assert_eq!(table.nat_gateway_ids, ["nat-1"].map(Box::from));
        assert!(table.main);
        assert_eq!(table.subnet_ids, ["subnet-1"].map(Box::from));
    }
}
