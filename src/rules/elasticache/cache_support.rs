//! From when ElastiCache charges for a version of Redis OSS past its standard support.
//!
//! Source: "ElastiCache extended support versions timeline" of the Amazon ElastiCache User Guide, as of 2026-09. Valkey
//! and Memcached have none; version 7 has no date yet.

use crate::domain::inventory::{CacheCluster, CacheEngine};
use jiff::civil::{Date, date};

/// Major version, the first day of the charge, the first day of the higher one.
const VERSIONS: [(&str, Date, Date); 3] = [
    ("4", date(2026, 2, 1), date(2028, 2, 1)),
    ("5", date(2026, 2, 1), date(2028, 2, 1)),
    ("6", date(2027, 2, 1), date(2029, 2, 1)),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surcharge {
    pub since: Date,
    pub third_year: bool,
}

/// What a node is charged for at a date.
pub fn find_surcharge(node: &CacheCluster, today: Date) -> Option<Surcharge> {
    let major = node.engine_version.split('.').next().filter(|_| node.engine == CacheEngine::Redis)?;
    let (_, since, third_year_from) = VERSIONS.into_iter().find(|(version, ..)| *version == major)?;
    (since <= today).then_some(Surcharge { since, third_year: third_year_from <= today })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::elasticache::lab::node;

    #[test]
    fn charges_begin_and_rise_on_their_day() {
        let at = |version: &str, today| {
            let node = CacheCluster { engine_version: version.into(), ..node("c") };
            find_surcharge(&node, today).map(|found| found.third_year)
        };
        assert_eq!(at("5.0.6", date(2026, 1, 31)), None);
        assert_eq!(at("5.0.6", date(2026, 2, 1)), Some(false));
        assert_eq!(at("4.0.10", date(2028, 2, 1)), Some(true));
        assert_eq!(at("6.2.6", date(2026, 12, 31)), None);
        assert_eq!(at("7.1.0", date(2030, 1, 1)), None);
    }

    #[test]
    fn other_engines_have_numbers_of_their_own() {
        let memcached =
            CacheCluster { engine: CacheEngine::Memcached, engine_version: "4.0".into(), ..node("c") };
        assert_eq!(find_surcharge(&memcached, date(2026, 7, 1)), None);
    }
}
