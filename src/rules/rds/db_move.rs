//! A database moved to another class because that is cheaper at the same size.

use super::{
    Amounts, Case, case::property, db_cluster::as_member, rds_usage::in_multi_az_cluster, resize::resize_db,
};
use crate::domain::{
    finding::{Finding, UnknownReason},
    inventory::DbInstance,
};
use serde_json::json;

/// The class that `target` names for an available database and the finding that proposes it, if it costs
/// less. Members of Multi-AZ clusters are left alone.
pub fn cheaper_class(
    case: &Case<'_>,
    db: &DbInstance,
    target: impl Fn(&DbInstance) -> Option<String>,
) -> Result<Option<(String, Finding)>, UnknownReason> {
    if !db.available() || in_multi_az_cluster(db) {
        return Ok(None);
    }
    let Some(class) = target(db) else { return Ok(None) };
    let mut bill = case.bill();
    let now = bill.db_hour(db)?;
    let then = bill.db_hour(&DbInstance { class: class.as_str().into(), ..db.clone() })?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    let finding = Finding {
        current: json!({"class": db.class, "multiAz": db.multi_az}),
        recommended: json!({"class": class, "multiAz": db.multi_az}),
        evidence: vec![
            property("class", &*db.class, Some(format!("{class} costs less"))),
            property("engine version", format!("{} {}", db.engine, db.engine_version), None),
        ],
        remediation: resize_db(db, &class),
        ..case.finding(db, Amounts { cost, savings, bill })
    };
    Ok(Some((class, as_member(db, finding))))
}
