//! How many requests an address, a sign-in route and an organisation get (PRODUCT §8).
//!
//! A limit of N in a period is a bucket of N that refills evenly over the period. An IPv6 address counts with
//! its /64: that is what one customer of a provider has. What is counted lies in memory of a fixed size.
//!
//! Invariant: a refusal says after how many whole seconds the next request is taken.

mod cells;
mod ticks;

#[cfg(test)]
mod tests;

use crate::{
    domain::ids::OrgKey,
    error::{Error, ErrorCode},
    settings::LimitSettings,
};
use cells::Cells;
use governor::{Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, nanos::Nanos};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32};
pub(in crate::http) use ticks::Ticks;

const ADDRESSES: usize = 128 * 1024;
const SIGN_INS: usize = 64 * 1024;
const ORGANIZATIONS: usize = 16 * 1024;
/// Refusals that were reported lately.
const REPORTED: usize = 16 * 1024;

/// Probes must not fail because somebody else is busy; a page is one request, not one for each of its parts.
const NOT_COUNTED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];
const ASSETS: &str = "/assets/";

pub(in crate::http) struct Limits {
    addresses: Limit<IpAddr>,
    /// Each route by itself: an OIDC sign-in passes two of them.
    sign_ins: Limit<(IpAddr, usize)>,
    sign_in_paths: Vec<String>,
    organizations: Limit<OrgKey>,
}

/// A request too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Over {
    pub retry_after_secs: u32,
    /// The first of this key within a minute: worth an event.
    pub news: bool,
    pub of: &'static str,
}

impl From<Over> for Error {
    fn from(over: Over) -> Self {
        let secs = over.retry_after_secs;
        Self::new(ErrorCode::TooManyRequests, format!("too many {}; try again in {secs} s", over.of))
            .with_retry_after_secs(secs)
    }
}

impl Limits {
    pub fn new(settings: &LimitSettings, sign_in_paths: Vec<String>) -> Self {
        Self::with_ticks(settings, sign_in_paths, &Ticks::running())
    }

    pub fn with_ticks(settings: &LimitSettings, sign_in_paths: Vec<String>, ticks: &Ticks) -> Self {
        let per_ip = Quota::per_minute(settings.requests_per_minute_per_ip);
        let sign_ins = Quota::per_minute(settings.sign_ins_per_minute_per_ip);
        let per_organization = Quota::per_second(settings.requests_per_second_per_organization);
        Self {
            addresses: Limit::new("requests from your address", per_ip, ADDRESSES, ticks),
            sign_ins: Limit::new("attempts to sign in from your address", sign_ins, SIGN_INS, ticks),
            sign_in_paths,
            organizations: Limit::new(
                "requests of your organisation",
                per_organization,
                ORGANIZATIONS,
                ticks,
            ),
        }
    }

    /// Before a request meets its route. `path` is the one that routes are chosen by.
    pub fn check_address(&self, ip: IpAddr, path: &str) -> Result<(), Over> {
        if NOT_COUNTED.contains(&path) || path.starts_with(ASSETS) {
            return Ok(());
        }
        let network = network_of(ip);
        self.addresses.check(network)?;
        match self.sign_in_paths.iter().position(|listed| listed == path) {
            Some(route) => self.sign_ins.check((network, route)),
            None => Ok(()),
        }
    }

    /// When it is known who sends it.
    pub fn check_organization(&self, key: OrgKey) -> Result<(), Over> {
        self.organizations.check(key)
    }
}

fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & (u128::MAX << 64)).into()),
    }
}

type Counted<K> = RateLimiter<K, Cells<K>, Ticks, NoOpMiddleware<Nanos>>;

struct Limit<K: Hash + Eq + Copy> {
    of: &'static str,
    counted: Counted<K>,
    reported: Counted<K>,
}

impl<K: Hash + Eq + Copy> Limit<K> {
    fn new(of: &'static str, quota: Quota, capacity: usize, ticks: &Ticks) -> Self {
        let once = Quota::per_minute(NonZeroU32::MIN);
        Self {
            of,
            counted: RateLimiter::new(quota, Cells::new(capacity), ticks.clone()),
            reported: RateLimiter::new(once, Cells::new(REPORTED), ticks.clone()),
        }
    }

    fn check(&self, key: K) -> Result<(), Over> {
        self.counted.check_key(&key).map_err(|refused| {
            let wait = refused.wait_time_from(self.counted.clock().now());
            let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Over {
                retry_after_secs: u32::try_from(secs).unwrap_or(u32::MAX).max(1),
                news: self.reported.check_key(&key).is_ok(),
                of: self.of,
            }
        })
    }
}
