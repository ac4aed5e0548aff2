//! The price book: what one unit costs, keyed by type, with its source and date.

use super::{
    inventory::{DbEngine, DbStorageType, Platform, Shared, VolumeType},
    money::UnitPrice,
    price_item::Item,
    region::Region,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What a price is for. Its text form is the key of the price cache.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PriceKey {
    /// An hour of an on-demand instance with shared tenancy.
    Instance {
        region: Region,
        instance_type: Shared,
        platform: Platform,
    },
    /// An hour of a Spot instance, by what was asked of late.
    SpotInstance {
        region: Region,
        instance_type: Shared,
        platform: Platform,
    },
    /// A GB-month.
    VolumeStorage {
        region: Region,
        volume_type: VolumeType,
    },
    /// A provisioned IOPS-month; io2 has tiers, the others only the first.
    VolumeIops {
        region: Region,
        volume_type: VolumeType,
        tier: IopsTier,
    },
    /// A provisioned MiB/s-month of gp3 above 125.
    VolumeThroughput {
        region: Region,
    },
    /// A GB-month.
    SnapshotStorage {
        region: Region,
        archived: bool,
    },
    /// An hour of a public IPv4 address, idle or in use.
    PublicIpv4 {
        region: Region,
    },
    NatGatewayHour {
        region: Region,
    },
    /// An hour of an interface endpoint in one availability zone.
    InterfaceEndpointHour {
        region: Region,
    },
    /// An hour of a database instance.
    DbInstance {
        region: Region,
        class: Shared,
        engine: DbEngine,
        multi_az: bool,
    },
    /// A GB-month.
    DbStorage {
        region: Region,
        storage_type: DbStorageType,
        multi_az: bool,
    },
    /// A provisioned IOPS-month.
    DbIops {
        region: Region,
        storage_type: DbStorageType,
        multi_az: bool,
    },
    /// A GB-month of backup beyond the free part.
    DbBackup {
        region: Region,
        aurora: bool,
    },
    /// A vCPU-hour of RDS Extended Support.
    DbExtendedSupport {
        region: Region,
        engine: DbEngine,
        third_year: bool,
    },
    /// What depends on the region alone, or on it and a name: a node's type, say.
    Item {
        region: Region,
        item: Item,
        name: Option<Shared>,
    },
}

/// Bounds of io2's price tiers: up to 32,000, up to 64,000, above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum IopsTier {
    First,
    Second,
    Third,
}

impl PriceKey {
    /// Of something with one price in a region.
    #[must_use]
    pub fn item(item: Item, region: &Region) -> Self {
        Self::Item { region: region.clone(), item, name: None }
    }

    /// Of something with one price for each name: `cache.m5.large/valkey`.
    #[must_use]
    pub fn named(item: Item, region: &Region, name: &str) -> Self {
        Self::Item { region: region.clone(), item, name: Some(name.into()) }
    }

    #[must_use]
    pub const fn region(&self) -> &Region {
        match self {
            Self::Instance { region, .. }
            | Self::SpotInstance { region, .. }
            | Self::VolumeStorage { region, .. }
            | Self::VolumeIops { region, .. }
            | Self::VolumeThroughput { region }
            | Self::SnapshotStorage { region, .. }
            | Self::PublicIpv4 { region }
            | Self::NatGatewayHour { region }
            | Self::InterfaceEndpointHour { region }
            | Self::DbInstance { region, .. }
            | Self::DbStorage { region, .. }
            | Self::DbIops { region, .. }
            | Self::DbBackup { region, .. }
            | Self::DbExtendedSupport { region, .. }
            | Self::Item { region, .. } => region,
        }
    }

    #[must_use]
    pub const fn unit(&self) -> PriceUnit {
        match self {
            Self::Instance { .. }
            | Self::SpotInstance { .. }
            | Self::PublicIpv4 { .. }
            | Self::NatGatewayHour { .. }
            | Self::InterfaceEndpointHour { .. }
            | Self::DbInstance { .. } => PriceUnit::Hour,
            Self::VolumeStorage { .. }
            | Self::SnapshotStorage { .. }
            | Self::DbStorage { .. }
            | Self::DbBackup { .. } => PriceUnit::GbMonth,
            Self::VolumeIops { .. } | Self::DbIops { .. } => PriceUnit::IopsMonth,
            Self::VolumeThroughput { .. } => PriceUnit::MibpsMonth,
            Self::DbExtendedSupport { .. } => PriceUnit::VcpuHour,
            Self::Item { item, .. } => item.unit(),
        }
    }
}

/// `volume-storage/gp3/us-east-1`: stable, for the cache and for people.
impl fmt::Display for PriceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let az = |multi: &bool| if *multi { "multi-az" } else { "single-az" };
        match self {
            Self::Instance { instance_type, platform, .. } => {
                write!(f, "instance/{instance_type}/{}", platform.as_str())
            }
            Self::SpotInstance { instance_type, platform, .. } => {
                write!(f, "spot-instance/{instance_type}/{}", platform.as_str())
            }
            Self::VolumeStorage { volume_type, .. } => write!(f, "volume-storage/{volume_type}"),
            Self::VolumeIops { volume_type, tier, .. } => write!(f, "volume-iops/{volume_type}/{tier:?}"),
            Self::VolumeThroughput { .. } => write!(f, "volume-throughput/gp3"),
            Self::SnapshotStorage { archived: false, .. } => write!(f, "snapshot-storage/standard"),
            Self::SnapshotStorage { archived: true, .. } => write!(f, "snapshot-storage/archive"),
            Self::PublicIpv4 { .. } => write!(f, "public-ipv4"),
            Self::NatGatewayHour { .. } => write!(f, "nat-gateway-hour"),
            Self::InterfaceEndpointHour { .. } => write!(f, "interface-endpoint-hour"),
            Self::DbInstance { class, engine, multi_az, .. } => {
                write!(f, "db-instance/{class}/{engine}/{}", az(multi_az))
            }
            Self::DbStorage { storage_type, multi_az, .. } => {
                write!(f, "db-storage/{}/{}", storage_type.as_str(), az(multi_az))
            }
            Self::DbIops { storage_type, multi_az, .. } => {
                write!(f, "db-iops/{}/{}", storage_type.as_str(), az(multi_az))
            }
            Self::DbBackup { aurora, .. } => {
                write!(f, "db-backup/{}", if *aurora { "aurora" } else { "rds" })
            }
            Self::DbExtendedSupport { engine, third_year, .. } => {
                write!(f, "db-extended-support/{engine}/{}", if *third_year { "year-3" } else { "years-1-2" })
            }
            Self::Item { item, name: None, .. } => f.write_str(item.as_str()),
            Self::Item { item, name: Some(name), .. } => write!(f, "{}/{name}", item.as_str()),
        }?;
        write!(f, "/{}", self.region())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub enum PriceUnit {
    #[serde(rename = "hour")]
    Hour,
    #[serde(rename = "GB-month")]
    GbMonth,
    #[serde(rename = "IOPS-month")]
    IopsMonth,
    #[serde(rename = "MiB/s-month")]
    MibpsMonth,
    #[serde(rename = "vCPU-hour")]
    VcpuHour,
    #[serde(rename = "GB-hour")]
    GbHour,
    #[serde(rename = "GB")]
    Gb,
    #[serde(rename = "GB-second")]
    GbSecond,
    #[serde(rename = "unit-hour")]
    UnitHour,
    #[serde(rename = "unit-month")]
    UnitMonth,
    /// A million requests, reads or writes.
    #[serde(rename = "million")]
    Million,
    /// A thousand requests or objects.
    #[serde(rename = "thousand")]
    Thousand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum PriceSource {
    /// AWS's Pricing API, for the region itself.
    PricingApi,
    /// Tuner's dated table, for the region itself.
    BuiltIn,
    /// Tuner's dated table gives us-east-1 only: a stand-in for another region.
    BuiltInOtherRegion,
    /// EC2's own history of Spot prices.
    SpotPriceHistory,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub per_unit: UnitPrice,
    pub source: PriceSource,
    /// When the source published it.
    pub as_of: Date,
}

/// A price as a recommendation shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceUsed {
    pub key: String,
    #[schema(value_type = String, example = "0.08")]
    pub price_per_unit: UnitPrice,
    pub unit: PriceUnit,
    pub source: PriceSource,
    #[schema(value_type = String, format = "date")]
    pub as_of: Date,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PriceBook(BTreeMap<PriceKey, Price>);

impl PriceBook {
    pub fn insert(&mut self, key: PriceKey, price: Price) {
        self.0.insert(key, price);
    }

    #[must_use]
    pub fn get(&self, key: &PriceKey) -> Option<&Price> {
        self.0.get(key)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&PriceKey, &Price)> {
        self.0.iter()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over the other book's prices where this one has none.
    pub fn fill_from(&mut self, other: Self) {
        for (key, price) in other.0 {
            self.0.entry(key).or_insert(price);
        }
    }
}
