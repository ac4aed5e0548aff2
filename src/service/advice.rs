//! From a snapshot to one ranked list of recommendations with its totals. Pure: no database, no AWS.

use crate::{
    db::Unseen,
    domain::{
        commitment_advice,
        discount::Discounts,
        finding::{Finding, SavingsBasis, Unknown, Verdicts},
        ids::{OrgKey, RecommendationId},
        inventory::{ResourceKind, Service},
        ledger::WhyUnseen,
        money::MicroUsd,
        recommendation::{
            Recommendation, Standing, excluded_recommendations, fingerprint_of, recommendation_id,
            recommendations,
        },
        region::Region,
        rule_settings::{Excluded, RuleChoice},
        selection::{self, Capped, Spend},
        snapshot::{Coverage, Snapshot},
        thresholds::Thresholds,
    },
    rules::{self, NONE, RULES, is_asked_for},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one scan advises.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Best savings first.
    pub recommendations: Vec<Recommendation>,
    /// What the settings leave out: kept as such, in no total and in no report.
    pub excluded: Vec<Recommendation>,
    pub summary: SavingsSummary,
    pub doubt: Doubt,
}

/// Totals count each resource once; `recommendationCount` counts every row shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SavingsSummary {
    #[schema(example = "USD")]
    pub currency_code: String,
    pub recommendation_count: u64,
    /// One best choice a resource, after discounts and capped by what was really spent where these are known.
    #[schema(value_type = String, example = "1234.56")]
    pub estimated_monthly_savings: MicroUsd,
    /// The same at list price.
    #[serde(default)]
    #[schema(required = true, value_type = String, example = "1400.00")]
    pub estimated_monthly_savings_at_list_price: MicroUsd,
    pub by_service: Vec<ServiceSavings>,
    /// Some saving was lowered because its service cost less.
    pub capped_by_spend: bool,
    /// Why no saving was held against what its service really cost, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_capped_because: Option<String>,
    /// Recommendations whose saving is known at list price only.
    #[serde(default)]
    pub at_list_price_count: u64,
    /// Judgements that lacked data: neither waste nor fine.
    pub unknown_count: u64,
    /// Findings that the settings leave out.
    #[serde(default)]
    pub excluded_count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceSavings {
    #[schema(value_type = String, example = "EBS")]
    pub service: Service,
    pub recommendation_count: u64,
    #[schema(value_type = String, example = "12.34")]
    pub estimated_monthly_savings: MicroUsd,
}

/// What a scan could not judge: an earlier recommendation about it is stale, not resolved.
#[derive(Clone, Debug, Default)]
pub struct Doubt {
    unknown: BTreeSet<RecommendationId>,
    coverage: Coverage,
    rules_run: BTreeSet<&'static str>,
    switched_off: BTreeSet<&'static str>,
}

impl Doubt {
    fn new(org: OrgKey, snapshot: &Snapshot, unknown: &[Unknown], choice: &RuleChoice) -> Self {
        let id = |u: &Unknown| {
            let print = fingerprint_of(u.rule, snapshot.account, &u.region, u.kind, &u.resource_id);
            recommendation_id(org, &print)
        };
        let (asked, metas) = (asked_rules(choice), || RULES.iter().map(|rule| rule.meta));
        Self {
            unknown: unknown.iter().map(id).collect(),
            coverage: snapshot.coverage.clone(),
            rules_run: metas().filter(|m| is_asked_for(m, &asked)).map(|m| m.id).collect(),
            switched_off: metas().map(|m| m.id).filter(|id| choice.switched_off(id)).collect(),
        }
    }

    /// Whether nobody wants to hear of it any more.
    #[must_use]
    pub fn is_switched_off(&self, rule: &str) -> bool {
        self.switched_off.contains(rule)
    }

    /// Why it means nothing for the ledger that an implemented recommendation was not found again; none where it is gone.
    #[must_use]
    pub fn why_unseen(&self, unseen: &Unseen) -> Option<WhyUnseen> {
        if self.is_switched_off(&unseen.rule) || rules::find_rule(&unseen.rule).is_none() {
            return Some(WhyUnseen::RuleOff);
        }
        let in_doubt = self.covers(unseen.id, &unseen.rule, unseen.kind, &unseen.region);
        in_doubt.then_some(WhyUnseen::NoData)
    }

    /// Whether it means nothing that an earlier recommendation was not found again.
    #[must_use]
    pub fn covers(
        &self,
        id: RecommendationId,
        rule: &str,
        kind: Option<ResourceKind>,
        region: &Region,
    ) -> bool {
        let Some(rule) = rules::find_rule(rule) else { return false };
        !self.rules_run.contains(rule.meta.id)
            || self.unknown.contains(&id)
            || !self.coverage.complete(rules::listed_kind(rule.meta, kind), region)
    }
}

/// The rules that run, by name; where nothing is said of any, none are named and the defaults count.
fn asked_rules(choice: &RuleChoice) -> Vec<String> {
    if !choice.only.is_empty() || choice.switches.is_empty() {
        return choice.only.clone();
    }
    let runs = |id: &str, default: bool| choice.switches.get(id).copied().unwrap_or(default);
    let metas = RULES.iter().map(|rule| rule.meta).filter(|meta| runs(meta.id, meta.on_by_default));
    // The last name is of no rule: where all are switched off, the list is still not empty.
    metas.map(|meta| meta.id.to_owned()).chain([NONE.to_owned()]).collect()
}

/// Takes out what the settings leave out, before the best choices are made.
fn set_apart(
    findings: Vec<Finding>,
    choice: &RuleChoice,
    snapshot: &Snapshot,
) -> (Vec<Finding>, Vec<(Finding, Excluded)>) {
    let (mut told, mut excluded) = (Vec::with_capacity(findings.len()), Vec::new());
    for finding in findings {
        match choice.exclusion_of(snapshot.account, &finding, snapshot.taken_at) {
            Some(exclusion) => excluded.push((finding, exclusion.note())),
            None => told.push(finding),
        }
    }
    (told, excluded)
}

/// One best choice for each resource; what is chosen shares what commitments set free; no total exceeds the spend.
fn settle(
    findings: &mut [Finding],
    discounts: &Discounts<'_>,
    snapshot: &Snapshot,
) -> (Vec<Standing>, Capped) {
    let chosen = selection::select(findings);
    discounts.share(findings, |at| chosen.get(at).is_some_and(|standing| standing.selected));
    let mut standings = selection::count(findings, chosen);
    let spend = Spend { discounts, costs: snapshot.costs.as_ref(), today: snapshot.today() };
    let capped = selection::cap_by_spend(findings, &mut standings, &spend);
    (standings, capped)
}

/// Judges a snapshot by thresholds and the rules that were chosen.
#[must_use]
pub fn advise(org: OrgKey, snapshot: &Snapshot, thresholds: &Thresholds, choice: &RuleChoice) -> Advice {
    let Verdicts { mut findings, unknown } = rules::check(snapshot, thresholds, &asked_rules(choice));
    // AWS's own findings are merged in here: before discounts, so that each saving is discounted once.
    let discounts = Discounts::of(&findings, snapshot.usage_costs.as_ref(), &snapshot.prices);
    discounts.apply(&mut findings);
    let (findings, excluded) = set_apart(findings, choice, snapshot);
    let (mut findings, purchases) = commitment_advice::split(findings);
    let (mut standings, capped) = settle(&mut findings, &discounts, snapshot);
    let mut left = left_to_buy(purchases, &findings, &standings, snapshot, thresholds);
    discounts.apply(&mut left);
    commitment_advice::append(&mut findings, &mut standings, left);
    let mut list = recommendations(org, snapshot.account, findings, &standings, snapshot.taken_at);
    list.sort_by(rank);
    let doubt = Doubt::new(org, snapshot, &unknown, choice);
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let (unknown_count, excluded_count) = (count(unknown.len()), count(excluded.len()));
    let excluded = excluded_recommendations(org, snapshot.account, excluded, snapshot.taken_at);
    let summary = SavingsSummary {
        capped_by_spend: capped.lowered,
        not_capped_because: capped.skipped,
        unknown_count,
        excluded_count,
        ..summarize(&list)
    };
    Advice { recommendations: list, excluded, summary, doubt }
}

/// Purchases come last: what is left for them depends on all that is chosen before.
fn left_to_buy(
    purchases: Vec<Finding>,
    findings: &[Finding],
    standings: &[Standing],
    snapshot: &Snapshot,
    thresholds: &Thresholds,
) -> Vec<Finding> {
    let today = snapshot.today();
    let spent = |services: &'static [&'static str]| snapshot.costs.as_ref()?.last_month_of(services, today);
    let floor = MicroUsd::from_usd(i64::from(thresholds.min_monthly_savings_usd));
    let left = commitment_advice::reduce(purchases, findings, standings, spent).into_iter();
    left.filter_map(|purchase| rules::resize_purchase(purchase, &snapshot.billing.purchases))
        .filter(|purchase| purchase.monthly_savings >= floor)
        .collect()
}

/// What counts first, then what saves most; the id makes the order complete.
fn rank(a: &Recommendation, b: &Recommendation) -> std::cmp::Ordering {
    let key = |r: &Recommendation| {
        (r.counted_monthly_savings, r.savings_basis != SavingsBasis::Exposure, r.estimated_monthly_savings)
    };
    key(b).cmp(&key(a)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
}

fn count_of(list: &[Recommendation], what: impl Fn(&Recommendation) -> bool) -> u64 {
    u64::try_from(list.iter().filter(|r| what(r)).count()).unwrap_or(u64::MAX)
}

/// Totals of a list of recommendations.
#[must_use]
pub fn summarize(list: &[Recommendation]) -> SavingsSummary {
    let mut by_service: BTreeMap<Service, ServiceSavings> = BTreeMap::new();
    for recommendation in list {
        let row = by_service.entry(recommendation.service).or_insert_with(|| ServiceSavings {
            service: recommendation.service,
            recommendation_count: 0,
            estimated_monthly_savings: MicroUsd::ZERO,
        });
        row.recommendation_count += 1;
        row.estimated_monthly_savings += recommendation.counted_monthly_savings;
    }
    let mut by_service: Vec<ServiceSavings> = by_service.into_values().collect();
    by_service.sort_by_key(|row| std::cmp::Reverse(row.estimated_monthly_savings));
    SavingsSummary {
        currency_code: "USD".to_owned(),
        recommendation_count: count_of(list, |_| true),
        estimated_monthly_savings: list.iter().map(|r| r.counted_monthly_savings).sum(),
        estimated_monthly_savings_at_list_price: list
            .iter()
            .map(|r| r.counted_monthly_savings_at_list_price)
            .sum(),
        by_service,
        capped_by_spend: false,
        not_capped_because: None,
        at_list_price_count: count_of(list, |r| r.estimated_monthly_savings_after_discounts.is_none()),
        unknown_count: 0,
        excluded_count: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switched(switches: &[(&str, bool)]) -> RuleChoice {
        let switches = switches.iter().map(|(rule, on)| ((*rule).to_owned(), *on)).collect();
        RuleChoice { switches, ..RuleChoice::default() }
    }

    fn runs(choice: &RuleChoice) -> BTreeSet<&'static str> {
        let asked = asked_rules(choice);
        RULES
            .iter()
            .map(|rule| rule.meta)
            .filter(|meta| is_asked_for(meta, &asked))
            .map(|meta| meta.id)
            .collect()
    }

    #[test]
    fn a_switch_takes_out_its_rule_alone() {
        let (all, without) = (runs(&switched(&[])), runs(&switched(&[("ec2-instance-idle", false)])));
        assert_eq!(all.difference(&without).copied().collect::<Vec<_>>(), ["ec2-instance-idle"]);
        assert!(without.is_subset(&all));
    }

    #[test]
    fn where_all_are_switched_off_none_runs() {
        let off: Vec<(&str, bool)> = RULES.iter().map(|rule| (rule.meta.id, false)).collect();
        assert_eq!(runs(&switched(&off)), BTreeSet::new());
    }

    #[test]
    fn a_rule_that_is_named_runs_whatever_the_switches_say() {
        let choice = RuleChoice {
            only: vec!["ec2-instance-idle".into()],
            ..switched(&[("ec2-instance-idle", false)])
        };
        assert_eq!(runs(&choice), BTreeSet::from(["ec2-instance-idle"]));
    }

    /// Of a rule that looks at many kinds, the list of the finding's own kind tells whether it is gone.
    #[test]
    fn what_was_not_listed_is_in_doubt_whatever_its_kind() {
        let region: Region = "eu-west-1".parse().unwrap();
        let account = "123456789012".parse().unwrap();
        let mut snapshot = Snapshot::new(account, "2026-07-01T12:00:00Z".parse().unwrap());
        snapshot.coverage.add(ResourceKind::Instance, region.clone());
        let doubt = Doubt::new(OrgKey::generate(), &snapshot, &[], &RuleChoice::default());
        let id = RecommendationId::generate();
        let in_doubt = |rule, kind| doubt.covers(id, rule, Some(kind), &region);
        assert!(!in_doubt("resource-untagged", ResourceKind::Instance));
        assert!(in_doubt("resource-untagged", ResourceKind::Volume));
        assert!(in_doubt("ebs-volume-unattached", ResourceKind::Volume));
    }
}
