//! Secrets by name and date. A value is never asked for: no action here could give one.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{ResourceKind, Secret, bounded_id},
    region::Region,
};
use aws_sdk_secretsmanager::{operation::list_secrets::ListSecretsOutput, types as sdk};

const ACTION: &str = "secretsmanager:ListSecrets";

pub(super) const COLLECTOR: Collector = Collector {
    name: "secrets",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Secret,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.secrets)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Secret>) -> Result<(), Incomplete> {
    let client = scope.session.secrets_manager(&scope.region);
    let fetch = |token| client.list_secrets().max_results(100).set_next_token(token).send();
    let take = |page: ListSecretsOutput| {
        let secrets = page.secret_list.unwrap_or_default().into_iter();
        found.extend(secrets.filter_map(|secret| map(secret, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

/// The ARN ends in the name and six characters of AWS's: that is what tells two secrets of a name apart.
fn map(secret: sdk::SecretListEntry, region: &Region) -> Option<Secret> {
    if secret.deleted_date.is_some() {
        return None;
    }
    let arn = secret.arn?;
    let (_, id) = arn.split_once(":secret:")?;
    let tags = wire::tags(secret.tags, |tag| (tag.key, tag.value));
    Some(Secret {
        common: wire::common(region, Some(bounded_id(id).into()), tags, secret.created_date)?,
        secret_name: wire::text(secret.name),
        last_accessed_at: wire::timestamp(secret.last_accessed_date),
        rotates: secret.rotation_enabled.unwrap_or_default(),
        owning_service: wire::some_text(secret.owning_service),
        replica: secret.primary_region.is_some_and(|primary| primary != region.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> sdk::builders::SecretListEntryBuilder {
        sdk::SecretListEntry::builder()
            .arn("arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf")
            .name("prod/db")
    }

    #[test]
    fn a_secret_is_its_name_and_dates() {
        let kept = map(secret().primary_region("us-east-1").build(), &Region::global()).unwrap();
        assert_eq!((&*kept.common.id, &*kept.secret_name), ("prod/db-AbCdEf", "prod/db"));
        assert!(!kept.replica && kept.last_accessed_at.is_none());
        assert!(map(secret().primary_region("eu-west-1").build(), &Region::global()).unwrap().replica);
        let deleted = secret().deleted_date(aws_smithy_types::DateTime::from_secs(1)).build();
        assert!(map(deleted, &Region::global()).is_none());
    }
}
