use super::*;
use rstest::rstest;
use serde_json::json;

fn product(usage: &str, unit: &str, usd: &str, attributes: &[(&str, &str)]) -> String {
    let mut all = json!({"regionCode": "eu-central-1", "usagetype": usage});
    for (name, value) in attributes {
        all[*name] = json!(value);
    }
    let rate = json!({"unit": unit, "beginRange": "0", "pricePerUnit": {"USD": usd}});
    json!({
        "product": {"attributes": all, "sku": "X"},
        "publicationDate": "2026-08-30T00:00:00Z",
        "terms": {"OnDemand": {"X.Y": {"priceDimensions": {"X.Y.Z": rate}}}},
    })
    .to_string()
}

#[rstest]
#[case("EUC1-EBS:VolumeUsage.gp3", &[("volumeApiName", "gp3")], "volume-storage/gp3")]
#[case("EUC1-EBS:VolumeP-IOPS.io2.tier2", &[("volumeApiName", "io2")], "volume-iops/io2/Second")]
#[case("EUC1-EBS:SnapshotUsage", &[], "snapshot-storage/standard")]
#[case("PublicIPv4:InUseAddress", &[], "public-ipv4")]
#[case("EUC1-NatGateway-Hours", &[], "nat-gateway-hour")]
#[case("EUC1-VpcEndpoint-Hours", &[], "interface-endpoint-hour")]
#[case("EUC1-VpcEndpoint-GWLBE-Hours", &[], "gwlb-endpoint-hour")]
#[case("EUC1-VPN-Usage-Hours:ipsec.1", &[], "vpn-connection-hour")]
#[case("EUC1-TransitGateway-Hours", &[("operation", "TransitGatewayVPC")], "transit-gateway-attachment-hour")]
#[case("EUC1-RDS:GP2-Storage", &[], "db-storage/gp2/single-az")]
#[case("EUC1-RDS:Multi-AZ-GP3-Storage", &[], "db-storage/gp3/multi-az")]
#[case("RDS:PIOPS-Storage-IO2", &[], "db-storage/io2/single-az")]
#[case("EUC1-RDS:Multi-AZ-PIOPS", &[], "db-iops/io1/multi-az")]
#[case("EUC1-RDS:GP3-PIOPS", &[], "db-iops/gp3/single-az")]
#[case("EUC1-Aurora:StorageUsage", &[], "db-storage/aurora/single-az")]
#[case("EUC1-Aurora:BackupUsage", &[], "db-backup/aurora")]
fn usage_types_name_keys(#[case] usage: &str, #[case] attributes: &[(&str, &str)], #[case] key: &str) {
    let (found, price) = read(&product(usage, "GB-Mo", "0.0952000000", attributes)).unwrap();
    assert_eq!(found.to_string(), format!("{key}/eu-central-1"));
    assert_eq!(price.per_unit.to_string(), "0.0952");
    assert_eq!(price.as_of.to_string(), "2026-08-30");
}

#[rstest]
#[case("EUC1-EBS:VolumeIOUsage")]
#[case("EUC1-NatGateway-Bytes")]
#[case("EUC1-TransitGateway-Hours")]
#[case("EUC1-UnusedBox:m5.large")]
#[case("EUC1-DedicatedUsage:m5.large")]
fn look_alikes_are_left_out(#[case] usage: &str) {
    assert!(read(&product(usage, "Hrs", "1", &[("instanceType", "m5.large")])).is_none());
}

#[test]
fn transfer_is_of_the_region_that_it_comes_from() {
    let attributes = json!({"usagetype": "EUC1-DataTransfer-Regional-Bytes", "transferType": "IntraRegion",
                            "fromRegionCode": "eu-central-1", "toRegionCode": "eu-central-1"});
    let plain = product("", "GB", "0.01", &[]);
    let mut listed: serde_json::Value = serde_json::from_str(&plain).unwrap();
    listed["product"]["attributes"] = attributes;
    let (key, _) = read(&listed.to_string()).unwrap();
    assert_eq!(key.to_string(), "cross-zone-gb/eu-central-1");
}

#[test]
fn throughput_is_brought_to_mib() {
    let (key, price) = read(&product("EBS:VolumeP-Throughput.gp3", "GiBps-mo", "40.96", &[])).unwrap();
    assert_eq!(key.to_string(), "volume-throughput/gp3/eu-central-1");
    assert_eq!(price.per_unit.to_string(), "0.04");
}

#[test]
fn instances_and_databases_are_told_by_their_attributes() {
    let linux = [("instanceType", "m5.large"), ("operatingSystem", "Linux")];
    let (key, _) = read(&product("EUC1-BoxUsage:m5.large", "Hrs", "0.115", &linux)).unwrap();
    assert_eq!(key.to_string(), "instance/m5.large/Linux/eu-central-1");
    let db = |deployment| {
        let attributes = [
            ("instanceType", "db.m5.large"),
            ("databaseEngine", "PostgreSQL"),
            ("deploymentOption", deployment),
        ];
        read(&product("EUC1-Multi-AZUsage:db.m5.large", "Hrs", "0.4", &attributes))
    };
    assert_eq!(
        db("Multi-AZ").unwrap().0.to_string(),
        "db-instance/db.m5.large/postgres/multi-az/eu-central-1"
    );
    assert!(db("Multi-AZ (readable standbys)").is_none());
}

#[test]
fn extended_support_is_told_by_engine_and_year() {
    let read = |usage, unit| read(&product(usage, unit, "0.1", &[])).map(|(key, _)| key.to_string());
    let third = read("EUC1-ExtendedSupport:Yr3:PostgreSQL11", "vCPU-Hours");
    assert_eq!(third.as_deref(), Some("db-extended-support/postgres/year-3/eu-central-1"));
    assert_eq!(read("ExtendedSupport:Yr1-Yr2:MySQL5.7", "ACU-Hr"), None);
    let serverless = read("ExtendedSupport:Yr1-Yr2:ASv2:AuroraPostgreSQL12", "ACU-Hr");
    assert_eq!(
        serverless.as_deref(),
        Some("aurora-acu-extended-support/aurora-postgresql/years-1-2/eu-central-1")
    );
}

#[rstest]
#[case("EUC1-NodeUsage:cache.r6g.large", "cache-node/cache.r6g.large/redis")]
#[case("USE1-ExtendedSupportYr1_Yr2-NodeUsage:cache.r6g.large", "cache-extended-support/cache.r6g.large")]
#[case("USE1-ExtendedSupportYr3-NodeUsage:cache.r6g.large", "cache-extended-support-year-3/cache.r6g.large")]
#[case("EUC1-PI_LTR:R6G", "performance-insights/r6g")]
#[case("EUC1-Aurora:IO-OptimizedStorageUsage", "aurora-io-optimized-storage")]
fn items_are_told_by_their_usage_type(#[case] usage: &str, #[case] key: &str) {
    let cache = [("instanceType", "cache.r6g.large"), ("cacheEngine", "Redis")];
    let (found, _) = read(&product(usage, "Hrs", "0.1", &cache)).unwrap();
    assert_eq!(found.to_string(), format!("{key}/eu-central-1"));
}

#[test]
fn reads_and_writes_are_priced_by_the_million() {
    let (key, price) = read(&product("EUC1-Aurora:StorageIOUsage", "IOs", "0.0000002", &[])).unwrap();
    assert_eq!(
        (key.to_string(), price.per_unit.to_string()),
        ("aurora-io/eu-central-1".into(), "0.20".into())
    );
    assert!(read(&product("EUC1-SyncDurability-NodeUsage:cache.r6g.large", "Hrs", "0.1", &[])).is_none());
}

#[rstest]
#[case("EUC1-TimedStorage-ByteHrs", "AmazonDynamoDB", "dynamodb-storage")]
#[case("EUC1-TimedStorage-ByteHrs", "AmazonCloudWatch", "log-storage")]
#[case("IA-TimedStorage-ByteHrs", "AmazonDynamoDB", "dynamodb-ia-storage")]
#[case("EUC1-IA-WriteCapacityUnit-Hrs", "AmazonDynamoDB", "dynamodb-ia-write-unit-hour")]
#[case("EUC1-Lambda-GB-Second-ARM", "AWSLambda", "lambda-duration-arm")]
#[case("EUC1-Fargate-GB-Hours", "AmazonECS", "fargate-memory")]
fn items_are_told_by_service_and_usage(#[case] usage: &str, #[case] service: &str, #[case] key: &str) {
    let (found, _) = read(&product(usage, "GB-Mo", "0.1", &[("servicecode", service)])).unwrap();
    assert_eq!(found.to_string(), format!("{key}/eu-central-1"));
}

#[rstest]
#[case("EUC1-ReplWriteRequestUnits", "AmazonDynamoDB")]
#[case("EUC1-Fargate-Windows-vCPU-Hours:perCPU", "AmazonECS")]
#[case("EUC1-Fargate-EphemeralStorage-GB-Hours", "AmazonECS")]
#[case("EUC1-Lambda-Edge-GB-Second", "AWSLambda")]
fn other_items_are_left_out(#[case] usage: &str, #[case] service: &str) {
    assert!(read(&product(usage, "Hrs", "1", &[("servicecode", service)])).is_none());
}

#[test]
fn requests_are_counted_by_the_million_without_losing_digits() {
    let text = product("EUC1-WriteRequestUnits", "WriteRequestUnits", "0.0000007125", &[]);
    let (key, price) = read(&text).unwrap();
    assert_eq!(key.to_string(), "dynamodb-writes/eu-central-1");
    assert_eq!(price.per_unit.to_string(), "0.7125");
}

#[test]
fn a_first_tier_that_is_free_is_not_the_price() {
    let mut listed: serde_json::Value =
        serde_json::from_str(&product("EUC1-ReadCapacityUnit-Hrs", "Hrs", "0.0000000000", &[])).unwrap();
    let dimensions = &mut listed["terms"]["OnDemand"]["X.Y"]["priceDimensions"];
    dimensions["X.Y.W"] = json!({"unit": "Hrs", "beginRange": "18600", "pricePerUnit": {"USD": "0.000158"}});
    let (_, price) = read(&listed.to_string()).unwrap();
    assert_eq!(price.per_unit.to_string(), "0.000158");
}

#[test]
fn garbage_is_no_price() {
    assert!(read("").is_none());
    assert!(read("{}").is_none());
    assert!(read(&product("NatGateway-Hours", "Hrs", "free", &[])).is_none());
}
