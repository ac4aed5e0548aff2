//! Backups of DynamoDB tables that people made on demand; those of AWS Backup have an owner already.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DynamoBackup, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_dynamodb::{operation::list_backups::ListBackupsOutput, types as sdk};

const ACTION: &str = "dynamodb:ListBackups";

pub(super) const COLLECTOR: Collector = Collector {
    name: "dynamodb backups",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::DynamoBackup,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.dynamo_backups)),
    }),
};

async fn fetch(scope: &Scope<'_>, found: &mut Vec<DynamoBackup>) -> Result<(), Incomplete> {
    let client = scope.session.dynamodb(&scope.region);
    let fetch = |start| {
        let call = client.list_backups().backup_type(sdk::BackupTypeFilter::User).limit(100);
        call.set_exclusive_start_backup_arn(start).send()
    };
    let take = |page: ListBackupsOutput| {
        let backups = page.backup_summaries.unwrap_or_default().into_iter();
        found.extend(backups.filter_map(|backup| map(backup, &scope.region)));
        page.last_evaluated_backup_arn
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(backup: sdk::BackupSummary, region: &Region) -> Option<DynamoBackup> {
    let own = backup.backup_type.is_none_or(|kind| kind == sdk::BackupType::User);
    let there = backup.backup_status.is_none_or(|status| status == sdk::BackupStatus::Available);
    let (_, id) = backup.backup_arn.as_deref().filter(|_| own && there)?.split_once(":table/")?;
    Some(DynamoBackup {
        common: wire::common(region, Some(id.to_owned()), Tags::default(), backup.backup_creation_date_time)?,
        table: wire::text(backup.table_name),
        table_id: wire::text(backup.table_id),
        backup_name: wire::text(backup.backup_name),
        size_bytes: backup.backup_size_bytes.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(status: sdk::BackupStatus) -> sdk::BackupSummary {
        sdk::BackupSummary::builder()
            .table_name("orders")
            .backup_arn("arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/01600000000000-abc")
            .backup_name("before-release")
            .backup_status(status)
            .backup_type(sdk::BackupType::User)
            .backup_creation_date_time(aws_smithy_types::DateTime::from_secs(0))
            .backup_size_bytes(9)
            .build()
    }

    #[test]
    fn a_backup_is_named_as_in_its_arn() {
        let backup = map(summary(sdk::BackupStatus::Available), &Region::global()).unwrap();
        assert_eq!(&*backup.common.id, "orders/backup/01600000000000-abc");
        assert_eq!((&*backup.table, backup.size_bytes), ("orders", 9));
    }

    #[test]
    fn a_deleted_backup_is_gone() {
        assert!(map(summary(sdk::BackupStatus::Deleted), &Region::global()).is_none());
    }
}
