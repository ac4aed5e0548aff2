//! What an account's resources are held against: types, prices and what was spent.

use jiff::ToSpan;
use std::collections::BTreeSet;
use tuner::{
    domain::{
        cost::{CostHistory, DailyCost},
        inventory::{Architecture, InstanceTypeCatalog, InstanceTypeSpec},
        money::{MicroUsd, UnitPrice},
        price::{Price, PriceBook},
        region::Region,
        snapshot::Snapshot,
    },
    pricing,
};

/// As Cost Explorer names them.
pub const SERVICES: [&str; 16] = [
    "Amazon Elastic Compute Cloud - Compute",
    "EC2 - Other",
    "Amazon Virtual Private Cloud",
    "Amazon Elastic Load Balancing",
    "AmazonCloudWatch",
    "Amazon Relational Database Service",
    "Amazon DynamoDB",
    "AWS Lambda",
    "Amazon Elastic Container Service",
    "Amazon Simple Storage Service",
    "Amazon ElastiCache",
    "Amazon Redshift",
    "AWS Secrets Manager",
    "AWS Key Management Service",
    "Amazon OpenSearch Service",
    "Tax",
];

const FAMILIES: [(&str, i64); 13] = [
    ("m4", 4),
    ("m5", 4),
    ("m6a", 4),
    ("m6g", 4),
    ("m6i", 4),
    ("c5", 2),
    ("c6g", 2),
    ("r5", 8),
    ("r6g", 8),
    ("t2", 4),
    ("t3", 4),
    ("t4g", 4),
    ("p3", 8),
];
const SIZES: [(&str, i64); 5] = [("medium", 1), ("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16)];

fn spec((family, gib_per_vcpu): (&str, i64), (size, vcpus): (&str, i64)) -> InstanceTypeSpec {
    let (arm, gpu) = (family.ends_with('g'), family == "p3");
    InstanceTypeSpec {
        name: format!("{family}.{size}").into(),
        vcpus,
        memory_mib: vcpus * gib_per_vcpu * 1_024,
        architectures: vec![if arm { Architecture::Arm64 } else { Architecture::X86_64 }],
        current_generation: !["m4", "t2"].contains(&family),
        burstable: family.starts_with('t'),
        gpu,
        gpus: i64::from(gpu),
        instance_storage: false,
        bare_metal: false,
        hypervisor: if ["m4", "t2"].contains(&family) { "xen" } else { "nitro" }.into(),
        network_baseline_mbps: 500 * vcpus,
        ebs_baseline_mbps: 400 * vcpus,
        ebs_baseline_iops: 2_000 * vcpus,
    }
}

pub fn add_types(catalog: &mut InstanceTypeCatalog, regions: &BTreeSet<Region>) {
    for region in regions {
        for family in FAMILIES {
            SIZES.iter().for_each(|size| catalog.insert(region.clone(), spec(family, *size)));
        }
    }
}

/// The built-in prices of all that the rules may ask for; with `odd`, some of them as no price should be.
pub fn add_prices(snapshot: &mut Snapshot, odd: Option<u8>) {
    let keys = pricing::needed_keys(snapshot);
    pricing::fill_from_table(&keys, &mut snapshot.prices);
    let Some(seed) = odd else { return };
    let mut book = PriceBook::default();
    for (n, (key, price)) in snapshot.prices.iter().enumerate() {
        let per_unit = match (n + usize::from(seed)) % 11 {
            0 => continue,
            1 => UnitPrice::from_nano_usd(0),
            2 => UnitPrice::from_nano_usd(i64::MAX),
            3 => UnitPrice::from_nano_usd(1),
            _ => price.per_unit,
        };
        book.insert(key.clone(), Price { per_unit, ..*price });
    }
    snapshot.prices = book;
}

/// Sixty-two days of each service, in cents a day.
#[must_use]
pub fn costs(cents: &[u32]) -> CostHistory {
    let today = super::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let of_day = |back: i64| {
        SERVICES.iter().zip(cents).map(move |(service, cents)| DailyCost {
            day: today.saturating_sub(back.days()),
            service: (*service).to_owned(),
            amount: MicroUsd::new(i64::from(*cents) * 10_000),
        })
    };
    CostHistory { days: (0..62).flat_map(of_day).collect() }
}
