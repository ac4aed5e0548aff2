//! Own images that nothing runs and nothing would launch.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, image_use::ImageUse};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Evidence, Finding, Level, Remediation, SavingsBasis,
        UnknownReason, Verdicts,
    },
    inventory::{Image, ResourceKind, Snapshot, backup_managed},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ami-unused",
    title: "Image is used by nothing",
    condition: "An own image, not public, at least ami_unused_days old, that no instance, launch template version or \
                launch configuration uses. Left alone: images of AWS Backup and Data Lifecycle Manager, and those tagged \
                keep, retain or golden. Unknown where a launch template takes its image from an own SSM parameter.",
    formula: "sum of the sizes of its snapshots that nothing else uses * snapshot price: an upper bound",
    pitfalls: "Images shared with other accounts; images that Spot fleets, EMR, Batch, Karpenter or pipelines name; \
               snapshots are incremental.",
    kind: ResourceKind::Image,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::UpperBound,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &[
        "ec2:DescribeImages",
        "ec2:DescribeSnapshots",
        "ec2:DescribeInstances",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeLaunchConfigurations",
    ],
    metrics: &[],
    thresholds: &["ami_unused_days"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let usage = ImageUse::of(inventory);
    case.judge_each(&inventory.images, |case, image| judge(case, image, &usage))
}

fn judge(case: &Case<'_>, image: &Image, usage: &ImageUse<'_>) -> Judgement {
    let (tags, region) = (&image.common.tags, &image.common.region);
    if image.public || tags.keep() || backup_managed(tags) || usage.used(image) {
        return Ok(None);
    }
    let minimum = i64::from(case.thresholds.ami_unused_days);
    let age = case.age_days(&image.common)?;
    if age < minimum {
        return Ok(None);
    }
    if !case.snapshot.coverage.all_complete(ImageUse::KINDS, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let freed = usage.freed(image);
    if freed.is_empty() {
        return Ok(None);
    }
    if usage.opaque(region) {
        return Err(UnknownReason::SpecificationMissing);
    }
    report(
        case,
        image,
        &freed,
        vec![
            property("used by", "no instance, launch template or launch configuration", None),
            property("age", format!("{age} days"), Some(format!("at least {minimum} days"))),
        ],
    )
}

fn report(case: &Case<'_>, image: &Image, freed: &[&Snapshot], mut evidence: Vec<Evidence>) -> Judgement {
    let mut bill = case.bill();
    let cost: Figure = freed.iter().map(|s| bill.snapshot(s)).sum::<Result<_, _>>()?;
    let gib = freed.iter().map(|s| s.volume_size_gib).fold(0, i64::saturating_add);
    evidence.push(property("snapshots", format!("{} of {gib} GiB together", freed.len()), None));
    Ok(Some(Finding {
        title: format!(
            "Deregister the unused image {} and delete its snapshots of {gib} GiB",
            image.image_name
        ),
        current: json!({"imageName": image.image_name, "snapshots": image.snapshot_ids, "sizeGib": gib}),
        recommended: json!({"state": "deregistered", "snapshots": "deleted"}),
        // Other accounts, and services that name images in their own settings, are out of sight.
        confidence: Level::Medium,
        evidence,
        remediation: remediation(image, freed),
        ..case.finding(image, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(image: &Image, freed: &[&Snapshot]) -> Remediation {
    let region = &image.common.region;
    let image_id = [("--image-id", &*image.common.id)];
    let each = |operation| {
        let command = move |s: &&Snapshot| aws(operation, region, &[("--snapshot-id", &s.common.id)]);
        freed.iter().map(command)
    };
    let mut commands = vec![aws("ec2 deregister-image", region, &image_id)];
    commands.extend(each("ec2 delete-snapshot"));
    let mut rollback_commands: Vec<String> = each("ec2 restore-snapshot-from-recycle-bin").collect();
    rollback_commands.push(aws("ec2 restore-image-from-recycle-bin", region, &image_id));
    Remediation {
        commands,
        rollback_commands,
        notes: vec![
            format!(
                "To be sure, disable it first for some weeks ({}): enable-image takes that back.",
                aws("ec2 disable-image", region, &image_id)
            ),
            "Images and snapshots come back only from the Recycle Bin: make retention rules for them before."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::inventory::{LaunchConfiguration, LaunchTemplate};
    use crate::rules::fixtures::{Lab, common, days_ago, image, instance, snapshot};

    /// ami-9 with two snapshots of 100 GiB.
    fn lab(change: impl FnOnce(&mut Image)) -> Lab {
        let mut unused = image("ami-9", &["snap-1", "snap-2"]);
        change(&mut unused);
        Lab::new().instance(instance("i-1")).inventory(|i| {
            i.snapshots.extend([snapshot("snap-1"), snapshot("snap-2")]);
            i.images.push(unused);
        })
    }

    fn template(image_id: &str, snapshot_ids: &[&str]) -> LaunchTemplate {
        LaunchTemplate {
            common: common("lt-1"),
            image_ids: vec![image_id.into()],
            snapshot_ids: snapshot_ids.iter().map(|id| Box::from(*id)).collect(),
        }
    }

    #[test]
    fn an_unused_image_saves_at_most_its_snapshots() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "10.00");
        assert_eq!(finding.root.name, "Ec2Image/ami-9");
        let ends: Vec<_> = finding.remediation.commands.iter().filter_map(|c| c.rsplit(' ').next()).collect();
        assert_eq!(ends, ["ami-9", "snap-1", "snap-2"]);
    }

    #[test]
    fn whatever_launches_it_uses_it() {
        lab(|i| i.common.id = "ami-1".into()).nothing(&RULE);
        lab(|_| {}).inventory(|i| i.launch_templates.push(template("ami-9", &[]))).nothing(&RULE);
        let configuration = LaunchConfiguration {
            common: common("lc-1"),
            image_id: "ami-9".into(),
            instance_type: "m5.large".into(),
            snapshot_ids: vec![],
        };
        lab(|_| {}).inventory(|i| i.launch_configurations.push(configuration)).nothing(&RULE);
    }

    #[test]
    fn public_young_managed_and_kept_images_are_fine() {
        lab(|i| i.public = true).nothing(&RULE);
        lab(|i| i.common.created_at = Some(days_ago(89))).nothing(&RULE);
        for tag in [("golden", "true"), ("aws:backup:source-resource", "x"), ("dlm:managed", "true")] {
            lab(|i| i.common.tags = [tag].into_iter().collect()).nothing(&RULE);
        }
    }

    #[test]
    fn snapshots_that_stay_save_nothing() {
        let shared = lab(|_| {}).inventory(|i| {
            i.launch_templates.push(template("ami-1", &["snap-1"]));
            i.snapshots[1].common.tags = [("keep", "")].into_iter().collect();
        });
        shared.nothing(&RULE);
        lab(|i| i.snapshot_ids = vec!["snap-2".into(), "snap-of-another-account".into()])
            .only_finding(&RULE)
            .remediation
            .commands
            .iter()
            .for_each(|command| assert!(!command.contains("another")));
    }

    #[test]
    fn an_image_from_an_own_parameter_may_be_any() {
        let with = |id| lab(|_| {}).inventory(|i| i.launch_templates.push(template(id, &[])));
        with("resolve:ssm:golden").unknown(&RULE, UnknownReason::SpecificationMissing);
        with("resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023").only_finding(&RULE);
    }

    #[test]
    fn an_incomplete_list_proves_nothing_unused() {
        for kind in ImageUse::KINDS {
            lab(|_| {}).incomplete(*kind).unknown(&RULE, UnknownReason::InventoryIncomplete);
        }
        lab(|i| i.common.created_at = None).unknown(&RULE, UnknownReason::DateMissing);
    }

    #[test]
    fn absurd_sizes_add_up() {
        let lab =
            lab(|_| {}).inventory(|i| i.snapshots.iter_mut().for_each(|s| s.volume_size_gib = i64::MAX));
        assert!(lab.only_finding(&RULE).title.contains("9223372036854775807 GiB"));
    }
}
