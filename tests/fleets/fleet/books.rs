//! What an account's resources are held against: types, prices and what was spent.

use super::SAMPLES;
use jiff::ToSpan;
use std::{collections::BTreeSet, sync::LazyLock};
use tuner::{
    domain::{
        cost::{CostHistory, DailyCost},
        inventory::{Architecture, InstanceTypeCatalog, InstanceTypeSpec},
        money::{MicroUsd, UnitPrice},
        price::{Price, PriceBook, PriceKey, PriceSource},
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

const SIZES: [(&str, i64); 6] =
    [("medium", 1), ("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16), ("12xlarge", 48)];

/// Those of the demo, and what they may be moved to.
static FAMILIES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let types = SAMPLES.groups.iter().flatten().filter_map(|resource| resource.body["instanceType"].as_str());
    let families = types.filter_map(|name| name.split_once('.')).map(|(family, _)| family);
    families.chain(["m5", "m6a", "m6g", "m6i", "c6g", "r6i", "t3", "t4g"]).map(str::to_owned).collect()
});

fn spec(family: &str, (size, vcpus): (&str, i64)) -> InstanceTypeSpec {
    let (kind, generation) = family.split_at(1);
    let gib_per_vcpu = match kind {
        "c" => 2,
        "r" | "x" | "p" => 8,
        _ => 4,
    };
    let (arm, gpu, old) =
        (generation.contains('g') && kind != "g", kind == "p" || kind == "g", generation < "5");
    InstanceTypeSpec {
        name: format!("{family}.{size}").into(),
        vcpus,
        memory_mib: vcpus * gib_per_vcpu * 1_024,
        architectures: vec![if arm { Architecture::Arm64 } else { Architecture::X86_64 }],
        current_generation: kind == "t" || kind == "p" || !old,
        burstable: kind == "t",
        gpu,
        gpus: i64::from(gpu),
        instance_storage: false,
        bare_metal: false,
        hypervisor: if old && kind != "t" { "xen" } else { "nitro" }.into(),
        network_baseline_mbps: 500 * vcpus,
        ebs_baseline_mbps: 400 * vcpus,
        ebs_baseline_iops: 2_000 * vcpus,
    }
}

pub fn add_types(catalog: &mut InstanceTypeCatalog, regions: &BTreeSet<Region>) {
    for (region, family) in
        regions.iter().flat_map(|region| FAMILIES.iter().map(move |family| (region, family)))
    {
        for size in SIZES {
            catalog.insert(region.clone(), spec(family, size));
        }
    }
}

/// A region is some percent dearer than the built-in prices, which are those of us-east-1.
fn in_region(region: &Region, price: Price) -> Price {
    let percent = match region.as_str() {
        "eu-west-1" => 111,
        "eu-central-1" => 115,
        _ => 100,
    };
    let source = if region.as_str() == "xx-nowhere-9" { price.source } else { PriceSource::PricingApi };
    Price { per_unit: price.per_unit.scale(percent, 100), source, ..price }
}

/// Prices of all that the rules may ask for; with `odd`, some of them as no price should be.
pub fn add_prices(snapshot: &mut Snapshot, odd: Option<u8>) {
    let keys = pricing::needed_keys(snapshot);
    let (mut known, mut book) = (PriceBook::default(), PriceBook::default());
    pricing::fill_from_table(&keys, &mut known);
    for (n, (key, price)) in known.iter().enumerate() {
        let price = in_region(key.region(), *price);
        let per_unit = match odd.map(|seed| (n + usize::from(seed)) % 11) {
            Some(0) => continue,
            Some(1) => UnitPrice::from_nano_usd(0),
            Some(2) => UnitPrice::from_nano_usd(i64::MAX),
            Some(3) => UnitPrice::from_nano_usd(1),
            _ => price.per_unit,
        };
        let price = Price { per_unit, ..price };
        if let PriceKey::Instance { region, instance_type, platform } = key.clone() {
            let price =
                Price { per_unit: per_unit.scale(2, 5), source: PriceSource::SpotPriceHistory, ..price };
            book.insert(PriceKey::SpotInstance { region, instance_type, platform }, price);
        }
        book.insert(key.clone(), price);
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
    let mut history = CostHistory::default();
    history.days.extend((0..62).flat_map(of_day));
    history
}
