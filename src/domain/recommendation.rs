//! A finding as it is kept and shown: with its place in the list, its state and its history.

use super::{
    billing::FindingSource,
    discount::AfterDiscounts,
    finding::{
        ActionType, Calculation, Effort, Evidence, Finding, Level, Remediation, SavingsBasis, text_enum,
    },
    ids::{AccountId, OrgKey, RecommendationId},
    inventory::{ResourceKind, Service, arn_of, uuid_from_text},
    money::MicroUsd,
    price::PriceUsed,
    region::Region,
    rule_settings::Excluded,
    tags::Tags,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

text_enum! {
    RecommendationStatus {
        Active = "ACTIVE",
        Snoozed = "SNOOZED",
        Dismissed = "DISMISSED",
        Implemented = "IMPLEMENTED",
        /// It disappeared by itself.
        Resolved = "RESOLVED",
        /// Its data could not be collected: kept, not confirmed.
        Stale = "STALE",
        /// The organisation's settings leave it out; in no total.
        Excluded = "EXCLUDED",
    }
}

impl RecommendationStatus {
    /// States that a person chose: a re-scan leaves them alone.
    #[must_use]
    pub const fn decided(self) -> bool {
        matches!(self, Self::Snoozed | Self::Dismissed | Self::Implemented)
    }
}

/// Field names follow AWS Cost Optimization Hub where it has the field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recommendation {
    #[schema(value_type = String, format = "uuid")]
    pub recommendation_id: RecommendationId,
    /// Of rule, account, region, kind and resource: decisions survive re-scans by it.
    pub fingerprint: String,
    pub rule: String,
    #[schema(value_type = String, example = "123456789012")]
    pub account_id: AccountId,
    #[schema(value_type = String, example = "eu-central-1")]
    pub region: Region,
    #[schema(value_type = String, example = "EBS")]
    pub service: Service,
    #[schema(value_type = String, example = "EbsVolume")]
    pub resource_type: ResourceKind,
    pub resource_id: String,
    pub resource_arn: String,
    pub resource_name: Option<String>,
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub tags: Tags,
    pub title: String,
    pub action_type: ActionType,
    #[schema(value_type = Object)]
    pub current_configuration: Value,
    #[schema(value_type = Object)]
    pub recommended_configuration: Value,
    #[schema(value_type = String, example = "12.34")]
    pub estimated_monthly_cost: MicroUsd,
    /// At list price.
    #[schema(value_type = String, example = "12.34")]
    pub estimated_monthly_savings: MicroUsd,
    /// Worth from the first day on, after private discounts and commitments. None where cost data does not tell:
    /// then the saving at list price counts.
    #[schema(value_type = Option<String>, example = "9.25")]
    pub estimated_monthly_savings_after_discounts: Option<MicroUsd>,
    /// How it comes about, what it is worth once commitments have ended, and why.
    #[serde(default)]
    #[schema(required = true)]
    pub after_discounts: Option<AfterDiscounts>,
    /// What this one adds to the totals: nothing where another choice for the resource is better.
    #[schema(value_type = String, example = "12.34")]
    pub counted_monthly_savings: MicroUsd,
    /// The same without discounts.
    #[serde(default)]
    #[schema(required = true, value_type = String, example = "14.10")]
    pub counted_monthly_savings_at_list_price: MicroUsd,
    pub estimated_savings_percentage: i64,
    pub currency_code: String,
    /// Who found it; none in what older scans kept.
    #[serde(default)]
    #[schema(required = true)]
    pub sources: Vec<FindingSource>,
    pub savings_basis: SavingsBasis,
    pub implementation_effort: Effort,
    pub risk: Level,
    pub restart_needed: bool,
    pub rollback_possible: bool,
    pub confidence: Level,
    pub lookback_period_in_days: Option<u32>,
    pub evidence: Vec<Evidence>,
    /// How the amounts at list price come about.
    #[serde(default)]
    #[schema(required = true)]
    pub calculation: Calculation,
    pub prices: Vec<PriceUsed>,
    pub remediation: Remediation,
    pub status: RecommendationStatus,
    /// Why the settings leave it out, where they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Excluded>,
    #[schema(value_type = String, format = "date-time")]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = "date-time")]
    pub last_seen: Timestamp,
    pub is_best_for_resource: bool,
    /// The better choice for the same resource.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub alternative_to: Option<RecommendationId>,
}

/// How a finding stands among the others (`selection.rs`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub selected: bool,
    /// What it adds to the totals: after discounts, where they are known.
    pub counted: MicroUsd,
    /// What it adds to them at list price.
    pub listed: MicroUsd,
    /// Position of the better choice in the list of findings.
    pub alternative_to: Option<usize>,
}

#[must_use]
pub fn fingerprint(finding: &Finding, account: AccountId) -> String {
    let subject = &finding.subject;
    fingerprint_of(finding.rule, account, &subject.region, subject.kind, &subject.id)
}

/// 32 hex digits of the SHA-256 of what makes a finding itself; a NUL keeps the fields apart.
#[must_use]
pub fn fingerprint_of(
    rule: &str,
    account: AccountId,
    region: &Region,
    kind: ResourceKind,
    id: &str,
) -> String {
    let mut hash = Sha256::new();
    for field in [rule, &account.to_string(), region.as_str(), kind.as_str(), id] {
        hash.update(field.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize()).chars().take(32).collect()
}

/// The same finding of the same organisation always has the same id.
#[must_use]
pub fn recommendation_id(org: OrgKey, fingerprint: &str) -> RecommendationId {
    RecommendationId::from_uuid(uuid_from_text(&[&org.to_string(), fingerprint]))
}

/// Turns the findings of one scan into new recommendations, in the order of the findings.
#[must_use]
pub fn recommendations(
    org: OrgKey,
    account: AccountId,
    findings: Vec<Finding>,
    standings: &[Standing],
    now: Timestamp,
) -> Vec<Recommendation> {
    let prints: Vec<String> = findings.iter().map(|finding| fingerprint(finding, account)).collect();
    let id_at = |at: usize| prints.get(at).map(|print| recommendation_id(org, print));
    findings
        .into_iter()
        .zip(standings)
        .zip(&prints)
        .map(|((finding, standing), print)| Recommendation {
            recommendation_id: recommendation_id(org, print),
            fingerprint: print.clone(),
            is_best_for_resource: standing.selected,
            counted_monthly_savings: standing.counted,
            counted_monthly_savings_at_list_price: standing.listed,
            alternative_to: standing.alternative_to.and_then(id_at),
            ..new_recommendation(finding, account, now)
        })
        .collect()
}

/// What the settings leave out, as recommendations that count for nothing.
#[must_use]
pub fn excluded_recommendations(
    org: OrgKey,
    account: AccountId,
    findings: Vec<(Finding, Excluded)>,
    now: Timestamp,
) -> Vec<Recommendation> {
    let (findings, notes): (Vec<Finding>, Vec<Excluded>) = findings.into_iter().unzip();
    let standings = vec![Standing::default(); findings.len()];
    let all = recommendations(org, account, findings, &standings, now).into_iter().zip(notes);
    let excluded =
        |(r, note)| Recommendation { status: RecommendationStatus::Excluded, excluded: Some(note), ..r };
    all.map(excluded).collect()
}

/// All that the finding itself says; identity and standing are set by the caller.
fn new_recommendation(finding: Finding, account: AccountId, now: Timestamp) -> Recommendation {
    let subject = finding.subject;
    Recommendation {
        recommendation_id: RecommendationId::from_uuid(uuid::Uuid::nil()),
        fingerprint: String::new(),
        rule: finding.rule.to_owned(),
        account_id: account,
        service: subject.kind.service(),
        resource_type: subject.kind,
        resource_arn: arn_of(subject.kind, account, &subject.region, &subject.id),
        region: subject.region,
        resource_id: subject.id.into(),
        resource_name: subject.name.map(Into::into),
        tags: subject.tags,
        title: finding.title,
        action_type: finding.action_type,
        current_configuration: finding.current,
        recommended_configuration: finding.recommended,
        estimated_savings_percentage: finding.monthly_savings.percent_of(finding.monthly_cost),
        estimated_monthly_cost: finding.monthly_cost,
        estimated_monthly_savings: finding.monthly_savings,
        estimated_monthly_savings_after_discounts: finding
            .after_discounts
            .as_ref()
            .and_then(|after| after.now),
        after_discounts: finding.after_discounts,
        counted_monthly_savings: MicroUsd::ZERO,
        counted_monthly_savings_at_list_price: MicroUsd::ZERO,
        currency_code: "USD".to_owned(),
        sources: finding.sources,
        savings_basis: finding.basis,
        implementation_effort: finding.effort,
        risk: finding.risk,
        restart_needed: finding.restart_needed,
        rollback_possible: finding.rollback_possible,
        confidence: finding.confidence,
        lookback_period_in_days: finding.look_back_days,
        evidence: finding.evidence,
        calculation: finding.calculation,
        prices: finding.prices,
        remediation: finding.remediation,
        status: RecommendationStatus::Active,
        excluded: None,
        first_seen: now,
        last_seen: now,
        is_best_for_resource: false,
        alternative_to: None,
    }
}
