//! DynamoDB tables with their indexes. AWS lists names only: each table is described, and its tags are read.
//!
//! Whether items expire and can be recovered is asked of tables of a size that matters. No item is ever read.

use super::{
    Collector, Listing, Turn,
    detail::{Detail, all_complete},
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{CapacityMode, CapacityUnits, Common, DynamoIndex, DynamoTable, ResourceKind, TableClass},
    region::Region,
    snapshot::Inventory,
    tags::Tags,
};
use aws_sdk_dynamodb::{Client, operation::list_tables::ListTablesOutput, types as sdk};

const LIST: &str = "dynamodb:ListTables";
const DESCRIBE: &str = "dynamodb:DescribeTable";
const TAGS: &str = "dynamodb:ListTagsOfResource";
const EXPIRY: &str = "dynamodb:DescribeTimeToLive";
const RECOVERY: &str = "dynamodb:DescribeContinuousBackups";

pub(super) const COLLECTOR: Collector = Collector {
    name: "dynamodb tables",
    actions: &[LIST, DESCRIBE, TAGS, EXPIRY, RECOVERY],
    listing: Some(Listing {
        kind: ResourceKind::DynamoTable,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, found)),
    }),
};

/// Below this size recovery costs less than a quarter of a dollar a month, and expiry saves no more.
const WORTH_ASKING_BYTES: i64 = 1 << 30;

struct Details<'a> {
    client: Client,
    region: &'a Region,
    describe: Detail<'a>,
    tags: Detail<'a>,
    expiry: Detail<'a>,
    recovery: Detail<'a>,
}

async fn fetch(scope: &Scope<'_>, found: &mut Inventory) -> Result<(), Incomplete> {
    let client = scope.session.dynamodb(&scope.region);
    let mut names = Vec::new();
    let fetch = |start| client.list_tables().limit(100).set_exclusive_start_table_name(start).send();
    let take = |page: ListTablesOutput| {
        names.extend(page.table_names.unwrap_or_default());
        page.last_evaluated_table_name
    };
    let listed = scope.page_through(LIST, fetch, take).await;
    let detail = |action| Detail::new(scope, action);
    let details = Details {
        client: client.clone(),
        region: &scope.region,
        describe: detail(DESCRIBE),
        tags: detail(TAGS),
        expiry: detail(EXPIRY),
        recovery: detail(RECOVERY),
    };
    let mut read: Vec<(String, Inventory)> = names.into_iter().map(|n| (n, Inventory::default())).collect();
    let reads = read.iter_mut().map(|(name, table)| details.read(name, table)).collect();
    let complete = all_complete(reads).await;
    for (_, table) in read {
        found.append(table);
    }
    listed.and(complete)
}

impl Details<'_> {
    async fn read(&self, name: &str, found: &mut Inventory) -> Result<(), Incomplete> {
        let reply = self.describe.ask(self.client.describe_table().table_name(name).send()).await?;
        let Some(description) = reply.and_then(|reply| reply.table) else { return Ok(()) };
        let (Some(arn), Some(mut table)) = (description.table_arn.clone(), map(&description, self.region))
        else {
            return Ok(());
        };
        let tagged = self.read_tags(&arn, &mut table.common.tags).await;
        let asked = if table.size_bytes < WORTH_ASKING_BYTES { Ok(()) } else { self.ask(&mut table).await };
        found.dynamo_indexes.extend(map_indexes(description, &table.common));
        found.dynamo_tables.push(table);
        tagged.and(asked)
    }

    /// A table has at most 50 tags, and a page ten or more.
    async fn read_tags(&self, arn: &str, tags: &mut Tags) -> Result<(), Incomplete> {
        let (mut all, mut token) = (Vec::new(), None);
        for _ in 0..50 {
            let call = self.client.list_tags_of_resource().resource_arn(arn).set_next_token(token);
            let Some(page) = self.tags.ask(call.send()).await? else { break };
            all.extend(page.tags.unwrap_or_default());
            token = page.next_token.filter(|next| !next.is_empty());
            if token.is_none() {
                break;
            }
        }
        *tags = wire::tags(Some(all), |tag| (Some(tag.key), Some(tag.value)));
        Ok(())
    }

    async fn ask(&self, table: &mut DynamoTable) -> Result<(), Incomplete> {
        let name = &*table.common.id;
        let expiry = self.expiry.ask(self.client.describe_time_to_live().table_name(name).send());
        let recovery = self.recovery.ask(self.client.describe_continuous_backups().table_name(name).send());
        let (expiry, recovery) = tokio::join!(expiry, recovery);
        let status = expiry?.and_then(|reply| reply.time_to_live_description?.time_to_live_status);
        table.expires_items = status
            .map(|status| matches!(status, sdk::TimeToLiveStatus::Enabled | sdk::TimeToLiveStatus::Enabling));
        let status = recovery?.and_then(|reply| {
            reply
                .continuous_backups_description?
                .point_in_time_recovery_description?
                .point_in_time_recovery_status
        });
        table.point_in_time_recovery = status.map(|status| status == sdk::PointInTimeRecoveryStatus::Enabled);
        Ok(())
    }
}

fn map(table: &sdk::TableDescription, region: &Region) -> Option<DynamoTable> {
    let on_demand = table.billing_mode_summary.as_ref().and_then(|mode| mode.billing_mode.as_ref())
        == Some(&sdk::BillingMode::PayPerRequest);
    let class = table.table_class_summary.as_ref();
    let rare = class.and_then(|class| class.table_class.as_ref())
        == Some(&sdk::TableClass::StandardInfrequentAccess);
    let replicas = table.replicas.iter().flatten().filter_map(|replica| replica.region_name.as_deref());
    Some(DynamoTable {
        common: wire::common(region, table.table_name.clone(), Tags::default(), table.creation_date_time)?,
        active: table.table_status == Some(sdk::TableStatus::Active),
        capacity_mode: if on_demand { CapacityMode::OnDemand } else { CapacityMode::Provisioned },
        units: units(table.provisioned_throughput.as_ref()),
        table_class: if rare { TableClass::InfrequentAccess } else { TableClass::Standard },
        size_bytes: table.table_size_bytes.unwrap_or_default(),
        replica_regions: replicas.filter(|name| *name != region.as_str()).map(Into::into).collect(),
        deletion_protection: table.deletion_protection_enabled.unwrap_or_default(),
        time_key: table
            .attribute_definitions
            .iter()
            .flatten()
            .map(|attribute| attribute.attribute_name.as_str())
            .find(|name| names_a_time(name))
            .map(Into::into),
        expires_items: None,
        point_in_time_recovery: None,
        class_changed_at: wire::timestamp(class.and_then(|class| class.last_update_date_time)),
    })
}

/// `createdAt`, `event_time`, `DATE`, `ttl`: by words, so that `updates` or `timetable` is none.
fn names_a_time(attribute: &str) -> bool {
    const WORDS: [&str; 10] =
        ["time", "timestamp", "date", "day", "created", "expires", "expiry", "expiration", "ttl", "ts"];
    let mut words = vec![String::new()];
    for c in attribute.chars() {
        let starts =
            c.is_ascii_uppercase() && words.last().is_some_and(|w| w.ends_with(|l: char| l.is_lowercase()));
        if starts || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.push(c);
        }
    }
    words.iter().any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

fn units(throughput: Option<&sdk::ProvisionedThroughputDescription>) -> CapacityUnits {
    throughput.map_or_else(CapacityUnits::default, |throughput| CapacityUnits {
        read: throughput.read_capacity_units.unwrap_or_default(),
        write: throughput.write_capacity_units.unwrap_or_default(),
    })
}

fn map_indexes(table: sdk::TableDescription, common: &Common) -> impl Iterator<Item = DynamoIndex> {
    table.global_secondary_indexes.unwrap_or_default().into_iter().filter_map(|index| {
        let name = wire::some_text(index.index_name)?;
        Some(DynamoIndex {
            common: Common { id: format!("{}/index/{name}", common.id).into(), ..common.clone() },
            table: common.id.clone(),
            index_name: name,
            active: index.index_status == Some(sdk::IndexStatus::Active),
            units: units(index.provisioned_throughput.as_ref()),
            size_bytes: index.index_size_bytes.unwrap_or_default(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throughput(read: i64, write: i64) -> sdk::ProvisionedThroughputDescription {
        sdk::ProvisionedThroughputDescription::builder()
            .read_capacity_units(read)
            .write_capacity_units(write)
            .build()
    }

    fn described() -> sdk::builders::TableDescriptionBuilder {
        let index = sdk::GlobalSecondaryIndexDescription::builder()
            .index_name("by-customer")
            .index_status(sdk::IndexStatus::Active)
            .index_size_bytes(7)
            .provisioned_throughput(throughput(3, 4));
        sdk::TableDescription::builder()
            .table_name("orders")
            .table_status(sdk::TableStatus::Active)
            .provisioned_throughput(throughput(100, 50))
            .table_size_bytes(1 << 40)
            .creation_date_time(aws_smithy_types::DateTime::from_secs(0))
            .global_secondary_indexes(index.build())
    }

    #[test]
    fn a_table_keeps_what_it_is_billed_by_and_its_indexes() {
        let table = map(&described().build(), &Region::global()).unwrap();
        assert_eq!(table.capacity_mode, CapacityMode::Provisioned, "AWS leaves the summary out");
        assert_eq!((table.units.read, table.units.write), (100, 50));
        assert_eq!(table.table_class, TableClass::Standard);
        let indexes: Vec<_> = map_indexes(described().build(), &table.common).collect();
        assert_eq!(&*indexes[0].common.id, "orders/index/by-customer");
        assert_eq!((indexes[0].units.read, indexes[0].size_bytes), (3, 7));
        assert_eq!(indexes[0].common.created_at, table.common.created_at);
    }

    #[test]
    fn mode_class_and_other_regions_are_read() {
        let mode = sdk::BillingModeSummary::builder().billing_mode(sdk::BillingMode::PayPerRequest).build();
        let class = sdk::TableClassSummary::builder().table_class(sdk::TableClass::StandardInfrequentAccess);
        let replica = |region: &str| sdk::ReplicaDescription::builder().region_name(region).build();
        let table = described()
            .billing_mode_summary(mode)
            .table_class_summary(class.build())
            .replicas(replica("us-east-1"))
            .replicas(replica("eu-west-1"))
            .build();
        let table = map(&table, &Region::global()).unwrap();
        assert_eq!(table.capacity_mode, CapacityMode::OnDemand);
        assert_eq!(table.table_class, TableClass::InfrequentAccess);
        assert_eq!(table.replica_regions, ["eu-west-1"].map(Box::from));
    }

    #[test]
    fn attributes_that_name_a_time_are_told_from_others() {
        for name in ["createdAt", "event_time", "DATE", "ts", "day"] {
            assert!(names_a_time(name), "{name}");
        }
        for name in ["updates", "timetable", "customer_id", "candidate", ""] {
            assert!(!names_a_time(name), "{name}");
        }
    }
}
