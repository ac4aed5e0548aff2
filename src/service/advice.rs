//! From a snapshot to one ranked list of recommendations with its totals. Pure: no database, no AWS.

use crate::{
    domain::{
        finding::{SavingsBasis, Unknown},
        ids::{OrgKey, RecommendationId},
        inventory::Service,
        money::MicroUsd,
        recommendation::{Recommendation, fingerprint_of, recommendation_id, recommendations},
        region::Region,
        selection,
        snapshot::{Coverage, Snapshot},
        thresholds::Thresholds,
    },
    rules::{self, RULES, is_asked_for},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What one scan advises.
#[derive(Clone, Debug)]
pub struct Advice {
    /// Best savings first.
    pub recommendations: Vec<Recommendation>,
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
    /// One best choice a resource, capped by what was really spent where that is known.
    #[schema(value_type = String, example = "1234.56")]
    pub estimated_monthly_savings: MicroUsd,
    pub by_service: Vec<ServiceSavings>,
    /// Some saving was lowered because its service cost less.
    pub capped_by_spend: bool,
    /// Judgements that lacked data: neither waste nor fine.
    pub unknown_count: u64,
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
}

impl Doubt {
    fn new(org: OrgKey, snapshot: &Snapshot, unknown: &[Unknown], only: &[String]) -> Self {
        let id = |u: &Unknown| {
            let print = fingerprint_of(u.rule, snapshot.account, &u.region, u.kind, &u.resource_id);
            recommendation_id(org, &print)
        };
        Self {
            unknown: unknown.iter().map(id).collect(),
            coverage: snapshot.coverage.clone(),
            rules_run: RULES
                .iter()
                .map(|rule| rule.meta)
                .filter(|m| is_asked_for(m, only))
                .map(|m| m.id)
                .collect(),
        }
    }

    /// Whether it means nothing that an earlier recommendation was not found again.
    #[must_use]
    pub fn covers(&self, id: RecommendationId, rule: &str, region: &Region) -> bool {
        let Some(rule) = rules::find_rule(rule) else { return false };
        !self.rules_run.contains(rule.meta.id)
            || self.unknown.contains(&id)
            || !self.coverage.complete(rule.meta.kind, region)
    }
}

/// Judges a snapshot by some rules (all where none are named).
#[must_use]
pub fn advise(org: OrgKey, snapshot: &Snapshot, thresholds: &Thresholds, only: &[String]) -> Advice {
    let verdicts = rules::check(snapshot, thresholds, only);
    let findings = verdicts.findings;
    let mut standings = selection::count(&findings, selection::select(&findings));
    let today = snapshot.taken_at.to_zoned(TimeZone::UTC).date();
    let capped_by_spend = snapshot
        .costs
        .as_ref()
        .is_some_and(|costs| selection::cap_by_spend(&findings, &mut standings, costs, today));
    let mut list = recommendations(org, snapshot.account, findings, &standings, snapshot.taken_at);
    list.sort_by(rank);
    let doubt = Doubt::new(org, snapshot, &verdicts.unknown, only);
    let unknown_count = u64::try_from(verdicts.unknown.len()).unwrap_or(u64::MAX);
    let summary = SavingsSummary { capped_by_spend, unknown_count, ..summarize(&list) };
    Advice { recommendations: list, summary, doubt }
}

/// What counts first, then what saves most; the id makes the order complete.
fn rank(a: &Recommendation, b: &Recommendation) -> std::cmp::Ordering {
    let key = |r: &Recommendation| {
        (r.counted_monthly_savings, r.savings_basis != SavingsBasis::Exposure, r.estimated_monthly_savings)
    };
    key(b).cmp(&key(a)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
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
        recommendation_count: u64::try_from(list.len()).unwrap_or(u64::MAX),
        estimated_monthly_savings: list.iter().map(|r| r.counted_monthly_savings).sum(),
        by_service,
        capped_by_spend: false,
        unknown_count: 0,
    }
}
