//! A cache on a version of Redis OSS past its standard support, for which every node costs more.

use super::{
    Amounts, Case, Judgement, Meta, Rule,
    cache::{Cache, judge_caches},
    cache_change::change_engine,
    cache_support::find_surcharge,
    case::property,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, SavingsBasis},
    inventory::ResourceKind,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check: |case| judge_caches(case, judge) };

static META: Meta = Meta {
    id: "elasticache-extended-support",
    title: "Cache pays for extended support",
    condition: "Redis OSS 4 or 5 since 2026-02-01, 6 from 2027-02-01. Members of a global datastore are left alone.",
    formula: "nodes * price of extended support for their type (more from the third year) * 730",
    pitfalls: "Clients are tested against the newer version first. Reserved nodes do not cover this charge.",
    kind: ResourceKind::ReplicationGroup,
    action_type: ActionType::Upgrade,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exact,
    effort: Effort::Medium,
    risk: Level::Medium,
    restart_needed: true,
    rollback_possible: false,
    actions: &["elasticache:DescribeCacheClusters", "elasticache:DescribeReplicationGroups"],
    metrics: &[],
    thresholds: &[],
    on_by_default: true,
};

fn judge(case: &Case<'_>, cache: &Cache<'_>) -> Judgement {
    let Some(surcharge) = find_surcharge(cache.node, case.today()) else { return Ok(None) };
    let mut bill = case.bill();
    let Some(cost) = cache.surcharge(case, &mut bill)? else { return Ok(None) };
    let (version, since) = (&cache.node.engine_version, surcharge.since);
    Ok(Some(Finding {
        title: format!("Upgrade Redis OSS {version}: extended support is charged since {since}"),
        current: json!({"engine": "redis", "engineVersion": version, "thirdYearRate": surcharge.third_year}),
        recommended: json!({"engine": "valkey", "engineVersion": "8.0"}),
        evidence: vec![
            property("engine version", &**version, None),
            property("charged since", since.to_string(), Some(format!("before {}", case.today()))),
            property("nodes", cache.nodes().to_string(), None),
        ],
        remediation: change_engine(cache),
        ..cache.finding(case, Amounts { savings: cost.clone(), cost, bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::finding::UnknownReason;
    use crate::rules::{
        elasticache::lab::{GROUP, alone, lab},
        fixtures::Lab,
    };

    fn group(version: &str) -> Lab {
        lab(GROUP, &[]).inventory(|i| {
            i.cache_clusters.iter_mut().for_each(|node| node.engine_version = version.into());
        })
    }

    #[test]
    fn every_node_is_charged() {
        let finding = group("5.0.6").only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "240.608", "2 * 0.1648 * 730");
    }

    #[test]
    fn the_third_year_has_a_price_of_its_own() {
        let mut lab = group("4.0.10");
        lab.snapshot.taken_at = "2028-02-01T00:00:00Z".parse().unwrap();
        assert_eq!(lab.only_finding(&RULE).monthly_savings.to_string(), "481.216");
    }

    #[test]
    fn versions_in_standard_support_are_fine() {
        group("6.2.6").nothing(&RULE);
        group("7.1.0").nothing(&RULE);
    }

    #[test]
    fn without_a_price_nothing_is_known() {
        let other = alone(|node| {
            node.node_type = "cache.m5.large".into();
            node.engine_version = "5.0.6".into();
        });
        other.unknown(&RULE, UnknownReason::PriceMissing);
    }
}
