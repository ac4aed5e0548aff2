//! A volume deleted, with a snapshot kept in its place where that costs less than the volume.

use super::{Amounts, Case, command::aws};
use crate::domain::{
    finding::{Remediation, UnknownReason},
    inventory::Volume,
};

/// The amounts, and whether a snapshot is worth keeping: one of a throughput-optimised disk costs more than the disk.
pub fn amounts<'a>(case: &Case<'a>, volume: &Volume) -> Result<(Amounts<'a>, bool), UnknownReason> {
    let mut bill = case.bill();
    let cost = bill.volume(volume)?;
    let kept = bill.snapshot_gib(&volume.common.region, false, volume.size_gib)?;
    let snapshot_first = kept < cost;
    let savings = if snapshot_first { cost.clone() - kept } else { cost.clone() };
    Ok((Amounts { cost, savings, bill }, snapshot_first))
}

/// Takes the volume from whatever it is attached to, then deletes it.
#[must_use]
pub fn remediation(volume: &Volume, snapshot_first: bool) -> Remediation {
    let (region, id) = (&volume.common.region, &*volume.common.id);
    let description = format!("last state of {id}");
    let snapshot =
        || aws("ec2 create-snapshot", region, &[("--volume-id", id), ("--description", &description)]);
    let detach = |instance: &str| {
        aws("ec2 detach-volume", region, &[("--volume-id", id), ("--instance-id", instance)])
    };
    let mut commands: Vec<String> = snapshot_first.then(snapshot).into_iter().collect();
    commands.extend(volume.attached_to.iter().map(|instance| detach(instance)));
    commands.push(aws("ec2 delete-volume", region, &[("--volume-id", id)]));
    Remediation {
        commands,
        rollback_commands: if snapshot_first { restore(volume) } else { Vec::new() },
        notes: vec![note(volume, snapshot_first).into()],
    }
}

const fn note(volume: &Volume, snapshot_first: bool) -> &'static str {
    match (snapshot_first, volume.attached_to.is_empty()) {
        (true, true) => "Delete only after the snapshot is completed.",
        (true, false) => {
            "Detach and delete only after the snapshot is completed; write down zone and device name before."
        }
        (false, _) => "A snapshot would cost as much as the volume: copy what is needed before.",
    }
}

fn restore(volume: &Volume) -> Vec<String> {
    let region = &volume.common.region;
    let create = [
        ("--snapshot-id", "SNAPSHOT_ID"),
        ("--availability-zone", "ZONE"),
        ("--volume-type", volume.volume_type.as_str()),
    ];
    let attach = |instance: &str| {
        let options = [("--volume-id", "NEW_VOLUME_ID"), ("--instance-id", instance), ("--device", "DEVICE")];
        aws("ec2 attach-volume", region, &options)
    };
    let mut commands = vec![aws("ec2 create-volume", region, &create)];
    commands.extend(volume.attached_to.iter().map(|instance| attach(instance)));
    commands
}
