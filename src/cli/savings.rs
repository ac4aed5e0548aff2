//! `tuner savings`: what is possible, what was promised and what came of it.

use super::{
    CliError, Context, Exit,
    operator::{Organization, with_app},
    report::{Format, plain, plain_table, write_json},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, UserId},
        ledger::SavingState,
        money::MicroUsd,
    },
    http::api::{ledger::RealisedSums, ledger_entries::EntryView, ledger_history::HistoryRow},
    service::{
        ledger::{self, EntryFilter, Grouping, Question},
        savings,
        spreadsheet::write_csv,
    },
};
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What is open now, by service
    Summary {
        #[arg(long)]
        account: Option<AccountId>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// What was promised and what came, by day, month, account or user
    Realised {
        #[command(flatten)]
        days: Days,
        #[arg(long, value_enum, default_value = "month")]
        by: By,
        /// Only what this user implemented
        #[arg(long, value_name = "ID")]
        user: Option<UserId>,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Each implemented recommendation: its promise, and what scans found since
    Entries {
        #[arg(long)]
        account: Option<AccountId>,
        /// pending, realised, partly, slippedBack or unverifiable
        #[arg(long, value_parser = parse_verification)]
        verification: Option<SavingState>,
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Possible and realised savings, spend and efficiency, day by day
    History {
        #[command(flatten)]
        days: Days,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
}

#[derive(Debug, Args)]
pub struct Days {
    /// First day (UTC), as 2026-11-01; 30 days before the last one by default
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// Last day (UTC); today by default
    #[arg(long, value_name = "DAY")]
    to: Option<Date>,
    #[arg(long)]
    account: Option<AccountId>,
}

impl Days {
    const fn question(&self, implemented_by: Option<UserId>) -> Question {
        Question { from: self.from, to: self.to, account: self.account, implemented_by }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum By {
    Day,
    Month,
    Account,
    User,
}

impl From<By> for Grouping {
    fn from(by: By) -> Self {
        match by {
            By::Day => Self::Day,
            By::Month => Self::Month,
            By::Account => Self::Account,
            By::User => Self::User,
        }
    }
}

fn parse_verification(text: &str) -> Result<SavingState, String> {
    let names = || SavingState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
    text.parse().map_err(|()| format!("one of {}", names()))
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| answer(app, command).await).await?;
    Ok(Exit::Fine)
}

async fn answer(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Summary { account, format, organization } => {
            let cx = organization.enter(app).await?;
            let found = savings::summarize(app, &cx, account).await.map_err(|e| CliError::caused(&e))?;
            write_summary(&found, format)
        }
        Command::Realised { days, by, user, format, organization } => {
            let cx = organization.enter(app).await?;
            let report = ledger::sum_realised(app, &cx, &days.question(user), by.into()).await;
            let sums = RealisedSums::from(report.map_err(|e| CliError::caused(&e))?);
            write(
                &Shown { json: serde_json::to_value(&sums), header: RealisedSums::HEADER, rows: sums.rows() },
                format,
            )
        }
        Command::Entries { account, verification, limit, format, organization } => {
            let cx = organization.enter(app).await?;
            let filter = EntryFilter { account, verification, ..EntryFilter::default() };
            let found = ledger::list_entries(app, &cx, &filter, None, limit).await;
            let views: Vec<EntryView> =
                found.map_err(|e| CliError::caused(&e))?.into_iter().map(EntryView::from).collect();
            let json = serde_json::to_value(&views);
            let rows = views.into_iter().map(EntryView::cells).collect();
            write(&Shown { json, header: EntryView::HEADER, rows }, format)
        }
        Command::History { days, format, organization } => {
            let cx = organization.enter(app).await?;
            let found = ledger::history(app, &cx, &days.question(None)).await;
            let (_, _, days) = found.map_err(|e| CliError::caused(&e))?;
            let views: Vec<HistoryRow> = days.into_iter().map(HistoryRow::from).collect();
            let json = serde_json::to_value(&views);
            let rows = views.into_iter().map(HistoryRow::cells).collect();
            write(&Shown { json, header: HistoryRow::HEADER, rows }, format)
        }
    }
}

/// A field's name for people: `realisedMonthlySavings` is Realised monthly savings.
fn title(field: &str) -> String {
    let mut title = String::with_capacity(field.len() + 4);
    for letter in field.chars() {
        match (title.is_empty(), letter.is_uppercase()) {
            (true, _) => title.extend(letter.to_uppercase()),
            (false, true) => {
                title.push(' ');
                title.extend(letter.to_lowercase());
            }
            (false, false) => title.push(letter),
        }
    }
    title
}

/// The same in each format.
struct Shown<const N: usize> {
    json: serde_json::Result<serde_json::Value>,
    header: [&'static str; N],
    rows: Vec<[String; N]>,
}

fn write<const N: usize>(shown: &Shown<N>, format: Format) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => write_json(shown.json.as_ref().map_err(CliError::new)?, &mut out)?,
        Format::Csv => write_csv(&mut out, shown.header, shown.rows.iter().cloned())?,
        Format::Table => {
            let titles = shown.header.map(title);
            let mut table = plain_table(&titles.each_ref().map(String::as_str));
            for row in &shown.rows {
                table.add_row(row.iter().map(|cell| plain(cell)));
            }
            writeln!(out, "{table}")?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ServiceRow {
    service: String,
    recommendation_count: i64,
    estimated_monthly_savings: MicroUsd,
    estimated_monthly_savings_at_list_price: MicroUsd,
}

fn write_summary(found: &savings::SavingsSummary, format: Format) -> Result<(), CliError> {
    let mut rows: Vec<ServiceRow> = found
        .by_service
        .iter()
        .map(|(service, total)| ServiceRow {
            service: service.to_string(),
            recommendation_count: total.recommendations,
            estimated_monthly_savings: total.counted,
            estimated_monthly_savings_at_list_price: total.listed,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.estimated_monthly_savings));
    let total = ServiceRow {
        service: "total".to_owned(),
        recommendation_count: found.total.recommendations,
        estimated_monthly_savings: found.total.counted,
        estimated_monthly_savings_at_list_price: found.total.listed,
    };
    rows.push(total);
    let json = serde_json::to_value(&rows);
    let cells = |row: &ServiceRow| {
        [
            row.service.clone(),
            row.recommendation_count.to_string(),
            row.estimated_monthly_savings.to_string(),
            row.estimated_monthly_savings_at_list_price.to_string(),
        ]
    };
    let header =
        ["service", "recommendationCount", "estimatedMonthlySavings", "estimatedMonthlySavingsAtListPrice"];
    write(&Shown { json, header, rows: rows.iter().map(cells).collect() }, format)
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_table_is_headed_in_words() {
        assert_eq!(title("realisedMonthlySavings"), "Realised monthly savings");
        assert_eq!(title("key"), "Key");
    }
}
