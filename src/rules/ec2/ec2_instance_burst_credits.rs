//! A burstable instance that buys so many CPU credits that a steady one costs less.

use super::{
    Amounts, Bill, Case, Judgement, Meta, Rule, ec2_shelf::Shelf, ec2_usage::is_own, resize::resize_instance,
};
use crate::domain::{
    figure::Figure,
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis, UnknownReason, Verdicts},
    inventory::{Instance, InstanceTypeSpec, ResourceKind},
    metric::{Metric, Summary},
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "ec2-instance-burst-credits",
    title: "Burstable instance pays for surplus CPU credits",
    condition: "Running on demand with unlimited credits since before the window, no member of a group or \
                cluster; the surplus credits charged cost more a month than the cheapest steady type of the \
                same architecture with as many vCPUs and as much memory costs on top. Less is fine: short \
                bursts are cheaper than a larger machine.",
    formula: "hourly price * 730 + credits charged / 60 * price of a vCPU-hour, scaled from the window to 730 \
              hours, - hourly price of the steady type * 730",
    pitfalls: "One busy fortnight is no habit. Standard credits cost nothing, but slow the machine down.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Modelled,
    effort: Effort::Medium,
    risk: Level::Low,
    restart_needed: true,
    rollback_possible: true,
    actions: &[
        "ec2:DescribeInstanceCreditSpecifications",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
    ],
    metrics: &[Metric::Ec2SurplusCredits],
    thresholds: &["preferred_families", "look_back_days", "min_datapoints_percent"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let shelf = Shelf::of(case);
    case.judge_each(&case.snapshot.inventory.instances, |case, instance| judge(case, &shelf, instance))
}

fn judge(case: &Case<'_>, shelf: &Shelf<'_>, instance: &Instance) -> Judgement {
    let bound = instance.marketplace || instance.paravirtual || instance.instance_store_root;
    if !is_own(instance) || bound || !is_burstable(instance) {
        return Ok(None);
    }
    if !instance.unlimited_credits.ok_or(UnknownReason::InventoryIncomplete)? {
        return Ok(None);
    }
    case.require_full_window(&instance.common)?;
    let charged = case.summary(Metric::Ec2SurplusCredits, &instance.common)?;
    if charged.sum < 1.0 {
        return Ok(None);
    }
    let present = case.snapshot.instance_types.get(&instance.common.region, &instance.instance_type);
    let present = present.ok_or(UnknownReason::SpecificationMissing)?;
    let mut bill = case.bill();
    let surplus = surplus_a_month(case, &mut bill, instance, charged)?;
    let hour = bill.instance_hour(instance, &instance.instance_type)?;
    let offers = shelf.offers(instance)?.iter();
    let Some(steady) = offers.map(|offer| offer.spec).find(|spec| holds(spec, present, instance)) else {
        return Ok(None);
    };
    let then = bill.instance_hour(instance, &steady.name)?;
    let cost = hour.monthly(1) + surplus.clone();
    let savings = cost.clone() - then.monthly(1);
    if !savings.is_positive() {
        return Ok(None);
    }
    let observed = format!("{:.0} credits in the window, {} USD a month", charged.sum, surplus.amount());
    Ok(Some(Finding {
        title: format!("Move from {}, which buys CPU credits, to {}", instance.instance_type, steady.name),
        current: json!({"instanceType": instance.instance_type, "cpuCredits": "unlimited"}),
        recommended: json!({"instanceType": steady.name}),
        evidence: vec![case.measured(
            Metric::Ec2SurplusCredits,
            charged,
            observed,
            "dearer than a steady type".into(),
        )],
        remediation: resize_instance(instance, &steady.name),
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

fn is_burstable(instance: &Instance) -> bool {
    let mut letters = instance.instance_type.bytes();
    letters.next() == Some(b't') && letters.next().is_some_and(|letter| letter.is_ascii_digit())
}

/// A credit is a vCPU for a minute. Rounded down: a saving is not overstated.
#[allow(clippy::cast_possible_truncation, reason = "credits of a window are far below the limits of an i64")]
fn surplus_a_month(
    case: &Case<'_>,
    bill: &mut Bill<'_>,
    instance: &Instance,
    charged: &Summary,
) -> Result<Figure, UnknownReason> {
    let credits = charged.sum.floor() as i64;
    let window_hours = i64::from(case.thresholds.look_back_days) * 24;
    let rate = bill.surplus_credit_hour(instance)?;
    Ok(rate.times_ratio(credits.saturating_mul(730), 60 * window_hours))
}

fn holds(spec: &InstanceTypeSpec, present: &InstanceTypeSpec, instance: &Instance) -> bool {
    !spec.burstable
        && spec.architectures.contains(&instance.architecture)
        && (instance.ena_support || &*spec.hypervisor != "nitro")
        && spec.vcpus >= present.vcpus
        && spec.memory_mib >= present.memory_mib
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{price::PriceKey, price_item::Item};
    use crate::rules::fixtures::{Lab, instance, instance_type, region};

    fn bursting() -> Instance {
        Instance { instance_type: "t3.large".into(), unlimited_credits: Some(true), ..instance("i-1") }
    }

    /// 60 credits are a vCPU-hour.
    fn lab(instance: Instance, credits_a_day: f64) -> Lab {
        Lab::new()
            .instance_type(instance_type("t3.large", 2, 8))
            .instance_type(instance_type("t3.xlarge", 4, 16))
            .instance_type(instance_type("m5.large", 2, 8))
            .instance_price("t3.large", "0.0832")
            .instance_price("t3.xlarge", "0.05")
            .instance_price("m5.large", "0.096")
            .price(PriceKey::item(Item::CpuCreditsT3Linux, &region()), "0.05")
            .daily(Metric::Ec2SurplusCredits, "i-1", 14, credits_a_day)
            .instance(instance)
    }

    #[test]
    fn a_machine_that_buys_all_day_is_dearer_than_a_steady_one() {
        let finding = lab(bursting(), 1_440.0).only_finding(&RULE);
        assert_eq!(finding.recommended, json!({"instanceType": "m5.large"}));
        assert_eq!(finding.monthly_cost.to_string(), "97.236", "60.736 and 730 vCPU-hours at 0.05");
        assert_eq!(finding.monthly_savings.to_string(), "27.156");
    }

    #[test]
    fn short_bursts_and_standard_credits_are_fine() {
        lab(bursting(), 100.0).nothing(&RULE);
        lab(bursting(), 0.0).nothing(&RULE);
        lab(Instance { unlimited_credits: Some(false), ..bursting() }, 1_440.0).nothing(&RULE);
        lab(instance("i-1"), 1_440.0).nothing(&RULE);
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        let unread = Instance { unlimited_credits: None, ..bursting() };
        lab(unread, 1_440.0).unknown(&RULE, UnknownReason::InventoryIncomplete);
        let unmeasured = lab(bursting(), 1.0).no_datapoints(Metric::Ec2SurplusCredits, "i-1");
        unmeasured.unknown(&RULE, UnknownReason::MetricMissing);
    }
}
