//! Recommendations as CSV (RFC 4180), one row each.

use crate::{domain::recommendation::Recommendation, service::spreadsheet::write_csv};
use std::io::{self, Write};

const HEADER: [&str; 24] = [
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
    "countedMonthlySavings",
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

fn row(r: &Recommendation) -> [String; 24] {
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
        r.counted_monthly_savings.to_string(),
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
