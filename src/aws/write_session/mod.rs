//! Sessions that may start and stop: what the scheduler works with in one account.
//!
//! Its clients are of two kinds, each with a gate of its own before the network: those that read can do
//! nothing else, and those of a [`Switch`] can start and stop and nothing else. A switch is never tried again
//! by the SDK: whether a call without an answer came through is seen by looking, not by calling twice.
//!
//! Invariants: a switch is used by `schedule::actuator` alone (`tests/architecture.rs`); the credentials are
//! not those of a collecting session and carry the scheduler's session policy.

use super::{
    assume::{Entrance, Entry, Purpose, RoleLink},
    brake::{Brake, Slows},
    counter::CallCounter,
    error::SessionError,
    guard::{Allowed, Blocked},
    role_credentials::RoleCredentials,
    session::Sessions,
    throttle::AccountThrottle,
};
use crate::domain::{ids::AccountId, region::Region, scan::ApiUsage};
use aws_config::{SdkConfig, retry::RetryConfig};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is read to find what is tagged and to see what came of an action. `schedule::observe` makes the calls.
pub const SCHEDULER_READS: [&str; 5] = [
    "ec2:DescribeInstances",
    "ec2:DescribeRegions",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "rds:ListTagsForResource",
];

/// All that Tuner ever does to a customer's resource. `schedule::actuator` makes the calls.
pub const START_STOP: [&str; 6] = [
    "ec2:StartInstances",
    "ec2:StopInstances",
    "rds:StartDBCluster",
    "rds:StartDBInstance",
    "rds:StopDBCluster",
    "rds:StopDBInstance",
];

impl Sessions {
    /// A scheduling session in a linked account; the link names the role of the scheduler, which may be the
    /// one that reads. STS is not called for an external ID that is not ours.
    pub async fn schedule(&self, link: &RoleLink) -> Result<WriteSession, SessionError> {
        self.check_link(link)?;
        let entry = Entry::of_link(link, Purpose::Schedule);
        self.entrance.credentials(&entry).await?;
        let role = RoleCredentials { entrance: Arc::clone(&self.entrance), entry: entry.clone() };
        let blocked = Blocked::default();
        Ok(WriteSession(Arc::new(Shared {
            account: link.account,
            home_region: self.connector.home_region.clone(),
            base: role.on(&self.connector.base),
            entry,
            entrance: Arc::clone(&self.entrance),
            throttle: self.connector.throttle(link.account).await,
            counter: CallCounter::default(),
            reads: Allowed::new(&SCHEDULER_READS).telling(&blocked),
            writes: Allowed::new(&START_STOP).telling(&blocked),
            blocked,
            clients: Mutex::default(),
        })))
    }
}

/// Starts and stops in one account. Cheap to clone; clones share clients, counter and buckets.
#[derive(Clone)]
pub struct WriteSession(Arc<Shared>);

struct Shared {
    account: AccountId,
    home_region: Region,
    base: SdkConfig,
    entry: Entry,
    entrance: Arc<Entrance>,
    throttle: Arc<AccountThrottle>,
    counter: CallCounter,
    reads: Allowed,
    writes: Allowed,
    blocked: Blocked,
    clients: Mutex<Clients>,
}

impl fmt::Debug for WriteSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteSession({})", self.0.account)
    }
}

#[derive(Default)]
struct Clients {
    ec2: HashMap<Region, aws_sdk_ec2::Client>,
    rds: HashMap<Region, aws_sdk_rds::Client>,
    switches: HashMap<Region, Switch>,
}

/// The clients that start and stop in one region.
#[derive(Clone)]
pub struct Switch {
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) rds: aws_sdk_rds::Client,
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Switch")
    }
}

/// A client with its gate, its counter and its brake; retry tokens are its own, as everywhere.
macro_rules! client {
    ($sdk:ident, $shared:expr, $region:expr, $gate:expr, $retries:expr) => {{
        let partition = $sdk::config::retry::RetryPartition::custom(stringify!($sdk)).build();
        let mut config = $sdk::config::Builder::from(&$shared.base)
            .region(aws_config::Region::new($region.to_string()))
            .retry_partition(partition)
            .interceptor($gate.clone())
            .interceptor($shared.counter.clone())
            .interceptor($shared.brake($region, $gate));
        config.set_retry_config($retries);
        $sdk::Client::from_conf(config.build())
    }};
}

impl Shared {
    fn brake(&self, region: &Region, allowed: &Allowed) -> Brake {
        let (throttle, allowed) = (Arc::clone(&self.throttle), allowed.clone());
        Brake { throttle, region: region.clone(), allowed, slows: Slows::Service }
    }

    /// How the SDK tries reads again: as everywhere.
    fn retries(&self) -> Option<RetryConfig> {
        self.base.retry_config().cloned()
    }

    fn switch(&self, region: &Region) -> Switch {
        let never = || Some(RetryConfig::disabled());
        Switch {
            ec2: client!(aws_sdk_ec2, self, region, &self.writes, never()),
            rds: client!(aws_sdk_rds, self, region, &self.writes, never()),
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriteSession {
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.0.account
    }

    #[must_use]
    pub fn home_region(&self) -> &Region {
        &self.0.home_region
    }

    /// Reads only.
    #[must_use]
    pub fn ec2(&self, region: &Region) -> aws_sdk_ec2::Client {
        let (shared, mut clients) = (&self.0, self.0.clients());
        let make = || client!(aws_sdk_ec2, shared, region, &shared.reads, shared.retries());
        clients.ec2.entry(region.clone()).or_insert_with(make).clone()
    }

    /// Reads only.
    #[must_use]
    pub fn rds(&self, region: &Region) -> aws_sdk_rds::Client {
        let (shared, mut clients) = (&self.0, self.0.clients());
        let make = || client!(aws_sdk_rds, shared, region, &shared.reads, shared.retries());
        clients.rds.entry(region.clone()).or_insert_with(make).clone()
    }

    /// For `schedule::actuator` alone.
    #[must_use]
    pub(crate) fn switch(&self, region: &Region) -> Switch {
        let mut clients = self.0.clients();
        clients.switches.entry(region.clone()).or_insert_with(|| self.0.switch(region)).clone()
    }

    /// Ask these before each call. They are shared with everything else that works in the account.
    #[must_use]
    pub fn throttle(&self) -> &AccountThrottle {
        &self.0.throttle
    }

    /// What this session called until now.
    #[must_use]
    pub fn usage(&self) -> ApiUsage {
        self.0.counter.usage()
    }

    /// The operations that the gates stopped since this was asked last: none, unless something is very wrong.
    #[must_use]
    pub fn take_blocked(&self) -> Vec<String> {
        self.0.blocked.take()
    }

    /// AWS says that the credentials are no good: the next call asks for new ones.
    pub async fn discard_credentials(&self) {
        self.0.entrance.forget(&self.0.entry).await;
    }
}

#[cfg(test)]
pub(crate) mod lab;
#[cfg(test)]
mod tests;
