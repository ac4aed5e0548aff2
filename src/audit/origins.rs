//! Where people come from, each kept once a day under a salt of its own: a thousand reads of one person share one
//! row of personal data.

use crate::{
    domain::{
        audit::{AuditOrigin, Hash},
        ids::{OrgKey, UserId},
    },
    op::Origin,
};
use aws_lc_rs::rand;
use jiff::Timestamp;
use std::{collections::HashMap, net::IpAddr, sync::Arc};

/// Beyond it the whole memory is dropped: a row more for each is all that costs.
const MAX_KNOWN: usize = 10_000;
const DAY_SECS: i64 = 24 * 60 * 60;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct OriginKey {
    pub org: OrgKey,
    pub user: Option<UserId>,
    ip: Option<IpAddr>,
    user_agent: Option<Arc<str>>,
    day: i64,
}

impl OriginKey {
    /// None where there is nothing to keep.
    pub fn new(org: OrgKey, user: Option<UserId>, origin: &Origin, at: Timestamp) -> Option<Self> {
        let Origin { ip, user_agent } = origin.clone();
        let day = at.as_second().div_euclid(DAY_SECS);
        (ip.is_some() || user_agent.is_some()).then_some(Self { org, user, ip, user_agent, day })
    }

    /// A new salt each time.
    pub fn salted(&self) -> Option<AuditOrigin> {
        let mut salt = [0; 16];
        rand::fill(&mut salt).ok()?;
        Some(AuditOrigin { salt, ip: self.ip, user_agent: self.user_agent.clone() })
    }
}

/// Digests of rows that are in the database.
#[derive(Default)]
pub(super) struct KnownOrigins(HashMap<OriginKey, Hash>);

impl KnownOrigins {
    pub fn find(&self, key: &OriginKey) -> Option<Hash> {
        self.0.get(key).copied()
    }

    pub fn add(&mut self, new: impl IntoIterator<Item = (OriginKey, Hash)>) {
        if self.0.len() >= MAX_KNOWN {
            self.0.clear();
        }
        self.0.extend(new);
    }
}
