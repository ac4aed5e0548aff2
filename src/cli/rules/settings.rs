//! `tuner rules settings show|apply|reset`: by what an organisation, or one account of it, is judged.

use super::{
    super::{
        CliError,
        operator::{Organization, audited},
        report::{plain, plain_table, write_json},
        rule_file,
    },
    Format,
};
use crate::{
    app::App,
    domain::ids::AccountId,
    op::OpCx,
    service::rule_settings::{self, Level},
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{io, path::PathBuf};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what was set, and the thresholds that it leads to
    Show {
        #[command(flatten)]
        at: At,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Replace the settings by those of a file (TOML or JSON): thresholds, rules, exclusions
    Apply {
        /// - reads standard input
        file: PathBuf,
        /// Check the file and write nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        at: At,
    },
    /// Let an account follow its organization again
    Reset {
        /// 12 digits
        #[arg(long)]
        account: AccountId,
        #[command(flatten)]
        organization: Organization,
    },
}

/// Whose settings.
#[derive(Debug, Args)]
pub struct At {
    /// Those of one account instead of the organization's
    #[arg(long)]
    pub account: Option<AccountId>,
    #[command(flatten)]
    pub organization: Organization,
}

impl At {
    pub fn name(&self) -> String {
        self.account.map_or_else(|| "organization".to_owned(), |account| format!("account={account}"))
    }
}

pub async fn run(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Show { at, format } => {
            let cx = at.organization.enter(app).await?;
            let level = rule_settings::get(app, &cx, at.account).await.map_err(CliError::new)?;
            show(&level, format)
        }
        Command::Apply { file, dry_run, at } => {
            let cx = at.organization.enter(app).await?;
            apply(app, &cx, &file, &at, dry_run).await
        }
        Command::Reset { account, organization } => {
            let cx = organization.enter(app).await?;
            let target = format!("account={account}");
            let removed = rule_settings::remove(app, &cx, account);
            audited(app, &cx, "delete_account_rule_settings", Some(&target), removed).await?;
            say!("Account {account} follows its organization.");
            Ok(())
        }
    }
}

#[allow(clippy::fn_params_excessive_bools, reason = "one is the flag of the command line")]
async fn apply(app: &App, cx: &OpCx, file: &std::path::Path, at: &At, dry_run: bool) -> Result<(), CliError> {
    let settings = rule_file::read(file)?;
    rule_settings::check(&settings, cx).map_err(CliError::new)?;
    let (thresholds, rules) = (settings.thresholds.len(), settings.rules.len());
    let exclusions = settings.exclusions.len();
    let counted = format!("{thresholds} thresholds, {rules} rules, {exclusions} exclusions");
    if dry_run {
        say!("{counted}: nothing is wrong with them. Nothing was written.");
        return Ok(());
    }
    let put = rule_settings::put(app, cx, at.account, settings, None);
    let level = audited(app, cx, "put_rule_settings", Some(&at.name()), put).await?;
    say!("{counted}. Version {}. The next scan uses them.", level.version);
    Ok(())
}

fn show(level: &Level, format: Format) -> Result<(), CliError> {
    if matches!(format, Format::Json) {
        let shown = json!({
            "settings": level.settings, "version": level.version, "effectiveThresholds": level.effective,
        });
        return Ok(write_json(&shown, &mut io::stdout().lock())?);
    }
    for (rule, on) in &level.settings.rules {
        say!("{rule} is {}", if *on { "on" } else { "off" });
    }
    let mut table = plain_table(&["Threshold", "Value", "Set here", "Meaning"]);
    for (name, value, meaning) in level.effective.describe() {
        let here = if level.settings.thresholds.contains_key(name) { "yes" } else { "" };
        table.add_row([name, &plain(&value), here, meaning]);
    }
    say!("{table}");
    say!("{} exclusions; 'tuner exclusion list' shows them.", level.settings.exclusions.len());
    Ok(())
}
