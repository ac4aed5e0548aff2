//! Under which usage types Cost Explorer bills what a price is of: `EU-BoxUsage:m5.large`.
//!
//! A name that is not here is not guessed: what rests on it stays at list price.

use super::{
    inventory::{DbEngine, DbStorageType, VolumeType},
    price::{IopsTier, PriceKey},
    price_item::Item,
    region::Region,
    usage_cost::{UsageCosts, UsageType},
};

/// What stands before usage types of a region. Older services write none for us-east-1, newer ones `USE1-`.
const REGIONS: &[(&str, &[&str])] = &[
    ("af-south-1", &["AFS1-"]),
    ("ap-east-1", &["APE1-"]),
    ("ap-northeast-1", &["APN1-"]),
    ("ap-northeast-2", &["APN2-"]),
    ("ap-northeast-3", &["APN3-"]),
    ("ap-south-1", &["APS3-"]),
    ("ap-south-2", &["APS5-"]),
    ("ap-southeast-1", &["APS1-"]),
    ("ap-southeast-2", &["APS2-"]),
    ("ap-southeast-3", &["APS4-"]),
    ("ap-southeast-4", &["APS6-"]),
    ("ca-central-1", &["CAN1-"]),
    ("ca-west-1", &["CAN2-"]),
    ("eu-central-1", &["EUC1-"]),
    ("eu-central-2", &["EUC2-"]),
    ("eu-north-1", &["EUN1-"]),
    ("eu-south-1", &["EUS1-"]),
    ("eu-south-2", &["EUS2-"]),
    ("eu-west-1", &["EU-", "EUW1-"]),
    ("eu-west-2", &["EUW2-"]),
    ("eu-west-3", &["EUW3-"]),
    ("il-central-1", &["ILC1-"]),
    ("me-central-1", &["MEC1-"]),
    ("me-south-1", &["MES1-"]),
    ("sa-east-1", &["SAE1-"]),
    ("us-east-1", &["", "USE1-"]),
    ("us-east-2", &["USE2-"]),
    ("us-gov-east-1", &["UGE1-"]),
    ("us-gov-west-1", &["UGW1-"]),
    ("us-west-1", &["USW1-"]),
    ("us-west-2", &["USW2-"]),
];

/// The billed usage types of a price, in order; none where its region or its usage is not known.
#[must_use]
pub fn billed<'a>(key: &PriceKey, usage: &'a UsageCosts) -> Vec<&'a UsageType> {
    let mut found: Vec<&UsageType> = Vec::new();
    for name in names(key) {
        for prefix in prefixes(key.region()) {
            found.extend(types_of(&format!("{prefix}{name}"), key, usage));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn types_of<'a>(name: &str, key: &PriceKey, usage: &'a UsageCosts) -> Vec<&'a UsageType> {
    let service = service(key);
    let fits = |found: &&UsageType| {
        found.service.is_empty() || service.is_none_or(|service| *found.service == *service)
    };
    usage.named(name).filter(fits).collect()
}

/// Who bills it, where others bill usage of that name.
fn service(key: &PriceKey) -> Option<&'static str> {
    let PriceKey::Item { item, .. } = key else { return None };
    match item.listing().service {
        "AmazonS3" => Some("Amazon Simple Storage Service"),
        "AmazonCloudWatch" => Some("AmazonCloudWatch"),
        "AmazonDynamoDB" => Some("Amazon DynamoDB"),
        "AWSELB" => Some("Amazon Elastic Load Balancing"),
        _ => None,
    }
}

/// Some services write the region itself: `eu-west-1-KMS-Keys`.
fn prefixes(region: &Region) -> impl Iterator<Item = String> {
    let known = REGIONS.iter().filter(|(name, _)| *name == region.as_str());
    let known = known.flat_map(|(_, prefixes)| *prefixes).map(|prefix| (*prefix).to_owned());
    known.chain([format!("{region}-")])
}

/// The names without a region; one that ends with `*` is the beginning of several.
fn names(key: &PriceKey) -> Vec<String> {
    match key {
        // A reservation of capacity that nobody uses is billed by itself.
        PriceKey::Instance { instance_type, .. } => {
            vec![format!("BoxUsage:{instance_type}"), format!("UnusedBox:{instance_type}")]
        }
        PriceKey::SpotInstance { instance_type, .. } => vec![format!("SpotUsage:{instance_type}")],
        PriceKey::VolumeStorage { volume_type, .. } => {
            volume(*volume_type).map(|end| format!("EBS:VolumeUsage{end}")).into_iter().collect()
        }
        PriceKey::VolumeIops { volume_type, tier, .. } => volume(*volume_type)
            .map(|end| format!("EBS:VolumeP-IOPS{end}{}", tier_end(*tier)))
            .into_iter()
            .collect(),
        PriceKey::VolumeThroughput { .. } => fixed("EBS:VolumeP-Throughput.gp3"),
        PriceKey::SnapshotStorage { archived: false, .. } => fixed("EBS:SnapshotUsage"),
        PriceKey::SnapshotStorage { archived: true, .. } => fixed("EBS:SnapshotArchiveStorage"),
        PriceKey::PublicIpv4 { .. } => {
            vec!["PublicIPv4:IdleAddress".to_owned(), "PublicIPv4:InUseAddress".to_owned()]
        }
        PriceKey::NatGatewayHour { .. } => fixed("NatGateway-Hours"),
        PriceKey::InterfaceEndpointHour { .. } => fixed("VpcEndpoint-Hours"),
        PriceKey::Item { item: Item::AuroraAcuSupport, name, .. } => acu_support(name.as_deref()),
        PriceKey::Item { item: Item::Insights, name, .. } => item_names(
            Item::Insights.listing().usage,
            name.as_deref().map(str::to_ascii_uppercase).as_deref(),
        ),
        PriceKey::Item { item, name, .. } => item_names(item.listing().usage, name.as_deref()),
        database => database_names(database),
    }
}

fn fixed(name: &str) -> Vec<String> {
    vec![name.to_owned()]
}

/// `NodeUsage:` of `cache.m5.large/valkey` is billed as `NodeUsage:cache.m5.large`: the engine is not in it.
fn item_names(usage: &str, name: Option<&str>) -> Vec<String> {
    let node = name.and_then(|name| name.split('/').next()).unwrap_or_default();
    vec![format!("{usage}{node}")]
}

/// `aurora-postgresql/year-3` is billed as `ExtendedSupport:Yr3:ASv2:AuroraPostgreSQL12`.
fn acu_support(name: Option<&str>) -> Vec<String> {
    let Some((engine, years)) = name.and_then(|name| name.split_once('/')) else { return Vec::new() };
    let years = if years == "year-3" { "Yr3" } else { "Yr1-Yr2" };
    support(DbEngine::from_rds(engine))
        .map(|engine| format!("ExtendedSupport:{years}:ASv2:{engine}*"))
        .into_iter()
        .collect()
}

const fn volume(volume_type: VolumeType) -> Option<&'static str> {
    match volume_type {
        VolumeType::Gp2 => Some(".gp2"),
        VolumeType::Gp3 => Some(".gp3"),
        VolumeType::Io1 => Some(".piops"),
        VolumeType::Io2 => Some(".io2"),
        VolumeType::St1 => Some(".st1"),
        VolumeType::Sc1 => Some(".sc1"),
        VolumeType::Standard => Some(""),
        VolumeType::Other => None,
    }
}

const fn tier_end(tier: IopsTier) -> &'static str {
    match tier {
        IopsTier::First => "",
        IopsTier::Second => ".tier2",
        IopsTier::Third => ".tier3",
    }
}

const fn deployment(multi_az: bool) -> &'static str {
    if multi_az { "RDS:Multi-AZ-" } else { "RDS:" }
}

fn database_names(key: &PriceKey) -> Vec<String> {
    match key {
        PriceKey::DbInstance { class, multi_az: true, .. } => vec![format!("Multi-AZUsage:{class}")],
        PriceKey::DbInstance { class, .. } => {
            vec![format!("InstanceUsage:{class}"), format!("InstanceUsageIOOptimized:{class}")]
        }
        PriceKey::DbStorage { storage_type: DbStorageType::Aurora, .. } => fixed("Aurora:StorageUsage"),
        PriceKey::DbStorage { storage_type, multi_az, .. } => db_storage(*storage_type)
            .map(|end| format!("{}{end}", deployment(*multi_az)))
            .into_iter()
            .collect(),
        PriceKey::DbIops { storage_type, multi_az, .. } => {
            db_iops(*storage_type).map(|end| format!("{}{end}", deployment(*multi_az))).into_iter().collect()
        }
        PriceKey::DbBackup { aurora: true, .. } => fixed("Aurora:BackupUsage"),
        PriceKey::DbBackup { .. } => fixed("RDS:ChargedBackupUsage"),
        PriceKey::DbExtendedSupport { engine, third_year, .. } => support(*engine)
            .map(|engine| {
                format!("ExtendedSupport:{}:{engine}*", if *third_year { "Yr3" } else { "Yr1-Yr2" })
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

const fn db_storage(storage_type: DbStorageType) -> Option<&'static str> {
    match storage_type {
        DbStorageType::Gp2 => Some("GP2-Storage"),
        DbStorageType::Gp3 => Some("GP3-Storage"),
        DbStorageType::Io1 => Some("PIOPS-Storage"),
        DbStorageType::Io2 => Some("PIOPS-Storage-IO2"),
        DbStorageType::Standard => Some("StorageUsage"),
        DbStorageType::Aurora | DbStorageType::Other => None,
    }
}

const fn db_iops(storage_type: DbStorageType) -> Option<&'static str> {
    match storage_type {
        DbStorageType::Gp3 => Some("GP3-PIOPS"),
        DbStorageType::Io1 => Some("PIOPS"),
        DbStorageType::Io2 => Some("PIOPS-IO2"),
        _ => None,
    }
}

const fn support(engine: DbEngine) -> Option<&'static str> {
    match engine {
        DbEngine::Mysql => Some("MySQL"),
        DbEngine::Postgres => Some("PostgreSQL"),
        DbEngine::AuroraMysql => Some("AuroraMySQL"),
        DbEngine::AuroraPostgresql => Some("AuroraPostgreSQL"),
        _ => None,
    }
}

/// Whether the list price of a usage type is one price for all of it: no tiers, no monthly gift, no engines.
#[must_use]
pub const fn is_flat(key: &PriceKey) -> bool {
    matches!(
        key,
        PriceKey::Instance { .. }
            | PriceKey::VolumeStorage { .. }
            | PriceKey::VolumeIops { .. }
            | PriceKey::SnapshotStorage { .. }
            | PriceKey::PublicIpv4 { .. }
            | PriceKey::NatGatewayHour { .. }
            | PriceKey::InterfaceEndpointHour { .. }
            | PriceKey::DbInstance { .. }
            | PriceKey::DbStorage { .. }
            | PriceKey::DbIops { .. }
    )
}

/// What a Savings Plan that is set free could cover instead: usage of the same family, in any region for what only
/// plans of all compute cover. Everything else is a family of its own.
#[must_use]
pub fn family(usage_type: &str) -> &str {
    if usage_type.contains("Fargate-") {
        return "Fargate";
    }
    if usage_type.contains("Lambda-") {
        return "Lambda";
    }
    let is_machine = usage_type.contains("BoxUsage:") || usage_type.contains("InstanceUsage:");
    match usage_type.rsplit_once('.') {
        Some((family, _)) if is_machine => family,
        _ => usage_type,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        inventory::Platform,
        usage_cost::{PurchaseType, UsageCost},
    };
    use jiff::civil::Date;

    fn bill(types: &[&str]) -> UsageCosts {
        let mut usage = UsageCosts::new(Date::MIN, Date::MAX);
        for name in types {
            add(&mut usage, name, "");
        }
        usage
    }

    fn add(usage: &mut UsageCosts, name: &str, service: &str) {
        let usage_type = UsageType { name: name.into(), service: service.into() };
        usage.add(usage_type, PurchaseType::OnDemand, UsageCost::default());
    }

    fn billed<'a>(key: &PriceKey, usage: &'a UsageCosts) -> Vec<&'a str> {
        super::billed(key, usage).into_iter().map(|found| &*found.name).collect()
    }

    #[test]
    fn services_share_names() {
        let mut usage = UsageCosts::new(Date::MIN, Date::MAX);
        for service in ["Amazon Simple Storage Service", "AmazonCloudWatch"] {
            add(&mut usage, "TimedStorage-ByteHrs", service);
        }
        let logs = PriceKey::item(Item::LogStorage, &region("us-east-1"));
        let found = super::billed(&logs, &usage);
        assert_eq!(found.iter().map(|found| &*found.service).collect::<Vec<_>>(), ["AmazonCloudWatch"]);
    }

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    fn instance(at: &str) -> PriceKey {
        PriceKey::Instance { region: region(at), instance_type: "m5.large".into(), platform: Platform::Linux }
    }

    #[test]
    fn a_price_finds_the_usage_of_its_own_region() {
        let usage = bill(&[
            "BoxUsage:m5.large",
            "EU-BoxUsage:m5.large",
            "EU-BoxUsage:m5.xlarge",
            "EUC1-BoxUsage:m5.large",
        ]);
        assert_eq!(billed(&instance("us-east-1"), &usage), ["BoxUsage:m5.large"]);
        assert_eq!(billed(&instance("eu-west-1"), &usage), ["EU-BoxUsage:m5.large"]);
        assert_eq!(billed(&instance("xx-moon-1"), &usage), [""; 0], "no region that is known");
    }

    #[test]
    fn all_ways_to_write_a_region_are_known() {
        let usage = bill(&[
            "USE1-AWSSecretsManager-Secrets",
            "us-east-1-KMS-Keys",
            "PublicIPv4:IdleAddress",
            "PublicIPv4:InUseAddress",
        ]);
        let here = region("us-east-1");
        assert_eq!(billed(&PriceKey::item(Item::Secret, &here), &usage), ["USE1-AWSSecretsManager-Secrets"]);
        assert_eq!(billed(&PriceKey::item(Item::KmsKey, &here), &usage), ["us-east-1-KMS-Keys"]);
        assert_eq!(billed(&PriceKey::PublicIpv4 { region: here }, &usage).len(), 2);
    }

    #[test]
    fn databases_are_billed_by_class_storage_and_version() {
        let at = region("eu-west-1");
        let usage = bill(&[
            "EU-RDS:Multi-AZ-GP2-Storage",
            "EU-Multi-AZUsage:db.m5.large",
            "EU-ExtendedSupport:Yr1-Yr2:MySQL5.7",
        ]);
        let storage =
            PriceKey::DbStorage { region: at.clone(), storage_type: DbStorageType::Gp2, multi_az: true };
        assert_eq!(billed(&storage, &usage), ["EU-RDS:Multi-AZ-GP2-Storage"]);
        let support =
            PriceKey::DbExtendedSupport { region: at.clone(), engine: DbEngine::Mysql, third_year: false };
        assert_eq!(billed(&support, &usage), ["EU-ExtendedSupport:Yr1-Yr2:MySQL5.7"]);
        let node = PriceKey::named(Item::CacheNode, &at, "cache.m5.large/valkey");
        assert_eq!(billed(&node, &bill(&["EU-NodeUsage:cache.m5.large"])), ["EU-NodeUsage:cache.m5.large"]);
    }

    #[test]
    fn what_is_named_by_family_or_engine_is_billed_under_that_name() {
        let at = region("eu-west-1");
        let usage =
            bill(&["EU-PI_LTR:R6G", "EU-ExtendedSupport:Yr3:ASv2:AuroraPostgreSQL12", "EU-Node:ra3.xlplus"]);
        let named = |item, name: &str| billed(&PriceKey::named(item, &at, name), &usage);
        assert_eq!(named(Item::Insights, "r6g"), ["EU-PI_LTR:R6G"]);
        assert_eq!(named(Item::RedshiftNode, "ra3.xlplus"), ["EU-Node:ra3.xlplus"]);
        let support = named(Item::AuroraAcuSupport, "aurora-postgresql/year-3");
        assert_eq!(support, ["EU-ExtendedSupport:Yr3:ASv2:AuroraPostgreSQL12"]);
        assert_eq!(named(Item::AuroraAcuSupport, "aurora-postgresql/years-1-2"), [""; 0]);
    }

    #[test]
    fn families_are_those_of_one_region() {
        assert_eq!(family("EU-BoxUsage:m5.large"), family("EU-BoxUsage:m5.4xlarge"));
        assert_ne!(family("EU-BoxUsage:m5.large"), family("BoxUsage:m5.large"));
        assert_eq!(family("USE1-Fargate-GB-Hours"), family("EU-Fargate-vCPU-Hours:perCPU"));
        assert_eq!(family("EU-EBS:VolumeUsage.gp3"), "EU-EBS:VolumeUsage.gp3");
    }
}
