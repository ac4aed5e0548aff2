//! Attachments to transit gateways, also of gateways that other accounts share.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    ids::AccountId,
    inventory::{Attached, ResourceKind, TransitGatewayAttachment},
    region::Region,
};
use aws_sdk_ec2::{
    operation::describe_transit_gateway_attachments::DescribeTransitGatewayAttachmentsOutput, types as sdk,
};

const ACTION: &str = "ec2:DescribeTransitGatewayAttachments";

pub(super) const COLLECTOR: Collector = Collector {
    name: "transit gateway attachments",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::TransitGatewayAttachment,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.transit_gateway_attachments)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<TransitGatewayAttachment>) -> Result<(), Incomplete> {
    let client = scope.session.ec2(&scope.region);
    let account = scope.session.account();
    let fetch =
        |token| client.describe_transit_gateway_attachments().max_results(1_000).set_next_token(token).send();
    let take = |page: DescribeTransitGatewayAttachmentsOutput| {
        let attachments = page.transit_gateway_attachments.unwrap_or_default().into_iter();
        found.extend(attachments.filter_map(|item| map(item, &scope.region, account)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// AWS lists a deleted attachment for a while.
fn map(
    attachment: sdk::TransitGatewayAttachment,
    region: &Region,
    account: AccountId,
) -> Option<TransitGatewayAttachment> {
    use sdk::TransitGatewayAttachmentState::{Available, Deleted, Deleting};
    let state = attachment.state?;
    if matches!(state, Deleted | Deleting) {
        return None;
    }
    let (id, tags) = (attachment.transit_gateway_attachment_id, wire::ec2_tags(attachment.tags));
    let attached = attached(attachment.resource_type.as_ref());
    // The resource of a peering is the other side's gateway: each side pays for its own.
    let payer = match attached {
        Attached::Peering => attachment.transit_gateway_owner_id,
        _ => attachment.resource_owner_id,
    };
    Some(TransitGatewayAttachment {
        common: wire::common(region, id, tags, attachment.creation_time)?,
        available: state == Available,
        transit_gateway_id: wire::text(attachment.transit_gateway_id),
        attached,
        resource_id: wire::text(attachment.resource_id),
        own: payer.is_some_and(|owner| owner == account.to_string()),
    })
}

fn attached(resource: Option<&sdk::TransitGatewayAttachmentResourceType>) -> Attached {
    match resource {
        Some(sdk::TransitGatewayAttachmentResourceType::Vpc) => Attached::Vpc,
        Some(sdk::TransitGatewayAttachmentResourceType::Peering) => Attached::Peering,
        Some(sdk::TransitGatewayAttachmentResourceType::Vpn) => Attached::Vpn,
        _ => Attached::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(owner: &str, state: sdk::TransitGatewayAttachmentState) -> Option<TransitGatewayAttachment> {
        let attachment = sdk::TransitGatewayAttachment::builder()
            .transit_gateway_attachment_id("tgw-attach-1")
            .resource_type(sdk::TransitGatewayAttachmentResourceType::Vpc)
            .resource_id("vpc-1")
            .resource_owner_id(owner)
            .state(state)
            .build();
        map(attachment, &Region::global(), "123456789012".parse().unwrap())
    }

    #[test]
    fn who_owns_an_attached_vpc_pays() {
        use sdk::TransitGatewayAttachmentState::{Available, Deleted, PendingAcceptance};
        let own = of("123456789012", Available).unwrap();
        assert!(own.own && own.available);
        assert_eq!(own.attached, Attached::Vpc);
        assert!(!of("999999999999", Available).unwrap().own);
        assert!(!of("123456789012", PendingAcceptance).unwrap().available);
        assert!(of("123456789012", Deleted).is_none());
    }

    #[test]
    fn each_side_of_a_peering_pays_for_its_own() {
        let peering = sdk::TransitGatewayAttachment::builder()
            .transit_gateway_attachment_id("tgw-attach-2")
            .resource_type(sdk::TransitGatewayAttachmentResourceType::Peering)
            .resource_owner_id("999999999999")
            .transit_gateway_owner_id("123456789012")
            .state(sdk::TransitGatewayAttachmentState::Available)
            .build();
        assert!(map(peering, &Region::global(), "123456789012".parse().unwrap()).unwrap().own);
    }
}
