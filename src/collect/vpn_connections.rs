//! Site-to-Site VPN connections. The call has no pages.
//!
//! The reply carries the configuration of the customer's device with its pre-shared keys: both are dropped here,
//! unread.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, VpnConnection},
    region::Region,
};
use aws_sdk_ec2::types as sdk;

const ACTION: &str = "ec2:DescribeVpnConnections";

pub(super) const COLLECTOR: Collector = Collector {
    name: "vpn connections",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::VpnConnection,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.vpn_connections)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<VpnConnection>) -> Result<(), Incomplete> {
    let request = scope.session.ec2(&scope.region).describe_vpn_connections().send();
    let reply = scope.call(ACTION, request).await.map_err(|failure| scope.missing(ACTION, failure))?;
    let connections = reply.vpn_connections.unwrap_or_default().into_iter();
    found.extend(connections.filter_map(|connection| map(connection, &scope.region)));
    Ok(())
}

/// AWS lists a deleted connection for a while.
fn map(connection: sdk::VpnConnection, region: &Region) -> Option<VpnConnection> {
    let state = connection.state?;
    if matches!(state, sdk::VpnState::Deleted | sdk::VpnState::Deleting) {
        return None;
    }
    let (id, tags) = (connection.vpn_connection_id, wire::ec2_tags(connection.tags));
    Some(VpnConnection {
        common: wire::common(region, id, tags, None)?,
        available: state == sdk::VpnState::Available,
        customer_gateway_id: wire::text(connection.customer_gateway_id),
        vpn_gateway_id: wire::some_text(connection.vpn_gateway_id),
        transit_gateway_id: wire::some_text(connection.transit_gateway_id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_configuration_are_dropped() {
        let tunnel = sdk::TunnelOption::builder().pre_shared_key("made-up-key").build();
        let options = sdk::VpnConnectionOptions::builder().tunnel_options(tunnel).build();
        let connection = sdk::VpnConnection::builder()
            .vpn_connection_id("vpn-1")
            .state(sdk::VpnState::Available)
            .vpn_gateway_id("vgw-1")
            .customer_gateway_configuration("<pre_shared_key>made-up-key</pre_shared_key>")
            .options(options)
            .build();
        let connection = map(connection, &Region::global()).unwrap();
        assert!(connection.available);
        let kept = format!("{connection:?} {}", serde_json::to_string(&connection).unwrap());
        assert!(!kept.contains("made-up-key"));
    }

    #[test]
    fn a_deleted_connection_is_gone() {
        let deleted =
            sdk::VpnConnection::builder().vpn_connection_id("vpn-1").state(sdk::VpnState::Deleted).build();
        assert!(map(deleted, &Region::global()).is_none());
    }
}
