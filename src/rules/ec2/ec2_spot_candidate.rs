//! A development machine that could run on Spot.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws, ec2_usage::is_own};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{Instance, ResourceKind},
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge) };

static META: Meta = Meta {
    id: "ec2-spot-candidate",
    title: "Instance could run on Spot",
    condition: "Running on demand with shared tenancy, tagged as not productive, no Marketplace product, no \
                SQL Server, no member of a group or cluster, and the dearest Spot price of its type in the \
                region's zones over the last day is below its own.",
    formula: "nothing is promised; the upper bound is (hourly price - Spot price) * 730",
    pitfalls: "AWS takes a Spot machine back with two minutes' notice: no databases, nothing that only one \
               machine does. Spot prices move.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Configure,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::Medium,
    risk: Level::High,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeSpotPriceHistory"],
    metrics: &[],
    thresholds: &["nonprod_values"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, instance: &Instance) -> Judgement {
    let plain = !instance.marketplace && instance.platform.sql_edition().is_none();
    if !is_own(instance) || !plain || !case.nonprod(&instance.common.tags) {
        return Ok(None);
    }
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let then = bill.spot_hour(instance)?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    let spot = format!("{} USD an hour in the dearest zone", then.per_unit());
    Ok(Some(Finding {
        title: format!("The {} of development could run on Spot", instance.instance_type),
        current: json!({"instanceType": instance.instance_type, "market": "on-demand"}),
        recommended: json!({"instanceType": instance.instance_type, "market": "spot"}),
        confidence: Level::Low,
        evidence: vec![property("Spot price", spot, Some(format!("below {}", now.per_unit())))],
        remediation: relaunch(instance),
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

fn relaunch(instance: &Instance) -> Remediation {
    let (region, id) = (&instance.common.region, &*instance.common.id);
    let image_name = format!("{id} before spot");
    let market = json!({"MarketType": "spot"}).to_string();
    let launch = [
        ("--image-id", "IMAGE_ID"),
        ("--instance-type", &*instance.instance_type),
        ("--subnet-id", "SUBNET_ID"),
        ("--instance-market-options", &*market),
    ];
    Remediation {
        commands: vec![
            aws("ec2 create-image", region, &[("--instance-id", id), ("--name", &image_name)]),
            aws("ec2 run-instances", region, &launch),
            aws("ec2 stop-instances", region, &[("--instance-ids", id)]),
        ],
        rollback_commands: vec![aws("ec2 start-instances", region, &[("--instance-ids", id)])],
        notes: vec!["An instance cannot change its market: a new one takes its place.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{finding::UnknownReason, inventory::Platform, price::PriceKey};
    use crate::rules::fixtures::{Lab, instance, region};

    fn dev() -> Instance {
        let mut instance = instance("i-1");
        instance.common.tags = [("env", "dev")].into_iter().collect();
        instance
    }

    fn lab(instance: Instance) -> Lab {
        let (instance_type, platform) = ("m5.xlarge".into(), Platform::Linux);
        let key = PriceKey::SpotInstance { region: region(), instance_type, platform };
        Lab::new().instance_price("m5.xlarge", "0.192").price(key, "0.070").instance(instance)
    }

    #[test]
    fn the_distance_to_the_spot_price_is_shown() {
        let finding = lab(dev()).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "89.06");
        assert_eq!((finding.basis, finding.confidence), (SavingsBasis::Exposure, Level::Low));
    }

    #[test]
    fn production_and_what_has_no_spot_price_are_left_alone() {
        lab(instance("i-1")).nothing(&RULE);
        lab(Instance { marketplace: true, ..dev() }).nothing(&RULE);
        lab(Instance { platform: Platform::WindowsSqlWeb, ..dev() }).nothing(&RULE);
    }

    #[test]
    fn without_a_spot_price_nothing_is_known() {
        let lab = Lab::new().instance_price("m5.xlarge", "0.192").instance(dev());
        lab.unknown(&RULE, UnknownReason::PriceMissing);
    }
}
