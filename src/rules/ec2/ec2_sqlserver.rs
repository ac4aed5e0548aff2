//! Licences of SQL Server that come with an instance: more cores than the edition uses, or fewer than are paid.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::property, ec2_usage::is_own, resize::resize_instance,
};
use crate::domain::{
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Instance, InstanceTypeSpec, Platform, ResourceKind, SqlEdition, family_and_size},
    region::Region,
};
use serde_json::json;
use std::collections::HashMap;

pub const OVERPROVISIONED: Rule =
    Rule { meta: &OVER_META, check: |case| case.judge_each(&case.snapshot.inventory.instances, judge_over) };
pub const CONSOLIDATE: Rule = Rule { meta: &CONSOLIDATE_META, check: check_consolidate };

/// The fewest vCPUs that a licence is charged for.
const LEAST_VCPUS: i64 = 4;

static OVER_META: Meta = Meta {
    id: "ec2-sqlserver-overprovisioned",
    title: "SQL Server cannot use all vCPUs",
    condition: "Running on demand with a licence of SQL Server by AWS: Standard with more than 48 vCPUs, Web \
                with more than 32. The largest size of the same family within the limit is proposed. Own \
                licences look like plain Windows and are not seen.",
    formula: "(hourly price - hourly price of the size at the limit) * 730",
    pitfalls: "The smaller size has less memory and bandwidth. What else runs on the machine may use the other \
               vCPUs.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Rightsize,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: true,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

static CONSOLIDATE_META: Meta = Meta {
    id: "ec2-sqlserver-consolidate",
    title: "SQL Server pays for more vCPUs than it has",
    condition: "Running on demand with a licence of SQL Server by AWS and fewer than four vCPUs, for which four \
                are charged, and another one like it in the region to share a machine with.",
    formula: "nothing is promised; the upper bound is the licence, (hourly price - hourly price without SQL \
              Server) * 730",
    pitfalls: "Applications may need instances of their own. A machine for both must be large enough.",
    kind: ResourceKind::Instance,
    action_type: ActionType::Delete,
    class: ConflictClass::Resize,
    basis: SavingsBasis::Exposure,
    effort: Effort::High,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: false,
    actions: &["ec2:DescribeInstances", "ec2:DescribeInstanceTypes"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

/// The vCPUs that an edition uses at most: two for each of its cores.
const fn most_vcpus(edition: SqlEdition) -> Option<i64> {
    match edition {
        SqlEdition::Web => Some(32),
        SqlEdition::Standard => Some(48),
        SqlEdition::Enterprise => None,
    }
}

fn specification<'a>(case: &Case<'a>, instance: &Instance) -> Result<&'a InstanceTypeSpec, UnknownReason> {
    let spec = case.snapshot.instance_types.get(&instance.common.region, &instance.instance_type);
    spec.ok_or(UnknownReason::SpecificationMissing)
}

fn judge_over(case: &Case<'_>, instance: &Instance) -> Judgement {
    let Some(limit) = instance.platform.sql_edition().and_then(most_vcpus) else { return Ok(None) };
    if !is_own(instance) {
        return Ok(None);
    }
    let present = specification(case, instance)?;
    if present.vcpus <= limit {
        return Ok(None);
    }
    let Some(target) = largest_within(case, instance, limit) else { return Ok(None) };
    let mut bill = case.bill();
    let now = bill.instance_hour(instance, &instance.instance_type)?;
    let then = bill.instance_hour(instance, &target.name)?;
    if then >= now {
        return Ok(None);
    }
    let (cost, savings) = (now.monthly(1), now.monthly(1) - then.monthly(1));
    let memory = format!("{} GiB, then {} GiB", present.memory_mib / 1024, target.memory_mib / 1024);
    Ok(Some(Finding {
        title: format!("Move SQL Server from {} to {}", instance.instance_type, target.name),
        current: json!({"instanceType": present.name, "vcpus": present.vcpus}),
        recommended: json!({"instanceType": target.name, "vcpus": target.vcpus}),
        evidence: vec![
            property("platform", instance.platform.as_str(), None),
            property("vCPUs", present.vcpus.to_string(), Some(format!("{limit} are used at most"))),
            property("memory", memory, None),
        ],
        remediation: resize_instance(instance, &target.name),
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

fn largest_within<'a>(case: &Case<'a>, instance: &Instance, limit: i64) -> Option<&'a InstanceTypeSpec> {
    let family = family_and_size(&instance.instance_type)?.0;
    let siblings = case.snapshot.instance_types.in_region(&instance.common.region);
    let fitting = siblings.filter(|spec| {
        let same = family_and_size(&spec.name).is_some_and(|(other, _)| other == family);
        same && spec.vcpus <= limit && !spec.bare_metal
    });
    fitting.max_by_key(|spec| (spec.vcpus, spec.memory_mib))
}

type Small<'a> = HashMap<(&'a Region, Platform), usize>;

fn check_consolidate(case: &Case<'_>) -> Verdicts {
    let instances = &case.snapshot.inventory.instances;
    let mut small = Small::new();
    for instance in instances.iter().filter(|instance| is_small(case, instance) == Ok(true)) {
        *small.entry((&instance.common.region, instance.platform)).or_default() += 1;
    }
    case.judge_each(instances, |case, instance| judge_small(case, &small, instance))
}

fn is_small(case: &Case<'_>, instance: &Instance) -> Result<bool, UnknownReason> {
    if !is_own(instance) || instance.platform.sql_edition().is_none() {
        return Ok(false);
    }
    Ok(specification(case, instance)?.vcpus < LEAST_VCPUS)
}

fn judge_small(case: &Case<'_>, small: &Small<'_>, instance: &Instance) -> Judgement {
    if !is_small(case, instance)? {
        return Ok(None);
    }
    let (region, platform) = (&instance.common.region, instance.platform);
    let alike = small.get(&(region, platform)).copied().unwrap_or_default();
    if alike < 2 {
        return Ok(None);
    }
    let mut bill = case.bill();
    let licensed = bill.instance_hour(instance, &instance.instance_type)?;
    let plain = bill.shared_hour(region, platform.without_sql(), &instance.instance_type)?;
    let (cost, savings) = (licensed.monthly(1), licensed.monthly(1) - plain.monthly(1));
    let vcpus = specification(case, instance)?.vcpus;
    Ok(Some(Finding {
        title: format!("{vcpus} vCPUs pay for {LEAST_VCPUS} of SQL Server: share a machine"),
        current: json!({"instanceType": instance.instance_type, "vcpus": vcpus}),
        recommended: json!({"consider": "one machine for two databases"}),
        confidence: Level::Low,
        evidence: vec![
            property("platform", platform.as_str(), None),
            property("vCPUs", vcpus.to_string(), Some(format!("{LEAST_VCPUS} are charged at least"))),
            property("others like it in the region", (alike - 1).to_string(), None),
        ],
        remediation: Remediation {
            notes: vec!["Move its databases to the other machine, then stop this one.".into()],
            ..Remediation::default()
        },
        ..case.finding(instance, Amounts { cost, savings, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::price::PriceKey;
    use crate::rules::fixtures::{Lab, instance, instance_type, region};

    fn sql(id: &str, instance_type: &str, platform: Platform) -> Instance {
        Instance { instance_type: instance_type.into(), platform, ..instance(id) }
    }

    fn lab() -> Lab {
        let mut lab = Lab::new();
        for (name, vcpus, usd) in [
            ("m5.large", 2, "0.6"),
            ("m5.12xlarge", 48, "10"),
            ("m5.16xlarge", 64, "14"),
            ("m5.4xlarge", 16, "4"),
        ] {
            lab = lab.instance_type(instance_type(name, vcpus, 4 * vcpus));
            for (platform, usd) in [(Platform::WindowsSqlStandard, usd), (Platform::Windows, "0.2")] {
                let key = PriceKey::Instance { region: region(), instance_type: name.into(), platform };
                lab = lab.price(key, usd);
            }
        }
        lab
    }

    #[test]
    fn standard_uses_48_vcpus() {
        let large = sql("i-1", "m5.16xlarge", Platform::WindowsSqlStandard);
        let finding = lab().instance(large).only_finding(&OVERPROVISIONED);
        assert_eq!(finding.recommended["instanceType"], "m5.12xlarge");
        assert_eq!(finding.monthly_savings.to_string(), "2,920.00".replace(',', ""));
        let fitting = sql("i-1", "m5.12xlarge", Platform::WindowsSqlStandard);
        lab().instance(fitting).nothing(&OVERPROVISIONED);
        lab().instance(sql("i-1", "m5.16xlarge", Platform::WindowsSqlEnterprise)).nothing(&OVERPROVISIONED);
        lab().instance(sql("i-1", "m5.16xlarge", Platform::Windows)).nothing(&OVERPROVISIONED);
    }

    #[test]
    fn two_small_ones_could_share() {
        let small = |id| sql(id, "m5.large", Platform::WindowsSqlStandard);
        let verdicts = lab().instance(small("i-1")).instance(small("i-2")).verdicts(&CONSOLIDATE);
        let savings: Vec<String> = verdicts.findings.iter().map(|f| f.monthly_savings.to_string()).collect();
        assert_eq!(savings, ["292.00", "292.00"]);
        lab().instance(small("i-1")).nothing(&CONSOLIDATE);
        let other = sql("i-2", "m5.4xlarge", Platform::WindowsSqlStandard);
        lab().instance(small("i-1")).instance(other).nothing(&CONSOLIDATE);
    }

    #[test]
    fn a_type_that_nobody_knows_is_unknown() {
        let odd = sql("i-1", "z9.large", Platform::WindowsSqlStandard);
        lab().instance(odd.clone()).unknown(&OVERPROVISIONED, UnknownReason::SpecificationMissing);
        lab().instance(odd).unknown(&CONSOLIDATE, UnknownReason::SpecificationMissing);
    }
}
