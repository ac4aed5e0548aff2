//! Tags of caches: `ElastiCache` leaves them out of its lists and gives them one by one.

use super::{scope::Scope, wire};
use crate::{
    aws::Failure,
    domain::{
        inventory::{Common, ResourceKind, arn_of},
        scan::GapReason,
        tags::Tags,
    },
};
use aws_sdk_elasticache::Client;
use futures_util::{StreamExt, stream};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) const ACTION: &str = "elasticache:ListTagsForResource";
const SIDE_BY_SIDE: usize = 8;

/// Fills in the tags. Where they cannot be read the resources stay without, and the gap is written down.
pub(super) async fn fetch(
    scope: &Scope<'_>,
    kind: ResourceKind,
    resources: impl Iterator<Item = &mut Common>,
) {
    let client = scope.session.elasticache(&scope.region);
    let (client, refused) = (&client, &AtomicBool::new(false));
    stream::iter(resources)
        .for_each_concurrent(SIDE_BY_SIDE, |common| async move {
            if refused.load(Ordering::Relaxed) {
                return;
            }
            match tags_of(scope, client, kind, &common.id).await {
                Ok(tags) => common.tags = tags,
                // Gone since it was listed.
                Err(failure) if failure.code.contains("NotFound") => {}
                Err(failure) => {
                    refused.fetch_or(failure.reason == GapReason::AccessDenied, Ordering::Relaxed);
                    scope.missing(ACTION, failure);
                }
            }
        })
        .await;
}

async fn tags_of(scope: &Scope<'_>, client: &Client, kind: ResourceKind, id: &str) -> Result<Tags, Failure> {
    let arn = arn_of(kind, scope.session.account(), &scope.region, id);
    let call = client.list_tags_for_resource().resource_name(arn).send();
    let reply = scope.call(ACTION, Box::pin(call)).await?;
    Ok(wire::tags(reply.tag_list, |tag| (tag.key, tag.value)))
}
