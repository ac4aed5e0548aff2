//! A group whose members are of an old generation, or could run on Graviton.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    crew::{Crew, Roll, judge_groups},
    ec2::ec2_instance_graviton::workload_of,
    generations::{arm_instance_type, newer_instance_type},
    relaunch::{Change, relaunch},
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::{Architecture, AutoScalingGroup, Platform, ResourceKind},
};
use serde_json::json;

pub const UPGRADE: Rule = Rule { meta: &UPGRADE_META, check: |case| judge_groups(case, judge_upgrade) };
pub const GRAVITON: Rule = Rule { meta: &GRAVITON_META, check: |case| judge_groups(case, judge_graviton) };

static UPGRADE_META: Meta = Meta {
    id: "asg-upgrade",
    title: "Members of an Auto Scaling group are of an old generation",
    condition: "All members of one type and on demand, of the families t1, t2, m1 to m4, c1, c3, c4, r3 or r4, \
                and the same size of t3, m6i, c6i or r6i is cheaper. Paravirtual images, images without the \
                ENA driver, Marketplace products, mixed instances policies and groups that EKS, ECS, Batch, \
                EMR or Elastic Beanstalk size are left alone.",
    formula: "(hourly price - hourly price of the newer type) * 730 * members in service on average, or desired",
    pitfalls: "The newer type runs on Nitro: the image needs NVMe and ENA drivers.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["preferred_families"],
    on_by_default: true,
};

static GRAVITON_META: Meta = Meta {
    id: "asg-graviton",
    title: "Members of an Auto Scaling group could run on Graviton",
    condition: "All members of one type and on demand, plain Linux on x86_64, and the same size of t4g, m6g, c6g \
                or r6g is cheaper. Counted only where the group's tag workload or runtime names one of \
                portable_workloads; otherwise shown without a promise. Marketplace products, mixed instances \
                policies and groups that others size are left alone.",
    formula: "(hourly price - hourly price of the Graviton type) * 730 * members in service on average, or desired",
    pitfalls: "Software, agents and images must exist for arm64.",
    kind: ResourceKind::AutoScalingGroup,
    action_type: ActionType::MigrateToGraviton,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::High,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: true,
    actions: &["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["portable_workloads", "preferred_families"],
    on_by_default: true,
};

fn judge_upgrade(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    let Some(crew) = Crew::of(case, roll, group)? else { return Ok(None) };
    let lead = crew.lead;
    let startable = !lead.paravirtual && lead.ena_support && !lead.instance_store_root && !lead.marketplace;
    match newer_instance_type(&lead.instance_type).filter(|_| startable) {
        Some(target) => move_to(case, group, &crew, Change { instance_type: &target, image: None }),
        None => Ok(None),
    }
}

fn judge_graviton(case: &Case<'_>, roll: &Roll<'_>, group: &AutoScalingGroup) -> Judgement {
    let Some(crew) = Crew::of(case, roll, group)? else { return Ok(None) };
    let lead = crew.lead;
    let x86 = lead.platform == Platform::Linux && lead.architecture == Architecture::X86_64;
    let target = arm_instance_type(&lead.instance_type).filter(|_| x86 && !lead.marketplace);
    let Some(target) = target else { return Ok(None) };
    let change = Change { instance_type: &target, image: Some("ARM64_IMAGE_ID") };
    let Some(mut finding) = move_to(case, group, &crew, change)? else { return Ok(None) };
    let (workload, known) = workload_of(case, &group.common.tags);
    let limit = format!("one of {}", case.thresholds.portable_workloads.join(", "));
    finding.evidence.push(property("tag workload or runtime", workload, Some(limit)));
    if known {
        return Ok(Some(Finding { confidence: Level::Medium, ..finding }));
    }
    let (basis, effort, confidence) = (SavingsBasis::Exposure, Effort::VeryHigh, Level::Low);
    Ok(Some(Finding { basis, effort, confidence, ..finding }))
}

/// Only a lower price is a saving.
fn move_to(case: &Case<'_>, group: &AutoScalingGroup, crew: &Crew<'_>, change: Change<'_>) -> Judgement {
    let (lead, target) = (crew.lead, change.instance_type);
    if !case.thresholds.prefers(target) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(lead, &lead.instance_type)?;
    let then = bill.instance_hour(lead, target)?;
    if then >= now {
        return Ok(None);
    }
    let cost = crew.monthly(&now);
    let savings = cost.clone() - crew.monthly(&then);
    if !savings.is_positive() {
        return Ok(None);
    }
    Ok(Some(Finding {
        title: format!("Move the members from {} to {target}", lead.instance_type),
        current: json!({"instanceType": lead.instance_type, "architecture": lead.architecture}),
        recommended: json!({"instanceType": target}),
        evidence: vec![property(
            "instance type of the members",
            &*lead.instance_type,
            Some(format!("{target} costs less")),
        )],
        remediation: relaunch(group, lead, change),
        ..case.finding(group, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Instance};
    use crate::rules::autoscaling::crew::fixtures::{group, lab, member, refuses};

    fn old(id: &str) -> Instance {
        Instance { instance_type: "m4.xlarge".into(), ..member(id) }
    }

    #[test]
    fn an_old_generation_is_left_by_all_members() {
        let lab = lab(group(), old).instance_price("m4.xlarge", "0.20").instance_price("m6i.xlarge", "0.19");
        let finding = lab.only_finding(&UPGRADE);
        assert_eq!(finding.monthly_savings.to_string(), "29.20");
        lab.clone().instance_price("m6i.xlarge", "0.20").nothing(&UPGRADE);
        let mut preferring = lab;
        preferring.thresholds.preferred_families = vec!["m7i".into()];
        preferring.nothing(&UPGRADE);
    }

    #[test]
    fn graviton_is_promised_where_the_workload_is_known() {
        let of = |group| lab(group, member).instance_price("m6g.xlarge", "0.154");
        assert_eq!(of(group()).only_finding(&GRAVITON).basis, SavingsBasis::Exposure);
        let mut java = group();
        java.common.tags = [("workload", "java")].into_iter().collect();
        let finding = of(java).only_finding(&GRAVITON);
        assert_eq!(
            (finding.basis, finding.monthly_savings.to_string()),
            (SavingsBasis::Modelled, "110.96".into())
        );
        assert!(finding.remediation.commands[0].contains("ARM64_IMAGE_ID"));
    }

    #[test]
    fn only_groups_of_one_kind_are_judged() {
        refuses(&GRAVITON, |group, member| lab(group, member).instance_price("m6g.xlarge", "0.154"));
        lab(group(), member).nothing(&UPGRADE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        lab(group(), old).unknown(&UPGRADE, UnknownReason::PriceMissing);
    }
}
