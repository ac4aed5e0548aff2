//! What a database was seen to do, and which databases are judged one by one.

use super::Case;
use crate::domain::{
    finding::UnknownReason,
    inventory::DbInstance,
    metric::{Metric, Summary},
};

/// Up, and not part of a cluster.
#[must_use]
pub fn is_own(db: &DbInstance) -> bool {
    db.available() && !db.in_cluster()
}

/// A member of a Multi-AZ DB cluster: it cannot change its class by itself, and its prices are its own.
#[must_use]
pub fn in_multi_az_cluster(db: &DbInstance) -> bool {
    db.cluster_id.is_some() && !db.engine.is_aurora()
}

/// The connections of a database that nobody opened one to in the whole window.
pub fn find_unused<'a>(case: &Case<'a>, db: &DbInstance) -> Result<Option<&'a Summary>, UnknownReason> {
    case.require_full_window(&db.common)?;
    let connections = case.summary(Metric::RdsConnectionsMax, &db.common)?;
    Ok((connections.max <= 0.0).then_some(connections))
}
