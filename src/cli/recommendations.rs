//! `tuner recommendations`: the kept list, one recommendation with all that it rests on, and what is decided about it.

use super::{
    CliError, Context, Exit, decisions,
    operator::{Organization, open},
    report::{Format, plain, plain_table, write_json, write_list},
};
use crate::{
    domain::{
        discount::AfterDiscounts,
        finding::Evidence,
        ids::{AccountId, RecommendationId},
        inventory::Service,
        money::MicroUsd,
        recommendation::{Recommendation, RecommendationStatus},
        region::Region,
    },
    rules::find_rule,
    service::{
        decisions::{self as decisions_service, KeptEvent},
        recommendations::{self as service, RecommendationFilter, RecommendationSort},
    },
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::{self, Write};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List recommendations, best savings first
    List(List),
    /// Show one recommendation: evidence, prices, fix and rollback
    Show {
        id: RecommendationId,
        #[arg(long, value_enum, default_value = "table")]
        format: ShowFormat,
        #[command(flatten)]
        organization: Organization,
    },
    /// Show what became of one since it was first seen: what scans found, who decided what
    History {
        id: RecommendationId,
        #[arg(long, value_enum, default_value = "table")]
        format: ShowFormat,
        #[command(flatten)]
        organization: Organization,
    },
    #[command(flatten)]
    Decide(decisions::Command),
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ShowFormat {
    Table,
    Json,
}

#[derive(Debug, Args)]
pub struct List {
    #[arg(long)]
    account: Option<AccountId>,
    #[arg(long)]
    region: Option<Region>,
    #[arg(long, value_parser = parse_service)]
    service: Option<Service>,
    #[arg(long)]
    rule: Option<String>,
    /// ACTIVE, SNOOZED, DISMISSED, IMPLEMENTED, RESOLVED, STALE or EXCLUDED
    #[arg(long, default_value = "ACTIVE", value_parser = parse_status)]
    status: RecommendationStatus,
    /// In US dollars a month
    #[arg(long, value_name = "AMOUNT")]
    min_savings: Option<MicroUsd>,
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    organization: Organization,
}

pub fn parse_service(text: &str) -> Result<Service, String> {
    text.parse().map_err(|()| {
        format!("one of {}", Service::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub fn parse_status(text: &str) -> Result<RecommendationStatus, String> {
    text.to_ascii_uppercase().parse().map_err(|()| {
        format!(
            "one of {}",
            RecommendationStatus::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", ")
        )
    })
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    let app = open(context).await?;
    match command {
        Command::Decide(command) => {
            let done = Box::pin(decisions::run(&app, command)).await;
            app.stop().await;
            return done;
        }
        Command::List(list) => {
            if let Some(rule) = &list.rule {
                super::rules::known(rule)?;
            }
            let cx = list.organization.enter(&app).await?;
            let filter = RecommendationFilter {
                account: list.account,
                status: Some(list.status),
                service: list.service,
                rule: list.rule,
                region: list.region,
                tag: None,
                min_savings: list.min_savings,
            };
            let rows = service::list(&app, &cx, &filter, RecommendationSort::Savings, None, list.limit).await;
            let rows: Vec<Recommendation> =
                rows.map_err(CliError::new)?.into_iter().map(|kept| kept.recommendation).collect();
            write_list(&rows, list.format, &mut io::stdout().lock())?;
        }
        Command::History { id, format, organization } => {
            let cx = organization.enter(&app).await?;
            let steps =
                decisions_service::history(&app, &cx, id, None, STEPS).await.map_err(CliError::new)?;
            write_history(&steps, format, &mut io::stdout().lock())?;
        }
        Command::Show { id, format, organization } => {
            let cx = organization.enter(&app).await?;
            let kept = service::get(&app, &cx, id).await.map_err(CliError::new)?;
            let mut out = io::stdout().lock();
            match format {
                ShowFormat::Json => write_json(&kept.recommendation, &mut out)?,
                ShowFormat::Table => show(&kept.recommendation, &mut out)?,
            }
        }
    }
    Ok(Exit::Fine)
}

/// More steps than anybody reads.
const STEPS: u32 = 500;

fn write_history(steps: &[KeptEvent], format: ShowFormat, out: &mut dyn Write) -> io::Result<()> {
    if matches!(format, ShowFormat::Json) {
        let as_json = |step: &KeptEvent| {
            json!({
                "eventId": step.id, "at": step.at, "event": step.event, "statusBefore": step.before,
                "statusAfter": step.after, "userId": step.actor, "userName": step.actor_name,
                "note": step.note, "until": step.until,
            })
        };
        return write_json(&steps.iter().map(as_json).collect::<Vec<_>>(), out);
    }
    let mut table = plain_table(&["At", "What", "From", "To", "Who", "Until", "Note"]);
    for step in steps {
        let who = match (&step.actor_name, step.actor) {
            (Some(name), _) => plain(name),
            (None, Some(user)) if user.uuid().is_nil() => "operator".to_owned(),
            (None, Some(user)) => user.to_string(),
            (None, None) => "a scan, or time".to_owned(),
        };
        table.add_row([
            step.at.to_string(),
            step.event.to_string(),
            step.before.to_string(),
            step.after.to_string(),
            who,
            step.until.map(|until| until.to_string()).unwrap_or_default(),
            step.note.as_deref().map(plain).unwrap_or_default(),
        ]);
    }
    writeln!(out, "{table}")
}

fn show(r: &Recommendation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}\n  {} in account {}, {}\n",
        plain(&r.title),
        plain(&r.resource_arn),
        r.account_id,
        r.status
    )?;
    writeln!(
        out,
        "Saves       {} USD of {} a month ({}), confidence {}",
        r.estimated_monthly_savings, r.estimated_monthly_cost, r.savings_basis, r.confidence
    )?;
    writeln!(out, "Counted     {} USD in the totals", r.counted_monthly_savings)?;
    if let Some(excluded) = &r.excluded {
        writeln!(out, "Left out    by the rule settings: {}", plain(&excluded.reason))?;
    }
    if let Some(better) = r.alternative_to {
        writeln!(out, "Better      {better} is the better choice for this resource")?;
    }
    writeln!(
        out,
        "Effort      {} · risk {} · {}restart · rollback {}",
        r.implementation_effort,
        r.risk,
        if r.restart_needed { "" } else { "no " },
        if r.rollback_possible { "possible" } else { "not possible" }
    )?;
    writeln!(out, "Seen        first {}, last {}", r.first_seen, r.last_seen)?;
    writeln!(out, "\nNow         {}\nThen        {}", r.current_configuration, r.recommended_configuration)?;
    writeln!(out, "\nEvidence")?;
    for evidence in &r.evidence {
        writeln!(out, "  {}", plain(&line_of(evidence)))?;
    }
    show_arithmetic(r, out)?;
    writeln!(out, "\nPrices")?;
    for price in &r.prices {
        let unit = serde_json::to_value(price.unit).unwrap_or_default();
        let source = serde_json::to_value(price.source).unwrap_or_default();
        writeln!(
            out,
            "  {} {} USD per {} ({}, {})",
            price.key,
            price.price_per_unit,
            unit.as_str().unwrap_or_default(),
            source.as_str().unwrap_or_default(),
            price.as_of
        )?;
    }
    for (title, lines) in [
        ("Fix", &r.remediation.commands),
        ("Way back", &r.remediation.rollback_commands),
        ("Note", &r.remediation.notes),
    ] {
        if !lines.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for line in lines {
            writeln!(out, "  {}", plain(line))?;
        }
    }
    writeln!(out, "\nWhy         tuner rules explain {}", r.rule)
}

/// All that is needed to compute the amounts again by hand; the prices follow with their sources.
fn show_arithmetic(r: &Recommendation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nArithmetic (US dollars a month, the first two lines at list price)")?;
    writeln!(out, "  cost    {} = {}", r.calculation.monthly_cost, r.estimated_monthly_cost)?;
    writeln!(out, "  saving  {} = {}", r.calculation.monthly_savings, r.estimated_monthly_savings)?;
    if let Some(rule) = find_rule(&r.rule) {
        writeln!(out, "  formula {}", rule.meta.formula)?;
    }
    r.after_discounts.as_ref().map_or(Ok(()), |after| show_discounts(after, out))
}

/// List price times what the bill is of it, times the shares of the hours that save something now.
fn show_discounts(after: &AfterDiscounts, out: &mut dyn Write) -> io::Result<()> {
    if let (Some(now), Some(later)) = (after.now, after.after_expiry) {
        writeln!(out, "  now     {} = {now} after discounts", after.calculation)?;
        writeln!(out, "  later   {later} once the commitments that cover it have ended")?;
    }
    writeln!(out, "  because {}", plain(&after.reason))?;
    if !after.usage_types.is_empty() {
        writeln!(out, "  billed  as {}", plain(&after.usage_types.join(", ")))?;
    }
    Ok(())
}

fn line_of(evidence: &Evidence) -> String {
    let mut line = evidence.fact.clone();
    if let Some(statistic) = &evidence.statistic {
        line = format!("{line} ({statistic})");
    }
    line = format!("{line}: {}", evidence.observed);
    if let Some(threshold) = &evidence.threshold {
        line = format!("{line}; threshold {threshold}");
    }
    if let (Some(days), Some(found), Some(expected)) =
        (evidence.window_days, evidence.datapoints_found, evidence.datapoints_expected)
    {
        line = format!("{line}; {days} days, {found} of {expected} datapoints");
    }
    line
}
