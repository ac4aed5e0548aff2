//! What can be started and stopped, and how it is named.

use crate::domain::{finding::text_enum, ids::AccountId, region::Region};
use std::fmt;

text_enum! {
    TargetKind {
        Instance = "instance",
        DbInstance = "dbInstance",
        /// Members follow their cluster.
        DbCluster = "dbCluster",
    }
}

/// One resource within an organisation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    pub account: AccountId,
    pub region: Region,
    pub kind: TargetKind,
    /// AWS's own id: `i-…`, or the identifier of a database.
    pub id: Box<str>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.account, self.region, self.kind, self.id)
    }
}
