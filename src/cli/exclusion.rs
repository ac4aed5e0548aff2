//! `tuner exclusion add|list|remove`: what an organisation, or one account of it, does not want to be told.

use super::{
    CliError, Context, Exit,
    operator::{audited, audited_making, with_app},
    report::{plain, plain_table, write_json},
    rules::{At, Format, known},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, ExclusionId},
        region::Region,
        rule_settings::{Exclusion, TagExpression, TagMode},
    },
    service::rule_settings,
};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Leave out what fulfils all that is given; it stays visible as EXCLUDED
    Add(Box<Add>),
    /// List the exclusions
    List {
        #[command(flatten)]
        at: At,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Take one back; the next scan tells what it left out
    Remove {
        id: ExclusionId,
        #[command(flatten)]
        at: At,
    },
}

#[derive(Debug, Args)]
pub struct Add {
    /// Key, Key==V, Key!=V, Key=~/re/ or Key!~/re/; may be repeated
    #[arg(long = "tag", value_name = "EXPRESSION")]
    tags: Vec<TagExpression>,
    /// All tag expressions must hold instead of one
    #[arg(long, requires = "tags")]
    all_tags: bool,
    /// An account; may be repeated
    #[arg(long = "in-account", value_name = "ACCOUNT")]
    accounts: Vec<AccountId>,
    #[arg(long = "region")]
    regions: Vec<Region>,
    /// AWS's id or ARN
    #[arg(long = "resource", value_name = "ID")]
    resources: Vec<String>,
    #[arg(long = "rule")]
    rules: Vec<String>,
    /// Why, for those who wonder later
    #[arg(long)]
    reason: String,
    /// For good where it is left out: 2026-12-24T18:00:00Z
    #[arg(long)]
    until: Option<Timestamp>,
    #[command(flatten)]
    at: At,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| match command {
        Command::Add(arguments) => add(app, *arguments).await,
        Command::List { at, format } => list(app, &at, format).await,
        Command::Remove { id, at } => remove(app, id, &at).await,
    })
    .await
    .map(|()| Exit::Fine)
}

async fn add(app: &App, arguments: Add) -> Result<(), CliError> {
    for rule in &arguments.rules {
        known(rule)?;
    }
    let Add { tags, all_tags, accounts, regions, resources, rules, reason, until, at } = arguments;
    let tag_mode = if all_tags { TagMode::All } else { TagMode::Any };
    let exclusion =
        Exclusion { id: None, tags, tag_mode, accounts, regions, resources, rules, reason, until };
    let cx = at.organization.enter(app).await?;
    let added = rule_settings::add_exclusion(app, &cx, at.account, exclusion);
    let id = audited_making(app, &cx, "add_exclusion", added, ToString::to_string).await?;
    say!("{id}. The next scan leaves out what it covers.");
    Ok(())
}

async fn remove(app: &App, id: ExclusionId, at: &At) -> Result<(), CliError> {
    let cx = at.organization.enter(app).await?;
    let target = format!("{} exclusion={id}", at.name());
    let removed = rule_settings::remove_exclusion(app, &cx, at.account, id);
    audited(app, &cx, "remove_exclusion", Some(&target), removed).await?;
    say!("Removed. The next scan tells what it left out.");
    Ok(())
}

async fn list(app: &App, at: &At, format: Format) -> Result<(), CliError> {
    let cx = at.organization.enter(app).await?;
    let level = rule_settings::get(app, &cx, at.account).await.map_err(CliError::new)?;
    let exclusions = level.settings.exclusions;
    if matches!(format, Format::Json) {
        return Ok(write_json(&exclusions, &mut io::stdout().lock())?);
    }
    let mut table = plain_table(&["Exclusion", "Leaves out", "Until", "Reason"]);
    for exclusion in &exclusions {
        let until = match exclusion.until {
            Some(until) if exclusion.is_over(cx.now) => format!("{until} (over)"),
            Some(until) => until.to_string(),
            None => "for good".to_owned(),
        };
        let id = exclusion.id.map(|id| id.to_string()).unwrap_or_default();
        table.add_row([id, plain(&conditions(exclusion)), until, plain(&exclusion.reason)]);
    }
    say!("{table}");
    Ok(())
}

/// `tags env==dev or team; regions eu-west-1`.
fn conditions(exclusion: &Exclusion) -> String {
    let tags: Vec<String> = exclusion.tags.iter().map(|tag| tag.as_str().to_owned()).collect();
    let joint = if exclusion.tag_mode == TagMode::All { " and " } else { " or " };
    let texts = |list: &[AccountId]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let regions: Vec<&str> = exclusion.regions.iter().map(Region::as_str).collect();
    let parts = [
        ("tags", tags.join(joint)),
        ("accounts", texts(&exclusion.accounts)),
        ("regions", regions.join(", ")),
        ("resources", exclusion.resources.join(", ")),
        ("rules", exclusion.rules.join(", ")),
    ];
    let said = parts.iter().filter(|(_, text)| !text.is_empty());
    said.map(|(name, text)| format!("{name} {text}")).collect::<Vec<_>>().join("; ")
}
