//! Reads a product of the Pricing API: which key it is the price of. Pure.
//!
//! The usage type names a product exactly; its attributes are read only where it does not.

use crate::domain::{
    inventory::{DbEngine, DbStorageType, Platform, VolumeType},
    money::UnitPrice,
    price::{IopsTier, Price, PriceKey, PriceSource, PriceUnit},
    price_item::{Item, Listing},
    region::Region,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    product: Product,
    terms: Terms,
    publication_date: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    #[serde(default)]
    product_family: String,
    attributes: HashMap<String, String>,
}

#[derive(Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: HashMap<String, Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    price_dimensions: HashMap<String, Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    unit: String,
    #[serde(default)]
    begin_range: String,
    price_per_unit: HashMap<String, String>,
}

impl Dimension {
    fn begins_at(&self) -> u64 {
        if self.begin_range.is_empty() { 0 } else { self.begin_range.parse().unwrap_or(u64::MAX) }
    }

    fn is_free(&self) -> bool {
        self.price_per_unit
            .get("USD")
            .is_some_and(|usd| !usd.bytes().any(|digit| matches!(digit, b'1'..=b'9')))
    }
}

/// The price list counts requests one by one, keys in thousands or millions: more digits are kept that way.
fn counted(usd: &str, unit: PriceUnit) -> Option<UnitPrice> {
    let places = match unit {
        PriceUnit::Million => 6,
        PriceUnit::Thousand => 3,
        _ => return usd.parse().ok(),
    };
    let (whole, fraction) = usd.split_once('.').unwrap_or((usd, ""));
    let padded = format!("{fraction:0<places$}");
    let (moved, rest) = padded.split_at_checked(places)?;
    format!("{whole}{moved}.{rest}").parse().ok()
}

/// The key and its price; none for products that no key is about, and for what cannot be read.
pub(super) fn read(text: &str) -> Option<(PriceKey, Price)> {
    let listed: Listed = serde_json::from_str(text).ok()?;
    let dimensions = listed.terms.on_demand.values().flat_map(|term| term.price_dimensions.values());
    // Where a price falls with the quantity, the first tier is the list price; DynamoDB's first tier is a gift.
    let dimension = dimensions.min_by_key(|dimension| (dimension.is_free(), dimension.begins_at()))?;
    let key = key_of(&listed.product, &dimension.unit)?;
    let per_unit = counted(dimension.price_per_unit.get("USD")?, key.unit())?;
    let as_of = listed.publication_date.to_zoned(TimeZone::UTC).date();
    Some((
        key,
        Price { per_unit: in_unit(per_unit, &dimension.unit), source: PriceSource::PricingApi, as_of },
    ))
}

/// Throughput is priced by GiB/s; keys are about MiB/s.
fn in_unit(price: UnitPrice, unit: &str) -> UnitPrice {
    if unit.to_ascii_lowercase().starts_with("gibps") { price.scale(1, 1_024) } else { price }
}

fn key_of(product: &Product, unit: &str) -> Option<PriceKey> {
    let get = |name: &str| product.attributes.get(name).map_or("", String::as_str);
    let region: Region = get("regionCode").parse().or_else(|_| get("fromRegionCode").parse()).ok()?;
    // Usage types carry the region in front, except in us-east-1: `EUC1-RDS:GP2-Storage`.
    let usage = get("usagetype");
    let is =
        |name: &str| usage.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('-'));
    let volume_type = || get("volumeApiName").parse::<VolumeType>().ok();
    if usage.contains("BoxUsage:") {
        let instance_type = get("instanceType").into();
        return Some(PriceKey::Instance {
            region,
            instance_type,
            platform: Platform::of_product(get("operatingSystem"), get("preInstalledSw"))?,
        });
    }
    if usage.contains("InstanceUsage:") || usage.contains("Multi-AZUsage:") {
        return db_instance(region, product);
    }
    if usage.contains("EBS:VolumeUsage") {
        return Some(PriceKey::VolumeStorage { region, volume_type: volume_type()? });
    }
    if usage.contains("EBS:VolumeP-IOPS") {
        return Some(PriceKey::VolumeIops { region, volume_type: volume_type()?, tier: tier_of(usage) });
    }
    if usage.contains("ExtendedSupport:Yr") {
        return extended_support(region, usage, unit);
    }
    match () {
        () if is("EBS:VolumeP-Throughput.gp3") => Some(PriceKey::VolumeThroughput { region }),
        () if is("EBS:SnapshotUsage") => Some(PriceKey::SnapshotStorage { region, archived: false }),
        () if is("EBS:SnapshotArchiveStorage") => Some(PriceKey::SnapshotStorage { region, archived: true }),
        () if is("PublicIPv4:InUseAddress") => Some(PriceKey::PublicIpv4 { region }),
        () if is("NatGateway-Hours") => Some(PriceKey::NatGatewayHour { region }),
        () if is("VpcEndpoint-Hours") => Some(PriceKey::InterfaceEndpointHour { region }),
        () if is("RDS:ChargedBackupUsage") => Some(PriceKey::DbBackup { region, aurora: false }),
        () if is("Aurora:BackupUsage") => Some(PriceKey::DbBackup { region, aurora: true }),
        () => db_storage(&region, &is).or_else(|| listed_item(&region, usage, product)),
    }
}

/// What the table of items knows by its usage type and attributes.
fn listed_item(region: &Region, usage: &str, product: &Product) -> Option<PriceKey> {
    let get = |name: &str| match name {
        "productFamily" => Some(product.product_family.as_str()),
        name => product.attributes.get(name).map(String::as_str),
    };
    // Only a region may stand before a name: `ExtendedSupportYr3-NodeUsage:cache.r6g.large` is no node.
    let is_region = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let at_front = |front: &str| front.is_empty() || front.ends_with('-');
    let at_start = |front: &str| front.is_empty() || front.strip_suffix('-').is_some_and(is_region);
    let service = get("servicecode");
    let is_listed = |listing: Listing| {
        if service.is_some_and(|service| service != listing.service) {
            return false;
        }
        let usage_fits = match listing.named_by {
            [] => usage.strip_suffix(listing.usage).is_some_and(at_front),
            _ => usage
                .split_once(listing.usage)
                .is_some_and(|(front, name)| at_start(front) && !name.is_empty()),
        };
        usage_fits && listing.only.iter().all(|(name, value)| get(name) == Some(value))
    };
    let item = Item::ALL.iter().copied().find(|item| is_listed(item.listing()))?;
    let named_by = item.listing().named_by;
    let part = |attribute: &&'static str| match *attribute {
        "usagetype" => usage.split_once(item.listing().usage).map(|(_, name)| name),
        other => get(other),
    };
    let parts: Option<Vec<&str>> = named_by.iter().map(part).collect();
    let name = parts?.join("/").to_ascii_lowercase();
    Some(PriceKey::Item { region: region.clone(), item, name: (!named_by.is_empty()).then(|| name.into()) })
}

fn tier_of(usage: &str) -> IopsTier {
    match usage.rsplit('.').next() {
        Some("tier2") => IopsTier::Second,
        Some("tier3") => IopsTier::Third,
        _ => IopsTier::First,
    }
}

/// Deployments with two readable standbys and I/O-optimized Aurora have prices of their own.
fn db_instance(region: Region, product: &Product) -> Option<PriceKey> {
    let get = |name: &str| product.attributes.get(name).map_or("", String::as_str);
    let engine = engine_of(get("databaseEngine"))?;
    let multi_az = match get("deploymentOption") {
        "Single-AZ" => false,
        "Multi-AZ" => true,
        _ => return None,
    };
    let own_licence = get("licenseModel").starts_with("Bring");
    (!own_licence).then(|| PriceKey::DbInstance {
        region,
        class: get("instanceType").into(),
        engine,
        multi_az,
    })
}

fn engine_of(name: &str) -> Option<DbEngine> {
    [
        DbEngine::Mysql,
        DbEngine::Mariadb,
        DbEngine::Postgres,
        DbEngine::AuroraMysql,
        DbEngine::AuroraPostgresql,
    ]
    .into_iter()
    .find(|engine| engine.pricing_name() == Some(name))
}

/// `RDS:Multi-AZ-GP3-PIOPS`: deployment, storage type, storage or IOPS.
fn db_storage(region: &Region, is: &dyn Fn(&str) -> bool) -> Option<PriceKey> {
    const STORAGE: [(&str, DbStorageType); 5] = [
        ("GP2-Storage", DbStorageType::Gp2),
        ("GP3-Storage", DbStorageType::Gp3),
        ("PIOPS-Storage", DbStorageType::Io1),
        ("PIOPS-Storage-IO2", DbStorageType::Io2),
        ("StorageUsage", DbStorageType::Standard),
    ];
    const IOPS: [(&str, DbStorageType); 3] =
        [("PIOPS", DbStorageType::Io1), ("PIOPS-IO2", DbStorageType::Io2), ("GP3-PIOPS", DbStorageType::Gp3)];
    for (multi_az, front) in [(false, "RDS:"), (true, "RDS:Multi-AZ-")] {
        let named = |(name, _): &&(&str, DbStorageType)| is(&format!("{front}{name}"));
        if let Some((_, storage_type)) = STORAGE.iter().find(named) {
            return Some(PriceKey::DbStorage {
                region: region.clone(),
                storage_type: *storage_type,
                multi_az,
            });
        }
        if let Some((_, storage_type)) = IOPS.iter().find(named) {
            return Some(PriceKey::DbIops { region: region.clone(), storage_type: *storage_type, multi_az });
        }
    }
    let aurora = DbStorageType::Aurora;
    is("Aurora:StorageUsage").then_some(PriceKey::DbStorage {
        region: region.clone(),
        storage_type: aurora,
        multi_az: false,
    })
}

/// `ExtendedSupport:Yr1-Yr2:MySQL8.0`: the same price for all versions of an engine. Serverless is priced by ACU:
/// `ExtendedSupport:Yr3:ASv2:AuroraPostgreSQL12`.
fn extended_support(region: Region, usage: &str, unit: &str) -> Option<PriceKey> {
    let (_, rest) = usage.split_once("ExtendedSupport:")?;
    let (years, version) = rest.split_once(':')?;
    let (serverless, version) = version.strip_prefix("ASv2:").map_or((false, version), |v| (true, v));
    let engine = match version {
        v if v.starts_with("AuroraMySQL") => DbEngine::AuroraMysql,
        v if v.starts_with("AuroraPostgreSQL") => DbEngine::AuroraPostgresql,
        v if v.starts_with("MySQL") => DbEngine::Mysql,
        v if v.starts_with("PostgreSQL") => DbEngine::Postgres,
        _ => return None,
    };
    let third_year = years == "Yr3";
    if serverless {
        let name = format!("{engine}/{}", if third_year { "year-3" } else { "years-1-2" });
        return Some(PriceKey::named(Item::AuroraAcuSupport, &region, &name));
    }
    unit.to_ascii_lowercase().contains("vcpu").then_some(PriceKey::DbExtendedSupport {
        region,
        engine,
        third_year,
    })
}

#[cfg(test)]
mod tests;
