//! A volume changed in place: cost before and after, the command and its way back.

use super::{Amounts, Case, Judgement, command::aws};
use crate::domain::{
    finding::{Finding, Remediation, Root},
    inventory::{ResourceKind, Volume, VolumeType},
};
use serde_json::{Value, json};

/// A finding that turns one volume into another, where that is cheaper; title and evidence are the rule's.
pub fn change(case: &Case<'_>, volume: &Volume, target: &Volume) -> Judgement {
    let mut bill = case.bill();
    let cost = bill.volume(volume)?;
    let savings = cost.clone() - bill.volume(target)?;
    if !savings.is_positive() {
        return Ok(None);
    }
    Ok(Some(Finding {
        root: root_of(volume),
        current: describe(volume),
        recommended: describe(target),
        remediation: remediation(volume, target),
        ..case.finding(volume, Amounts { cost, savings, bill })
    }))
}

/// An attached volume goes when a rule takes its instance with all of its volumes.
#[must_use]
pub fn root_of(volume: &Volume) -> Root {
    Root::of(ResourceKind::Volume, &volume.common.region, &volume.common.id)
        .child_of(ResourceKind::Instance, volume.attached_to.iter().map(|id| &**id))
}

fn describe(volume: &Volume) -> Value {
    let mut shape =
        json!({"volumeType": volume.volume_type, "sizeGib": volume.size_gib, "iops": volume.iops});
    if volume.volume_type == VolumeType::Gp3
        && let Some(fields) = shape.as_object_mut()
    {
        fields.insert("throughputMibps".into(), volume.throughput_mibps.into());
    }
    shape
}

fn remediation(volume: &Volume, target: &Volume) -> Remediation {
    let mut notes = vec![
        "The volume stays in use. A further change, and the way back, has to wait until this one is completed; \
         AWS allows four changes of a volume in 24 hours."
            .into(),
    ];
    if volume.managed() {
        notes.push("Kubernetes made this volume: change its StorageClass as well, for the next ones.".into());
    }
    Remediation {
        commands: vec![modify(volume, target)],
        rollback_commands: vec![modify(target, volume)],
        notes,
    }
}

/// Of the same type only what changes: another finding may change the rest.
fn modify(from: &Volume, to: &Volume) -> String {
    let new_type = from.volume_type != to.volume_type;
    let (iops, throughput) = (to.iops.to_string(), to.throughput_mibps.to_string());
    let mut options = vec![("--volume-id", &*to.common.id), ("--volume-type", to.volume_type.as_str())];
    let has_iops = to.volume_type.provisioned_iops() || to.volume_type == VolumeType::Gp3;
    if has_iops && (new_type || from.iops != to.iops) {
        options.push(("--iops", &iops));
    }
    if to.volume_type == VolumeType::Gp3 && (new_type || from.throughput_mibps != to.throughput_mibps) {
        options.push(("--throughput", &throughput));
    }
    aws("ec2 modify-volume", &to.common.region, &options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::volume;

    #[test]
    fn each_type_takes_only_its_own_options() {
        let gp2 = Volume { volume_type: VolumeType::Gp2, ..volume("vol-1") };
        assert_eq!(
            modify(&volume("vol-1"), &gp2),
            "aws ec2 modify-volume --region us-east-1 --volume-id vol-1 --volume-type gp2"
        );
        let io2 = Volume { volume_type: VolumeType::Io2, iops: 500, ..volume("vol-1") };
        assert!(modify(&gp2, &io2).ends_with("--volume-type io2 --iops 500"));
        let gp3 = volume("vol-1");
        assert!(modify(&io2, &gp3).ends_with("--volume-type gp3 --iops 3000 --throughput 125"));
        assert!(
            modify(&Volume { iops: 4_000, ..gp3.clone() }, &gp3).ends_with("--volume-type gp3 --iops 3000")
        );
    }

    #[test]
    fn a_volume_is_a_child_of_its_instances() {
        assert_eq!(root_of(&volume("vol-1")).parents, ["Ec2Instance/i-1"]);
    }

    #[test]
    fn kubernetes_is_told_about_its_volumes() {
        let mut claimed = volume("vol-1");
        claimed.common.tags = [("ebs.csi.aws.com/cluster", "true")].into_iter().collect();
        assert_eq!(remediation(&claimed, &volume("vol-1")).notes.len(), 2);
        assert_eq!(remediation(&volume("vol-1"), &volume("vol-1")).notes.len(), 1);
    }
}
