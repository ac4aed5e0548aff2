use super::*;
use crate::auth::fixtures::settings;
use governor::clock::FakeRelativeClock;
use std::{net::Ipv4Addr, time::Duration};

const LOGIN: &str = "/api/v1/auth/login";

struct Table {
    limits: Limits,
    clock: FakeRelativeClock,
}

impl Table {
    fn new() -> Self {
        let clock = FakeRelativeClock::default();
        let paths = vec![LOGIN.to_owned(), "/api/v1/auth/setup".to_owned()];
        let limits = Limits::with_ticks(&settings(&[]).limits, paths, &Ticks::wound(&clock));
        Self { limits, clock }
    }

    fn from(&self, ip: &str) -> Result<(), Over> {
        self.limits.check_address(ip.parse().unwrap(), "/api/v1/accounts")
    }

    /// Sends requests until one is refused: how many were taken.
    fn use_up(&self, ip: &str) -> usize {
        (0..10_000).take_while(|_| self.from(ip).is_ok()).count()
    }

    fn pass(&self, secs: u64) {
        self.clock.advance(Duration::from_secs(secs));
    }
}

#[test]
fn an_address_gets_a_hundred_at_once_and_as_many_a_minute() {
    let table = Table::new();
    assert_eq!(table.use_up("192.0.2.1"), 100);
    table.pass(6);
    assert_eq!(table.use_up("192.0.2.1"), 10);
    table.pass(60);
    assert_eq!(table.use_up("192.0.2.1"), 100);
    assert_eq!(table.use_up("192.0.2.2"), 100, "others are not concerned");
}

#[test]
fn after_the_seconds_that_it_names_a_request_is_taken_and_not_before() {
    let table = Table::new();
    for _ in 0..5 {
        table.limits.check_address("192.0.2.1".parse().unwrap(), LOGIN).unwrap();
    }
    let refused = table.limits.check_address("192.0.2.1".parse().unwrap(), LOGIN).unwrap_err();
    assert_eq!((refused.retry_after_secs, refused.of), (12, "attempts to sign in from your address"));
    table.clock.advance(Duration::from_millis(500));
    let again = table.limits.check_address("192.0.2.1".parse().unwrap(), LOGIN).unwrap_err();
    assert_eq!(again.retry_after_secs, 12, "rounded up");
    table.clock.advance(Duration::from_millis(11_400));
    assert!(table.limits.check_address("192.0.2.1".parse().unwrap(), LOGIN).is_err());
    table.clock.advance(Duration::from_millis(100));
    assert!(table.limits.check_address("192.0.2.1".parse().unwrap(), LOGIN).is_ok());
}

#[test]
fn a_refusal_is_news_once_a_minute() {
    let table = Table::new();
    table.use_up("192.0.2.1");
    let news =
        |table: &Table| (0..50).filter(|_| table.from("192.0.2.1").is_err_and(|over| over.news)).count();
    assert_eq!(news(&table), 0, "the first refusal was it");
    table.pass(60);
    table.use_up("192.0.2.1");
    assert_eq!(news(&table), 0, "again with the refusal that ended it");
    let fresh = Table::new();
    assert_eq!((0..200).filter(|_| fresh.from("192.0.2.1").is_err_and(|over| over.news)).count(), 1);
}

#[test]
fn sign_in_routes_count_each_for_itself_and_with_all_others() {
    let table = Table::new();
    let ip = "192.0.2.1".parse().unwrap();
    let tries = |path: &str| (0..20).filter(|_| table.limits.check_address(ip, path).is_ok()).count();
    assert_eq!((tries(LOGIN), tries("/api/v1/auth/setup")), (5, 5));
    assert_eq!(table.use_up("192.0.2.1"), 60, "the refused ones were requests, too");
}

#[test]
fn probes_and_assets_do_not_count() {
    let table = Table::new();
    let ip = "192.0.2.1".parse().unwrap();
    for path in ["/healthz", "/readyz", "/metrics", "/assets/app.js"] {
        assert!((0..500).all(|_| table.limits.check_address(ip, path).is_ok()), "{path}");
    }
}

#[test]
fn a_six_counts_with_its_network() {
    let table = Table::new();
    assert_eq!(table.use_up("2001:db8:0:1::1"), 100);
    assert!(table.from("2001:db8:0:1:ffff::9").is_err());
    assert!(table.from("2001:db8:0:2::1").is_ok());
}

#[test]
fn an_organization_has_a_limit_of_its_own() {
    let table = Table::new();
    let (one, other) = (OrgKey::generate(), OrgKey::generate());
    let taken = |key| (0..200).filter(|_| table.limits.check_organization(key).is_ok()).count();
    assert_eq!((taken(one), taken(other)), (100, 100));
    assert_eq!(table.limits.check_organization(one).unwrap_err().retry_after_secs, 1);
    table.pass(1);
    assert_eq!(taken(one), 100);
}

#[test]
fn a_million_addresses_take_bounded_memory_and_reset_nobody() {
    let table = Table::new();
    table.use_up("192.0.2.1");
    for number in 0..1_000_000_u32 {
        let ip = IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + number));
        table.limits.check_address(ip, "/api/v1/accounts").unwrap();
    }
    assert!(table.from("192.0.2.1").is_err(), "what was used up stays used up");
    let Limits { addresses, .. } = table.limits;
    assert!(addresses.counted.into_state_store().len() <= ADDRESSES);
}
