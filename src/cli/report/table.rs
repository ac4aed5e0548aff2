//! Tables for a terminal: what saves most first, then the totals and what could not be seen.

use crate::{
    domain::{
        discount::Ratio,
        finding::SavingsBasis,
        money::MicroUsd,
        recommendation::Recommendation,
        scan::{ApiUsage, Gap, GapReason},
    },
    service::{advice::SavingsSummary, report::ScanReport},
};
use comfy_table::{Attribute, Cell, CellAlignment, ContentArrangement, Table, presets};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Rows beyond this are counted, not shown: `--format json` has them all.
const MAX_ROWS: usize = 50;

pub fn write_report(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let scan = &report.scan;
    let regions: Vec<&str> = scan.regions.iter().map(crate::domain::region::Region::as_str).collect();
    writeln!(
        out,
        "Account {} · {} · {} regions: {}",
        scan.account_id,
        scan.status,
        regions.len(),
        shorten(&regions)
    )?;
    writeln!(out)?;
    write_list(&report.recommendations, out)?;
    write_summary(&report.summary, out)?;
    write_gaps(&report.gaps, out)?;
    write_usage(&report.api_usage, out)
}

fn shorten(regions: &[&str]) -> String {
    match regions {
        [a, b, c, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, {c} and {} more", rest.len()),
        all => all.join(", "),
    }
}

pub fn write_list(list: &[Recommendation], out: &mut dyn Write) -> io::Result<()> {
    if list.is_empty() {
        return writeln!(out, "Nothing to save was found.");
    }
    let mut table = plain_table(&[
        "USD/month",
        "At list",
        "Because",
        "Action",
        "Resource",
        "Account",
        "Region",
        "What",
        "Effort",
        "Risk",
    ]);
    for recommendation in list.iter().take(MAX_ROWS) {
        table.add_row(row(recommendation));
    }
    for column in [0, 1] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{table}")?;
    if list.len() > MAX_ROWS {
        writeln!(out, "… and {} more; --format json or csv has them all.", list.len() - MAX_ROWS)?;
    }
    Ok(())
}

/// An alternative is marked `(or)`, an exposure with `?`: neither is in the totals.
fn row(r: &Recommendation) -> Vec<Cell> {
    let amount = match (r.savings_basis, r.is_best_for_resource) {
        (SavingsBasis::Exposure, _) => format!("{}?", worth(r).to_cents()),
        (_, false) => format!("(or {})", worth(r).to_cents()),
        (_, true) => r.counted_monthly_savings.to_cents(),
    };
    let resource = match &r.resource_name {
        Some(name) if *name != r.resource_id => format!("{} ({})", plain(name), plain(&r.resource_id)),
        _ => plain(&r.resource_id),
    };
    [
        amount,
        r.estimated_monthly_savings.to_cents(),
        because(r),
        r.action_type.to_string(),
        resource,
        r.account_id.to_string(),
        r.region.to_string(),
        plain(&r.title),
        r.implementation_effort.to_string(),
        r.risk.to_string(),
    ]
    .into_iter()
    .map(Cell::new)
    .collect()
}

/// After discounts where they are known.
fn worth(r: &Recommendation) -> MicroUsd {
    r.estimated_monthly_savings_after_discounts.unwrap_or(r.estimated_monthly_savings)
}

/// Why the first amount is not the list price: `0.94 of list, 75 % uncovered`; `list price` where nothing is known.
fn because(r: &Recommendation) -> String {
    let Some(after) = r.after_discounts.as_ref() else { return "list price".to_owned() };
    let (Some(ratio), Some(on_demand)) = (after.ratio, after.on_demand_share) else {
        return "list price".to_owned();
    };
    let discount = (ratio != Ratio::ONE).then(|| format!("{ratio} of list"));
    let counts = on_demand.plus(after.absorbed_share.unwrap_or(Ratio::ZERO));
    let coverage = (counts != Ratio::ONE).then(|| format!("{} % uncovered", counts.percent()));
    discount.into_iter().chain(coverage).collect::<Vec<_>>().join(", ")
}

fn write_summary(summary: &SavingsSummary, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let mut table = plain_table(&["Service", "Recommendations", "USD/month"]);
    for service in &summary.by_service {
        table.add_row([
            service.service.to_string(),
            service.recommendation_count.to_string(),
            service.estimated_monthly_savings.to_cents(),
        ]);
    }
    table.add_row([
        Cell::new("Total, each resource once").add_attribute(Attribute::Bold),
        Cell::new(summary.recommendation_count),
        Cell::new(summary.estimated_monthly_savings.to_cents()).add_attribute(Attribute::Bold),
    ]);
    for column in [1, 2] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    writeln!(out, "{table}")?;
    if summary.estimated_monthly_savings != summary.estimated_monthly_savings_at_list_price {
        let listed = summary.estimated_monthly_savings_at_list_price.to_cents();
        writeln!(out, "After discounts and commitments; at list price {listed} USD a month.")?;
    }
    if summary.capped_by_spend {
        writeln!(out, "Some savings were lowered to what their service really cost in the last 30 days.")?;
    }
    if let Some(reason) = &summary.not_capped_because {
        writeln!(out, "Savings were not held against the services' real cost: {}.", plain(reason))?;
    }
    if summary.at_list_price_count > 0 {
        let count = summary.at_list_price_count;
        writeln!(
            out,
            "{count} savings are at list price: cost data does not tell what discounts make of them."
        )?;
    }
    if summary.unknown_count > 0 {
        writeln!(out, "{} judgements lacked data and are neither waste nor fine.", summary.unknown_count)?;
    }
    Ok(())
}

/// Gaps by action and reason, so that one missing permission is one line.
fn write_gaps(gaps: &[Gap], out: &mut dyn Write) -> io::Result<()> {
    let mut grouped: BTreeMap<(&str, GapReason, &str), Vec<&str>> = BTreeMap::new();
    for gap in gaps {
        grouped.entry((&gap.action, gap.reason, &gap.code)).or_default().push(gap.region.as_str());
    }
    if grouped.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNot seen, so unknown rather than fine:")?;
    for ((action, reason, code), regions) in grouped {
        writeln!(out, "  {action}: {reason} ({}) in {}", plain(code), shorten(&regions))?;
    }
    Ok(())
}

fn write_usage(usage: &ApiUsage, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} AWS calls, {} throttled, about {} USD charged by AWS for them.",
        usage.total_calls, usage.throttled_calls, usage.estimated_cost
    )
}

/// A table in the house's one look, as wide as the terminal at most.
#[must_use]
pub fn plain_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    table
}

/// Free text without control characters: no terminal escape and no line break gets through.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn terminal_escapes_do_not_pass() {
        assert_eq!(plain("a\u{1b}[31mb\nc\u{9b}2J"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}2J");
    }
}
