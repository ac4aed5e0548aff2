//! Spot prices of the types that could move to Spot: what development machines run on.
//!
//! Kept is the dearest price of the last day in any zone of the region: a promise should not rest on the
//! luckiest zone.

use super::{
    CollectOptions, Collector,
    scope::{Incomplete, Scope},
};
use crate::domain::{
    inventory::{Instance, Platform, Shared},
    money::UnitPrice,
    price::{Price, PriceBook, PriceKey, PriceSource},
};
use aws_sdk_ec2::{operation::describe_spot_price_history::DescribeSpotPriceHistoryOutput, types as sdk};
use aws_smithy_types::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const COLLECTOR: Collector = Collector { name: "Spot prices", actions: &[ACTION], listing: None };
const ACTION: &str = "ec2:DescribeSpotPriceHistory";
const DAY_SECS: i64 = 86_400;

/// What was found before a failure is left out: a dearer zone may be missing.
pub(super) async fn fetch(scope: &Scope<'_>, instances: &[Instance], options: &CollectOptions) -> PriceBook {
    let wanted = wanted(instances, options);
    let types: BTreeSet<&str> = wanted.iter().map(|(name, _)| &***name).collect();
    if types.is_empty() {
        return PriceBook::default();
    }
    let ec2 = scope.session.ec2(&scope.region);
    let types: Vec<sdk::InstanceType> = types.into_iter().map(Into::into).collect();
    let since = DateTime::from_secs(options.now.as_second() - DAY_SECS);
    let fetch = |token| {
        let call = ec2.describe_spot_price_history().set_instance_types(Some(types.clone()));
        call.start_time(since).max_results(1_000).set_next_token(token).send()
    };
    let mut dearest = BTreeMap::new();
    let take = |page: DescribeSpotPriceHistoryOutput| {
        for item in page.spot_price_history.unwrap_or_default() {
            keep_dearest(&mut dearest, &item);
        }
        page.next_token
    };
    match scope.page_through(ACTION, fetch, take).await {
        Ok(()) => book(scope, dearest, &wanted, options.now),
        Err(Incomplete) => PriceBook::default(),
    }
}

type Wanted<'a> = BTreeSet<(&'a Shared, Platform)>;

/// EC2 has Spot prices of plain systems only.
fn wanted<'a>(instances: &'a [Instance], options: &CollectOptions) -> Wanted<'a> {
    let movable = |instance: &&Instance| {
        instance.running_on_demand()
            && !instance.managed()
            && !instance.dedicated_tenancy
            && options.thresholds.mark_nonprod(&instance.common.tags)
    };
    let pairs = instances.iter().filter(movable).map(|instance| (&instance.instance_type, instance.platform));
    pairs.filter(|(_, platform)| platform.sql_edition().is_none()).collect()
}

type Dearest = BTreeMap<(Box<str>, Platform), UnitPrice>;

fn keep_dearest(dearest: &mut Dearest, item: &sdk::SpotPrice) {
    let product = item.product_description.as_ref().map_or("", sdk::RiProductDescription::as_str);
    let platform = Platform::of(Some(product.trim_end_matches(" (Amazon VPC)")), false);
    let price = item.spot_price.as_deref().and_then(|text| text.parse::<UnitPrice>().ok());
    if let (Some(name), Some(price)) = (&item.instance_type, price) {
        let kept = dearest.entry((name.as_str().into(), platform)).or_insert(price);
        *kept = price.max(*kept);
    }
}

fn book(scope: &Scope<'_>, dearest: Dearest, wanted: &Wanted<'_>, now: Timestamp) -> PriceBook {
    let mut book = PriceBook::default();
    let as_of = now.to_zoned(TimeZone::UTC).date();
    for (instance_type, platform) in wanted.iter().copied() {
        if let Some(per_unit) = dearest.get(&(Box::from(&**instance_type), platform)) {
            let (region, instance_type) = (scope.region.clone(), instance_type.clone());
            let price = Price { per_unit: *per_unit, source: PriceSource::SpotPriceHistory, as_of };
            book.insert(PriceKey::SpotInstance { region, instance_type, platform }, price);
        }
    }
    book
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_zone_counts_and_garbage_is_no_price() {
        let mut dearest = Dearest::new();
        for (price, product) in [
            ("0.031000", sdk::RiProductDescription::LinuxUnix),
            ("0.042000", sdk::RiProductDescription::LinuxUnixAmazonVpc),
            ("0.040000", sdk::RiProductDescription::LinuxUnix),
            ("free", sdk::RiProductDescription::Windows),
        ] {
            let item = sdk::SpotPrice::builder().instance_type("m5.large".into()).spot_price(price);
            keep_dearest(&mut dearest, &item.product_description(product).build());
        }
        let found: Vec<String> = dearest.values().map(ToString::to_string).collect();
        assert_eq!(found, ["0.042"]);
        assert!(dearest.contains_key(&("m5.large".into(), Platform::Linux)));
    }
}
