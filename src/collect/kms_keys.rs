//! Keys that the customer manages in KMS: their state and when they were last used. KMS lists ids alone, and
//! those of AWS's own keys among them, so each key is asked about; tags only where they may protect it.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::{
    aws::Failure,
    domain::{
        inventory::{KeyState, KmsKey, ResourceKind},
        region::Region,
        tags::Tags,
    },
};
use aws_sdk_kms::{operation::list_keys::ListKeysOutput, types as sdk};
use futures_util::{StreamExt, stream};

const LIST: &str = "kms:ListKeys";
const DESCRIBE: &str = "kms:DescribeKey";
const LAST_USAGE: &str = "kms:GetKeyLastUsage";
const TAGS: &str = "kms:ListResourceTags";

pub(super) const COLLECTOR: Collector = Collector {
    name: "keys",
    actions: &[LIST, DESCRIBE, LAST_USAGE, TAGS],
    listing: Some(Listing {
        kind: ResourceKind::KmsKey,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.kms_keys)),
    }),
};

const SIDE_BY_SIDE: usize = 8;

async fn fetch(scope: &Scope<'_>, found: &mut Vec<KmsKey>) -> Result<(), Incomplete> {
    let mut ids = Vec::new();
    let listed = fetch_ids(scope, &mut ids).await;
    let mut reads = stream::iter(ids).map(|id| fetch_key(scope, id)).buffered(SIDE_BY_SIDE);
    let mut complete = listed;
    while let Some(read) = reads.next().await {
        // A key's own policy may refuse what the role allows: the others are still known.
        match read {
            Ok(key) => found.extend(key),
            Err(incomplete) => complete = Err(incomplete),
        }
    }
    complete
}

async fn fetch_ids(scope: &Scope<'_>, ids: &mut Vec<String>) -> Result<(), Incomplete> {
    let client = scope.session.kms(&scope.region);
    let fetch = |marker| client.list_keys().limit(1_000).set_marker(marker).send();
    let take = |page: ListKeysOutput| {
        ids.extend(page.keys.unwrap_or_default().into_iter().filter_map(|key| key.key_id));
        page.next_marker
    };
    scope.page_through(LIST, fetch, take).await
}

/// None for a key of AWS's own, and for one that vanished.
async fn fetch_key(scope: &Scope<'_>, id: String) -> Result<Option<KmsKey>, Incomplete> {
    let client = scope.session.kms(&scope.region);
    let described = scope.call(DESCRIBE, Box::pin(client.describe_key().key_id(&id).send())).await;
    let key = match described {
        Ok(reply) => reply.key_metadata.and_then(|metadata| map(metadata, &scope.region)),
        Err(failure) if failure.code == "NotFoundException" => None,
        Err(failure) => return Err(scope.missing(DESCRIBE, failure)),
    };
    let Some(mut key) = key else { return Ok(None) };
    if key.state != KeyState::PendingDeletion {
        add_usage(scope, &mut key).await;
        add_tags(scope, &mut key).await;
    }
    Ok(Some(key))
}

/// Where it cannot be read nothing is known of the key's use.
async fn add_usage(scope: &Scope<'_>, key: &mut KmsKey) {
    let client = scope.session.kms(&scope.region);
    let call = Box::pin(client.get_key_last_usage().key_id(&*key.common.id).send());
    match scope.call(LAST_USAGE, call).await {
        Ok(reply) => {
            key.tracked_since = wire::timestamp(reply.tracking_start_date);
            key.last_used_at = wire::timestamp(reply.key_last_usage.and_then(|usage| usage.timestamp));
        }
        Err(failure) => note(scope, LAST_USAGE, failure),
    }
}

/// KMS allows fifty tags, which come in one page.
async fn add_tags(scope: &Scope<'_>, key: &mut KmsKey) {
    let client = scope.session.kms(&scope.region);
    let call = Box::pin(client.list_resource_tags().key_id(&*key.common.id).limit(50).send());
    match scope.call(TAGS, call).await {
        Ok(reply) => {
            key.common.tags = wire::tags(reply.tags, |tag| (Some(tag.tag_key), Some(tag.tag_value)));
        }
        Err(failure) => note(scope, TAGS, failure),
    }
}

fn note(scope: &Scope<'_>, action: &'static str, failure: Failure) {
    if failure.code != "NotFoundException" {
        scope.missing(action, failure);
    }
}

fn map(key: sdk::KeyMetadata, region: &Region) -> Option<KmsKey> {
    if key.key_manager != Some(sdk::KeyManagerType::Customer) {
        return None;
    }
    let state = match key.key_state {
        Some(sdk::KeyState::Enabled) => KeyState::Enabled,
        Some(sdk::KeyState::Disabled) => KeyState::Disabled,
        Some(sdk::KeyState::PendingDeletion | sdk::KeyState::PendingReplicaDeletion) => {
            KeyState::PendingDeletion
        }
        _ => KeyState::Other,
    };
    Some(KmsKey {
        common: wire::common(region, Some(key.key_id), Tags::default(), key.creation_date)?,
        description: wire::text(key.description),
        state,
        tracked_since: None,
        last_used_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_of_the_customer_are_kept() {
        let key = |manager, state| {
            let key = sdk::KeyMetadata::builder().key_id("k-1").key_manager(manager).key_state(state);
            map(key.build().unwrap(), &Region::global())
        };
        let disabled = key(sdk::KeyManagerType::Customer, sdk::KeyState::Disabled).unwrap();
        assert_eq!((&*disabled.common.id, disabled.state), ("k-1", KeyState::Disabled));
        assert_eq!(key(sdk::KeyManagerType::Aws, sdk::KeyState::Enabled), None);
    }
}
