//! Network interfaces: what holds on to addresses and subnets.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{NetworkInterface, ResourceKind},
    region::Region,
};
use aws_sdk_ec2::{operation::describe_network_interfaces::DescribeNetworkInterfacesOutput, types as sdk};

const ACTION: &str = "ec2:DescribeNetworkInterfaces";
/// Who owns an address that is no Elastic IP; those of load balancers have `amazon-elb`.
const AWS: &str = "amazon";

pub(super) const COLLECTOR: Collector = Collector {
    name: "network interfaces",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::NetworkInterface,
        turn: Turn::Then(super::has_network),
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.network_interfaces)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<NetworkInterface>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let fetch = |token| client.describe_network_interfaces().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeNetworkInterfacesOutput| {
        found.extend(
            page.network_interfaces
                .unwrap_or_default()
                .into_iter()
                .filter_map(|item| map(item, &scope.region)),
        );
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(interface: sdk::NetworkInterface, region: &Region) -> Option<NetworkInterface> {
    let kind = interface.interface_type.as_ref().map_or("interface", |kind| kind.as_str()).into();
    let (id, tags) = (interface.network_interface_id, wire::ec2_tags(interface.tag_set));
    let association = interface.association.filter(|address| address.ip_owner_id.as_deref() == Some(AWS));
    Some(NetworkInterface {
        common: wire::common(region, id, tags, None)?,
        interface_type: kind,
        in_use: interface.status == Some(sdk::NetworkInterfaceStatus::InUse),
        instance_id: interface.attachment.and_then(|attachment| wire::some_text(attachment.instance_id)),
        vpc_id: wire::text(interface.vpc_id),
        requester_managed: interface.requester_managed == Some(true),
        auto_assigned_ip: association.and_then(|address| wire::some_text(address.public_ip)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attached_interface_names_its_instance() {
        let attachment = sdk::NetworkInterfaceAttachment::builder().instance_id("i-1").build();
        let interface = sdk::NetworkInterface::builder()
            .network_interface_id("eni-1")
            .status(sdk::NetworkInterfaceStatus::InUse)
            .attachment(attachment)
            .build();
        let interface = map(interface, &Region::global()).unwrap();
        assert!(interface.in_use);
        assert_eq!(interface.instance_id.as_deref(), Some("i-1"));
        assert_eq!(&*interface.interface_type, "interface");
    }

    #[test]
    fn only_an_address_of_aws_is_assigned_by_itself() {
        let owned_by = |owner: &str| {
            let address = sdk::NetworkInterfaceAssociation::builder()
                .public_ip("203.0.113.9")
                .ip_owner_id(owner)
                .build();
            let interface =
                sdk::NetworkInterface::builder().network_interface_id("eni-1").association(address).build();
            map(interface, &Region::global()).unwrap().auto_assigned_ip
        };
        assert_eq!(owned_by("amazon").as_deref(), Some("203.0.113.9"));
        assert_eq!(owned_by("123456789012"), None);
        assert_eq!(owned_by("amazon-elb"), None);
    }
}
