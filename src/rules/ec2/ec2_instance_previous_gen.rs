//! An instance of a generation that a newer one beats in price at the same size.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    case::property,
    ec2_usage::is_own,
    generations::{has_local_disks, newer_instance_type},
    resize::resize_instance,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Instance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-instance-previous-gen",
    title: "Instance is of an old generation",
    condition: "Running on demand, of the families t1, t2, m1 to m4, c1, c3, c4, r3 or r4, and the same size \
                of t3, m6i, c6i or r6i is cheaper. Paravirtual images, images without the ENA driver, local \
                root disks, Marketplace products and members of groups and clusters are left alone.",
    formula: "(hourly price - hourly price of the newer type) * 730",
    pitfalls: "The newer type runs on Nitro: the image needs NVMe and ENA drivers. Reserved capacity may be \
               bound to the old family. Data on local disks is lost.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::High,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances"],
    metrics: &[],
    thresholds: &["preferred_families"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let startable = !instance.paravirtual && instance.ena_support && !instance.instance_store_root;
    if !is_own(instance) || !startable || instance.marketplace {
        return Ok(None);
    }
    let target = newer_instance_type(&instance.instance_type);
    let Some(target) = target.filter(|target| case.thresholds.prefers(target)) else { return Ok(None) };
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let then = bill.instance_hour(instance, &target)?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    Ok(Some(Finding {
        title: format!("Move from {} to the cheaper {target}", instance.instance_type),
        current: json!({"instanceType": instance.instance_type}),
        recommended: json!({"instanceType": target}),
        evidence: vec![property(
            "instance type",
            &*instance.instance_type,
            Some(format!("{target} costs less")),
        )],
        remediation: with_disk_note(instance, resize_instance(instance, &target)),
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

fn with_disk_note(instance: &Instance, mut fix: Remediation) -> Remediation {
    if has_local_disks(&instance.instance_type) {
        fix.notes.push("The newer type has no local disks: copy what is on them first.".into());
    }
    fix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        finding::UnknownReason,
        inventory::{InstanceState, Lifecycle},
    };
    use crate::rules::fixtures::{Lab, instance};

    fn old() -> Instance {
        Instance { instance_type: "m4.large".into(), ..instance("i-1") }
    }

    fn lab(instance: Instance) -> Lab {
        Lab::new().instance_price("m4.large", "0.10").instance_price("m6i.large", "0.096").instance(instance)
    }

    #[test]
    fn the_difference_of_a_month_is_saved() {
        let finding = lab(old()).only_finding(&RULE);
        assert_eq!(finding.monthly_cost.to_string(), "73.00");
        assert_eq!(finding.monthly_savings.to_string(), "2.92");
        assert_eq!(finding.recommended, json!({"instanceType": "m6i.large"}));
        assert_eq!(finding.prices.len(), 2);
        assert_eq!(finding.remediation.notes.len(), 1);
    }

    #[test]
    fn local_disks_are_worth_a_note() {
        let old = Instance { instance_type: "m3.large".into(), ..instance("i-1") };
        let lab = lab(old).instance_price("m3.large", "0.133");
        assert_eq!(lab.only_finding(&RULE).remediation.notes.len(), 2);
    }

    #[test]
    fn an_equal_price_is_no_saving() {
        lab(old()).instance_price("m6i.large", "0.10").nothing(&RULE);
    }

    #[test]
    fn what_could_not_start_on_nitro_is_left_alone() {
        lab(Instance { paravirtual: true, ..old() }).nothing(&RULE);
        lab(Instance { ena_support: false, ..old() }).nothing(&RULE);
        lab(Instance { instance_store_root: true, ..old() }).nothing(&RULE);
    }

    #[test]
    fn what_is_not_ours_to_change_is_left_alone() {
        lab(Instance { marketplace: true, ..old() }).nothing(&RULE);
        lab(Instance { lifecycle: Lifecycle::Spot, ..old() }).nothing(&RULE);
        lab(Instance { state: InstanceState::Stopped, ..old() }).nothing(&RULE);
        let mut member = old();
        member.common.tags = [("aws:autoscaling:groupName", "web")].into_iter().collect();
        lab(member).nothing(&RULE);
        lab(instance("i-1")).nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        Lab::new().instance(old()).unknown(&RULE, UnknownReason::PriceMissing);
        lab(Instance { dedicated_tenancy: true, ..old() }).unknown(&RULE, UnknownReason::PriceMissing);
    }
}
