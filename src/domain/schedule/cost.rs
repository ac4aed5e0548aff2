//! What being off is worth.

use super::{Observed, OffSpan, TargetKind};
use crate::domain::{
    finding::{SavingsBasis, text_enum},
    inventory::DbEngine,
    money::MicroUsd,
    price::PriceKey,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::collections::BTreeMap;

const SECONDS_PER_HOUR: i64 = 3600;
const SECONDS_PER_DAY: i64 = 24 * SECONDS_PER_HOUR;
/// Its price follows the load, not the hours.
const SERVERLESS: &str = "db.serverless";

text_enum! {
    /// Who pays for the hours anyway.
    Coverage {
        /// Nobody: each hour off is an hour less on the bill.
        OnDemand = "onDemand",
        /// A Savings Plan or a reservation: being off saves nothing.
        Covered = "covered",
        Unknown = "unknown",
    }
}

/// What time off saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub amount: MicroUsd,
    /// `upperBound` where nobody knows whether commitments cover the hours.
    pub basis: SavingsBasis,
}

/// What runs, and how often: members of a cluster are counted by their class. None where there is no plain
/// price: licensed engines, dedicated hosts, Spot, serverless, clusters with readable standbys.
#[must_use]
pub fn price_keys(observed: &Observed) -> Option<Vec<(PriceKey, i64)>> {
    match observed.target.kind {
        TargetKind::Instance => instance_key(observed).map(|key| vec![(key, 1)]),
        TargetKind::DbInstance => {
            let facts = &observed.facts;
            db_key(observed, &facts.size, facts.multi_az).map(|key| vec![(key, 1)])
        }
        TargetKind::DbCluster => member_keys(observed),
    }
}

fn instance_key(observed: &Observed) -> Option<PriceKey> {
    let facts = &observed.facts;
    let platform = facts.platform.filter(|platform| platform.pricing_name().is_some())?;
    let plain = !facts.spot && !facts.dedicated_tenancy && !facts.size.is_empty();
    let region = observed.target.region.clone();
    plain.then(|| PriceKey::Instance { region, instance_type: (&*facts.size).into(), platform })
}

fn db_key(observed: &Observed, class: &str, multi_az: bool) -> Option<PriceKey> {
    let engine = DbEngine::from_rds(&observed.facts.engine);
    let plain = engine.pricing_name().is_some() && !class.is_empty() && class != SERVERLESS;
    let region = observed.target.region.clone();
    plain.then(|| PriceKey::DbInstance { region, class: class.into(), engine, multi_az })
}

fn member_keys(observed: &Observed) -> Option<Vec<(PriceKey, i64)>> {
    if !DbEngine::from_rds(&observed.facts.engine).is_aurora() {
        return None;
    }
    let mut counts = BTreeMap::new();
    for member in &observed.facts.members {
        *counts.entry(db_key(observed, &member.size, false)?).or_insert(0) += 1;
    }
    Some(counts.into_iter().collect())
}

/// Whole seconds off by the day (UTC): together as many as the span has.
#[must_use]
pub fn off_by_day(span: OffSpan) -> Vec<(Date, i64)> {
    let (mut from, until) = (span.from.as_second(), span.until.as_second());
    let mut days = Vec::new();
    while from < until {
        let end = (from.div_euclid(SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY;
        let to = end.min(until);
        let Ok(begin) = Timestamp::from_second(from) else { break };
        days.push((begin.to_zoned(TimeZone::UTC).date(), to - from));
        from = to;
    }
    days
}

/// The worth of seconds off at a price of an hour.
#[must_use]
pub fn saved(seconds: i64, an_hour: MicroUsd, coverage: Coverage) -> Saved {
    match coverage {
        Coverage::OnDemand => {
            Saved { amount: an_hour.scale(seconds, SECONDS_PER_HOUR), basis: SavingsBasis::Exact }
        }
        Coverage::Unknown => {
            Saved { amount: an_hour.scale(seconds, SECONDS_PER_HOUR), basis: SavingsBasis::UpperBound }
        }
        Coverage::Covered => Saved { amount: MicroUsd::ZERO, basis: SavingsBasis::Exact },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        inventory::Platform,
        schedule::{Facts, Member, Power, Target},
    };

    /// The keys of what has those facts, as the price cache writes them.
    fn keys(kind: TargetKind, facts: Facts) -> Option<Vec<(String, i64)>> {
        let (account, region) = ("123456789012".parse().unwrap(), "eu-central-1".parse().unwrap());
        let target = Target { account, region, kind, id: "x".into() };
        let (power, seen_at) = (Power::Running, Timestamp::UNIX_EPOCH);
        let observed =
            Observed { target, name: None, tags: [("", ""); 0].into_iter().collect(), power, seen_at, facts };
        let keys = price_keys(&observed)?;
        Some(keys.into_iter().map(|(key, count)| (key.to_string(), count)).collect())
    }

    #[test]
    fn an_instance_has_a_price_where_it_depends_on_type_and_system_alone() {
        let linux = || Facts { size: "m5.large".into(), platform: Some(Platform::Linux), ..Facts::default() };
        let plain = Some(vec![("instance/m5.large/Linux/eu-central-1".to_owned(), 1)]);
        assert_eq!(keys(TargetKind::Instance, linux()), plain);
        assert_eq!(keys(TargetKind::Instance, Facts { spot: true, ..linux() }), None);
        assert_eq!(keys(TargetKind::Instance, Facts { dedicated_tenancy: true, ..linux() }), None);
        assert_eq!(keys(TargetKind::Instance, Facts { platform: Some(Platform::Other), ..linux() }), None);
        assert_eq!(keys(TargetKind::Instance, Facts { platform: None, ..linux() }), None);
    }

    #[test]
    fn a_standby_and_the_members_of_a_cluster_are_in_the_price() {
        let db = |engine: &str| Facts {
            size: "db.m5.large".into(),
            engine: engine.into(),
            multi_az: true,
            ..Facts::default()
        };
        let standby = Some(vec![("db-instance/db.m5.large/postgres/multi-az/eu-central-1".to_owned(), 1)]);
        assert_eq!(keys(TargetKind::DbInstance, db("postgres")), standby);
        assert_eq!(keys(TargetKind::DbInstance, db("oracle-ee")), None);
        let member = |size: &str| Member { id: "m".into(), size: size.into() };
        let cluster = |engine: &str, sizes: &[&str]| {
            let members = sizes.iter().map(|size| member(size)).collect();
            keys(TargetKind::DbCluster, Facts { engine: engine.into(), members, ..Facts::default() })
        };
        let three = ["db.r6g.large", "db.r6g.xlarge", "db.r6g.large"];
        let expected = vec![
            ("db-instance/db.r6g.large/aurora-postgresql/single-az/eu-central-1".to_owned(), 2),
            ("db-instance/db.r6g.xlarge/aurora-postgresql/single-az/eu-central-1".to_owned(), 1),
        ];
        assert_eq!(cluster("aurora-postgresql", &three), Some(expected));
        assert_eq!(cluster("aurora-mysql", &["db.serverless"]), None);
        assert_eq!(cluster("postgres", &three), None, "readable standbys have another price");
    }

    #[test]
    fn days_are_utc_and_add_up() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let span = OffSpan { from: at("2026-03-01T19:00:00.4Z"), until: at("2026-03-03T07:00:00Z") };
        let days = off_by_day(span);
        let expected = [("2026-03-01", 5 * 3600), ("2026-03-02", 86_400), ("2026-03-03", 7 * 3600)];
        assert_eq!(days, expected.map(|(day, seconds)| (day.parse().unwrap(), seconds)));
        assert!(off_by_day(OffSpan { from: span.until, until: span.from }).is_empty());
    }

    #[test]
    fn covered_hours_are_worth_nothing_and_unknown_ones_at_most_their_price() {
        let an_hour = MicroUsd::new(192_000);
        let half_an_hour = |coverage| saved(1800, an_hour, coverage);
        let exact = |amount| Saved { amount: MicroUsd::new(amount), basis: SavingsBasis::Exact };
        assert_eq!(half_an_hour(Coverage::OnDemand), exact(96_000));
        assert_eq!(half_an_hour(Coverage::Covered), exact(0));
        assert_eq!(half_an_hour(Coverage::Unknown).basis, SavingsBasis::UpperBound);
        assert_eq!(half_an_hour(Coverage::Unknown).amount, MicroUsd::new(96_000));
    }
}
