//! Recommendations as CSV (RFC 4180), one row each.

use crate::{domain::recommendation::Recommendation, service::spreadsheet::write_csv};
use std::io::{self, Write};

const HEADER: [&str; 27] = [
    "recommendationId",
    "rule",
    "accountId",
    "region",
    "service",
    "resourceType",
    "resourceId",
    "resourceArn",
    "resourceName",
    "tags",
    "title",
    "actionType",
    "estimatedMonthlyCost",
    "estimatedMonthlySavings",
    "estimatedMonthlySavingsAfterDiscounts",
    "estimatedMonthlySavingsAfterExpiry",
    "afterDiscountsReason",
    "countedMonthlySavings",
    "countedMonthlySavingsAtListPrice",
    "currencyCode",
    "savingsBasis",
    "implementationEffort",
    "risk",
    "confidence",
    "status",
    "isBestForResource",
    "commands",
];

pub fn write_recommendations(list: &[Recommendation], out: &mut dyn Write) -> io::Result<()> {
    write_csv(out, HEADER, list.iter().map(row))
}

fn row(r: &Recommendation) -> [String; 27] {
    let tags: Vec<String> = r.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    [
        r.recommendation_id.to_string(),
        r.rule.clone(),
        r.account_id.to_string(),
        r.region.to_string(),
        r.service.to_string(),
        r.resource_type.to_string(),
        r.resource_id.clone(),
        r.resource_arn.clone(),
        r.resource_name.clone().unwrap_or_default(),
        tags.join(";"),
        r.title.clone(),
        r.action_type.to_string(),
        r.estimated_monthly_cost.to_string(),
        r.estimated_monthly_savings.to_string(),
        r.estimated_monthly_savings_after_discounts.map(|amount| amount.to_string()).unwrap_or_default(),
        after_expiry(r),
        r.after_discounts.as_ref().map(|after| after.reason.clone()).unwrap_or_default(),
        r.counted_monthly_savings.to_string(),
        r.counted_monthly_savings_at_list_price.to_string(),
        r.currency_code.clone(),
        r.savings_basis.to_string(),
        r.implementation_effort.to_string(),
        r.risk.to_string(),
        r.confidence.to_string(),
        r.status.to_string(),
        r.is_best_for_resource.to_string(),
        r.remediation.commands.join("\n"),
    ]
}

fn after_expiry(r: &Recommendation) -> String {
    let after = r.after_discounts.as_ref().and_then(|after| after.after_expiry);
    after.map(|amount| amount.to_string()).unwrap_or_default()
}
