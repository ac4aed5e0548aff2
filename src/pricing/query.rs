//! Which questions to ask the Pricing API: as few as give all prices of a region. Pure.

use crate::domain::{
    inventory::{DbEngine, Platform, Shared},
    price::PriceKey,
    price_item::{Item, Listing},
    region::Region,
};
use aws_sdk_pricing::types::{Filter, FilterType};
use std::collections::{BTreeMap, BTreeSet};

/// AWS's limit for the value of a filter.
const MOST_VALUE_CHARS: usize = 1_024;

/// One list of products.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    pub region: Region,
    pub service: &'static str,
    filters: Vec<(FilterType, &'static str, String)>,
}

impl Query {
    fn new(region: &Region, service: &'static str) -> Self {
        // What is transferred has two regions and none of its own.
        let field = if service == "AWSDataTransfer" { "fromRegionCode" } else { "regionCode" };
        Self { region: region.clone(), service, filters: Vec::new() }.equals(field, region.as_str())
    }

    fn equals(mut self, field: &'static str, value: impl Into<String>) -> Self {
        self.filters.push((FilterType::TermMatch, field, value.into()));
        self
    }

    fn contains(mut self, field: &'static str, value: &str) -> Self {
        self.filters.push((FilterType::Contains, field, value.into()));
        self
    }

    fn any_of(mut self, field: &'static str, values: String) -> Self {
        self.filters.push((FilterType::AnyOf, field, values));
        self
    }

    /// For the SDK. None could only be a filter without a field.
    pub fn to_filters(&self) -> Option<Vec<Filter>> {
        let build = |(kind, field, value): &(FilterType, &str, String)| {
            Filter::builder().r#type(kind.clone()).field(*field).value(value).build().ok()
        };
        self.filters.iter().map(build).collect()
    }
}

/// The questions for some keys, region by region.
pub(super) fn queries(keys: &BTreeSet<&PriceKey>) -> Vec<Query> {
    let mut instances: BTreeMap<(&Region, Platform), BTreeSet<&Shared>> = BTreeMap::new();
    let mut databases: BTreeMap<(&Region, DbEngine), BTreeSet<&Shared>> = BTreeMap::new();
    let mut lists: BTreeSet<(&Region, List)> = BTreeSet::new();
    for key in keys {
        match key {
            PriceKey::Instance { region, instance_type, platform } => {
                instances.entry((region, *platform)).or_default().insert(instance_type);
            }
            PriceKey::DbInstance { region, class, engine, .. } => {
                databases.entry((region, *engine)).or_default().insert(class);
            }
            other => {
                lists.extend(list_of(other).map(|list| (other.region(), list)));
            }
        }
    }
    let instances = instances.into_iter().flat_map(|((region, os), types)| of_instances(region, os, &types));
    let databases =
        databases.into_iter().flat_map(|((region, db), classes)| of_classes(region, db, &classes));
    let lists = lists.into_iter().map(|(region, list)| list.query(region));
    instances.chain(databases).chain(lists).collect()
}

/// Products that come in one short list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    VolumeStorage,
    VolumeIops,
    VolumeThroughput,
    Snapshots,
    PublicIpv4,
    NatGateways,
    Endpoints,
    DbStorage,
    DbIops,
    DbBackup,
    DbExtendedSupport,
    Item(Item),
}

fn list_of(key: &PriceKey) -> Option<List> {
    Some(match key {
        PriceKey::VolumeStorage { .. } => List::VolumeStorage,
        PriceKey::VolumeIops { .. } => List::VolumeIops,
        PriceKey::VolumeThroughput { .. } => List::VolumeThroughput,
        PriceKey::SnapshotStorage { .. } => List::Snapshots,
        PriceKey::PublicIpv4 { .. } => List::PublicIpv4,
        PriceKey::NatGatewayHour { .. } => List::NatGateways,
        PriceKey::InterfaceEndpointHour { .. } => List::Endpoints,
        PriceKey::DbStorage { .. } => List::DbStorage,
        PriceKey::DbIops { .. } => List::DbIops,
        PriceKey::DbBackup { .. } => List::DbBackup,
        PriceKey::DbExtendedSupport { .. } | PriceKey::Item { item: Item::AuroraAcuSupport, .. } => {
            List::DbExtendedSupport
        }
        PriceKey::Item { item, .. } => List::Item(*item),
        PriceKey::Instance { .. } | PriceKey::DbInstance { .. } | PriceKey::SpotInstance { .. } => {
            return None;
        }
    })
}

impl List {
    fn query(self, region: &Region) -> Query {
        let (service, family) = match self {
            Self::VolumeStorage => ("AmazonEC2", "Storage"),
            // The family holds much else of EC2.
            Self::VolumeIops => {
                return Query::new(region, "AmazonEC2").contains("usagetype", "EBS:VolumeP-IOPS");
            }
            Self::VolumeThroughput => ("AmazonEC2", "Provisioned Throughput"),
            Self::Snapshots => ("AmazonEC2", "Storage Snapshot"),
            // These have no family.
            Self::PublicIpv4 => {
                return Query::new(region, "AmazonVPC").equals("group", "VPCPublicIPv4Address");
            }
            Self::NatGateways => ("AmazonEC2", "NAT Gateway"),
            Self::Endpoints => ("AmazonVPC", "VpcEndpoint"),
            Self::DbStorage => ("AmazonRDS", "Database Storage"),
            Self::DbIops => ("AmazonRDS", "Provisioned IOPS"),
            Self::DbBackup => ("AmazonRDS", "Storage Snapshot"),
            Self::DbExtendedSupport => {
                return Query::new(region, "AmazonRDS").contains("usagetype", "ExtendedSupport:Yr");
            }
            Self::Item(item) => return of_item(region, item.listing()),
        };
        Query::new(region, service).equals("productFamily", family)
    }
}

/// All names of a named item come in one list.
fn of_item(region: &Region, listing: Listing) -> Query {
    let query = Query::new(region, listing.service).contains("usagetype", listing.usage);
    listing.only.iter().fold(query, |query, (field, value)| query.equals(field, *value))
}

/// Shared tenancy, nothing pre-installed but what the platform names, licence included: what an hour on demand costs.
fn of_instances(region: &Region, platform: Platform, types: &BTreeSet<&Shared>) -> Vec<Query> {
    let Some(system) = platform.pricing_name() else { return Vec::new() };
    let query = |types| {
        Query::new(region, "AmazonEC2")
            .equals("operatingSystem", system)
            .equals("tenancy", "Shared")
            .equals("capacitystatus", "Used")
            .equals("preInstalledSw", platform.software())
            .equals("licenseModel", "No License required")
            .any_of("instanceType", types)
    };
    joined(types).into_iter().map(query).collect()
}

fn of_classes(region: &Region, engine: DbEngine, classes: &BTreeSet<&Shared>) -> Vec<Query> {
    let Some(name) = engine.pricing_name() else { return Vec::new() };
    let query = |classes| {
        Query::new(region, "AmazonRDS")
            .equals("productFamily", "Database Instance")
            .equals("databaseEngine", name)
            .any_of("instanceType", classes)
    };
    joined(classes).into_iter().map(query).collect()
}

/// Lists of names with commas between, none longer than AWS takes.
fn joined(names: &BTreeSet<&Shared>) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    for name in names {
        match lists.last_mut().filter(|list| list.len() + 1 + name.len() <= MOST_VALUE_CHARS) {
            Some(list) => {
                list.push(',');
                list.push_str(name);
            }
            None => lists.push(name.to_string()),
        }
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_a_region_and_system_share_a_question() {
        let key = |name: &str, platform| PriceKey::Instance {
            region: Region::global(),
            instance_type: name.into(),
            platform,
        };
        let keys = [
            key("m5.large", Platform::Linux),
            key("m5.xlarge", Platform::Linux),
            key("m5.large", Platform::Windows),
            key("m5.large", Platform::Other),
        ];
        let asked = queries(&keys.iter().collect());
        assert_eq!(asked.len(), 2);
        assert!(asked[0].filters.contains(&(FilterType::AnyOf, "instanceType", "m5.large,m5.xlarge".into())));
        assert_eq!(asked[0].to_filters().unwrap().len(), 7);
    }

    #[test]
    fn transfer_is_asked_for_by_where_it_comes_from() {
        let key = PriceKey::item(Item::CrossZoneGb, &Region::global());
        let asked = queries(&[&key].into());
        assert_eq!(asked[0].filters[0], (FilterType::TermMatch, "fromRegionCode", "us-east-1".into()));
    }

    #[test]
    fn tiers_of_a_list_are_asked_for_once() {
        let key = |tier| PriceKey::VolumeIops {
            region: Region::global(),
            volume_type: crate::domain::inventory::VolumeType::Io2,
            tier,
        };
        let keys = [key(crate::domain::price::IopsTier::First), key(crate::domain::price::IopsTier::Second)];
        assert_eq!(queries(&keys.iter().collect()).len(), 1);
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<Shared> = (0..200).map(|n| format!("family{n:03}.xlarge").into()).collect();
        let lists = joined(&names.iter().collect());
        assert!(lists.len() > 1 && lists.iter().all(|list| list.len() <= MOST_VALUE_CHARS));
        assert_eq!(lists.iter().map(|list| list.split(',').count()).sum::<usize>(), 200);
    }
}
