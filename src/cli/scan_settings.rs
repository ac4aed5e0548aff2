//! `tuner account scan-settings`: when an account is scanned by itself, and what that may cost in a month.

use super::{
    CliError,
    operator::{Organization, audited},
    report::write_json,
};
use crate::{
    app::App,
    domain::{ids::AccountId, money::MicroUsd},
    service::scan_settings::{ScanSettings, Wish, get_settings, put_settings},
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show them
    Show {
        /// 12 digits
        account: AccountId,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Set them; what is left out is off
    Set(Set),
}

#[derive(Debug, Args)]
pub struct Set {
    /// 12 digits
    account: AccountId,
    /// Minute, hour, day of month, month, day of week: '30 2 * * *'; at most once an hour
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "cron")]
    time_zone: String,
    /// US dollars in a month for calls that AWS charges for; once they are spent those calls are left out
    #[arg(long, value_name = "AMOUNT")]
    monthly_budget: Option<MicroUsd>,
    #[command(flatten)]
    organization: Organization,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

pub async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Show { account, format, organization } => {
            let cx = organization.enter(app).await?;
            let settings = get_settings(app, &cx, account).await.map_err(|error| CliError::caused(&error))?;
            show(&settings, format)
        }
        Command::Set(Set { account, cron, time_zone, monthly_budget, organization }) => {
            let cx = organization.enter(app).await?;
            let wish = Wish { plan: cron.map(|cron| (cron, time_zone)), monthly_budget };
            let put = put_settings(app, &cx, account, wish);
            let set = audited(app, &cx, "put_scan_settings", Some(&account.to_string()), put).await?;
            show(&set, Format::Table)
        }
    }
}

fn show(settings: &ScanSettings, format: Format) -> Result<(), CliError> {
    let (set, left) = (&settings.set, settings.left());
    if let Format::Json = format {
        let plan = set.plan.as_ref().map(|(cron, zone)| json!({"cron": cron, "timeZone": zone}));
        let all = json!({
            "plan": plan, "nextScanAt": set.next_at, "monthlyBudget": set.monthly_budget,
            "spentThisMonth": settings.spent, "leftThisMonth": left, "currencyCode": "USD",
        });
        return Ok(write_json(&all, &mut io::stdout().lock())?);
    }
    match &set.plan {
        Some((cron, zone)) => say!("Scanned by itself: {cron} ({zone})"),
        None => say!("Scanned by itself: never"),
    }
    if let Some(next) = set.next_at {
        say!("Next scan:         {next}");
    }
    say!("Spent this month:  {} USD for calls that AWS charges for", settings.spent.to_cents());
    match left {
        Some(left) => say!("Left this month:   {} USD", left.to_cents()),
        None => say!("Left this month:   no limit"),
    }
    Ok(())
}
