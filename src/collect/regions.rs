//! Which regions to look at: those that the account has enabled.
//!
//! Where `DescribeRegions` is denied, the regions that every account has are looked at; what the account
//! opted into beside them stays unknown, and the gap says so.

use super::{CollectError, Collector, RegionChoice, scope::Scope};
use crate::{
    aws::Failure,
    domain::{
        region::{ALWAYS_ENABLED, Partition, Region},
        scan::GapReason,
    },
};
use std::collections::BTreeMap;

pub(super) const COLLECTOR: Collector = Collector { name: "regions", actions: &[DESCRIBE], listing: None };
const DESCRIBE: &str = "ec2:DescribeRegions";

/// A region and whether the account may use it.
type Known = BTreeMap<Region, bool>;

/// The regions to read, sorted. A named region that AWS does not know is the user's mistake.
pub(super) async fn choose(scope: &Scope<'_>, wanted: &RegionChoice) -> Result<Vec<Region>, CollectError> {
    let known = fetch(scope).await;
    match (wanted, known) {
        (RegionChoice::All, Some(known)) => Ok(enabled(&known)),
        (RegionChoice::All, None) => Ok(always_enabled(scope.region.partition())),
        (RegionChoice::List(list), Some(known)) => pick(scope, list, &known),
        (RegionChoice::List(list), None) => Ok(sorted(list)),
    }
}

async fn fetch(scope: &Scope<'_>) -> Option<Known> {
    let request = scope.session.ec2(&scope.region).describe_regions().all_regions(true).send();
    match scope.call(DESCRIBE, request).await {
        Ok(reply) => Some(reply.regions.unwrap_or_default().into_iter().filter_map(map).collect()),
        Err(failure) => {
            scope.missing(DESCRIBE, failure);
            None
        }
    }
}

fn map(region: aws_sdk_ec2::types::Region) -> Option<(Region, bool)> {
    let enabled = region.opt_in_status.as_deref() != Some("not-opted-in");
    Some((region.region_name?.parse().ok()?, enabled))
}

fn enabled(known: &Known) -> Vec<Region> {
    known.iter().filter(|(_, enabled)| **enabled).map(|(region, _)| region.clone()).collect()
}

fn pick(scope: &Scope<'_>, list: &[Region], known: &Known) -> Result<Vec<Region>, CollectError> {
    let mut picked = Vec::new();
    for region in sorted(list) {
        match known.get(&region) {
            Some(true) => picked.push(region),
            Some(false) => {
                let failure = Failure::new(GapReason::RegionDisabled, "NotOptedIn");
                scope.journal.gap(&region, DESCRIBE, failure);
            }
            None => return Err(CollectError::UnknownRegion { region }),
        }
    }
    Ok(picked)
}

fn sorted(list: &[Region]) -> Vec<Region> {
    let mut list = list.to_vec();
    list.sort();
    list.dedup();
    list
}

fn always_enabled(partition: Partition) -> Vec<Region> {
    let names: &[&str] = match partition {
        Partition::Aws => &ALWAYS_ENABLED,
        Partition::China => &["cn-north-1", "cn-northwest-1"],
        Partition::UsGov => &["us-gov-east-1", "us-gov-west-1"],
    };
    names.iter().filter_map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_counts_unless_the_account_left_it_out() {
        let region = |name: &str, status: &str| {
            map(aws_sdk_ec2::types::Region::builder().region_name(name).opt_in_status(status).build())
        };
        let known: Known = [
            region("us-east-1", "opt-in-not-required"),
            region("af-south-1", "not-opted-in"),
            region("me-south-1", "opted-in"),
            region("not a region", "opted-in"),
        ]
        .into_iter()
        .flatten()
        .collect();
        assert_eq!(enabled(&known), ["me-south-1".parse().unwrap(), "us-east-1".parse().unwrap()]);
    }

    #[test]
    fn every_partition_has_regions_to_fall_back_on() {
        assert_eq!(always_enabled(Partition::Aws).len(), 17);
        assert_eq!(always_enabled(Partition::China).len(), 2);
        assert_eq!(always_enabled(Partition::UsGov).len(), 2);
    }
}
