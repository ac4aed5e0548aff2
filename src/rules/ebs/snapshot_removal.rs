//! A snapshot deleted: at most its full size is saved, once for each chain of snapshots.

use super::{Amounts, Case, case::property, command::aws};
use crate::domain::{
    finding::{Finding, Level, Remediation, Root, UnknownReason},
    inventory::{ResourceKind, Snapshot},
};
use serde_json::json;

/// A finding that deletes a snapshot; the title is the rule's.
pub fn removal(
    case: &Case<'_>,
    snapshot: &Snapshot,
    age: i64,
    limit: String,
) -> Result<Finding, UnknownReason> {
    let mut bill = case.bill();
    let cost = bill.snapshot(snapshot)?;
    let tier = if snapshot.archived { "archive" } else { "standard" };
    Ok(Finding {
        root: root_of(snapshot),
        current: json!({"sizeGib": snapshot.volume_size_gib, "tier": tier, "sourceVolume": snapshot.volume_id}),
        recommended: json!({"state": "deleted"}),
        // Nothing tells why a snapshot is kept: for the law, say.
        confidence: Level::Medium,
        evidence: vec![
            property("age", format!("{age} days"), Some(limit)),
            property("size of the source volume", format!("{} GiB", snapshot.volume_size_gib), None),
        ],
        remediation: remediation(snapshot),
        ..case.finding(snapshot, Amounts { savings: cost.clone(), cost, bill })
    })
}

/// The source volume is known: copies of snapshots carry a placeholder instead.
#[must_use]
pub fn source_known(snapshot: &Snapshot) -> bool {
    !snapshot.volume_id.is_empty() && &*snapshot.volume_id != Snapshot::UNKNOWN_SOURCE
}

/// Snapshots of one volume share their blocks: deleting them all frees hardly more than the volume's size.
pub fn root_of(snapshot: &Snapshot) -> Root {
    let own = Root::of(ResourceKind::Snapshot, &snapshot.common.region, &snapshot.common.id);
    if source_known(snapshot) {
        Root { name: format!("EbsSnapshotChain/{}", snapshot.volume_id), ..own }
    } else {
        own
    }
}

fn remediation(snapshot: &Snapshot) -> Remediation {
    let (region, id) = (&snapshot.common.region, [("--snapshot-id", &*snapshot.common.id)]);
    Remediation {
        commands: vec![aws("ec2 delete-snapshot", region, &id)],
        rollback_commands: vec![aws("ec2 restore-snapshot-from-recycle-bin", region, &id)],
        notes: vec![
            "A deleted snapshot comes back only from the Recycle Bin: make a retention rule for it before."
                .into(),
            "Snapshots are incremental: deleting one frees only the blocks that no other snapshot needs."
                .into(),
        ],
    }
}
