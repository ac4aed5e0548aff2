//! `tuner rules`: what Tuner looks for, and on what each rule rests.

mod docs;
mod settings;

pub use settings::At;

use super::{
    CliError, Context, Exit,
    operator::with_app,
    report::{plain_table, write_json},
};
use crate::{
    domain::thresholds::Thresholds,
    rules::{Meta, RULES, find_rule},
};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::io::{self, Write};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List all rules
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Explain one rule: condition, formula, thresholds, needed actions, what can make it wrong
    Explain {
        /// The rule's name, ebs-volume-gp2-to-gp3 say
        rule: String,
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Print the page of all rules (Markdown)
    Docs,
    /// Thresholds, rules on and off, and exclusions of an organization or an account
    #[command(subcommand)]
    Settings(settings::Command),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    if let Command::Settings(command) = command {
        let done = with_app(context, async |app| Box::pin(settings::run(app, command)).await).await;
        return done.map(|()| Exit::Fine);
    }
    let mut out = io::stdout().lock();
    match command {
        Command::Docs => docs::write(&mut out)?,
        Command::List { format: Format::Table } => list(&mut out)?,
        Command::List { format: Format::Json } => {
            let defaults = Thresholds::default();
            let rules: Vec<Value> = RULES.iter().map(|rule| to_json(rule.meta, &defaults)).collect();
            write_json(&rules, &mut out)?;
        }
        Command::Explain { rule, format } => {
            let meta = known(&rule)?;
            let thresholds = context.settings().await?.thresholds;
            match format {
                Format::Table => explain(meta, &thresholds, &mut out)?,
                Format::Json => write_json(&to_json(meta, &thresholds), &mut out)?,
            }
        }
        Command::Settings(_) => {}
    }
    Ok(Exit::Fine)
}

/// The rule of that name, or a usage error that offers the nearest ones.
pub fn known(id: &str) -> Result<&'static Meta, CliError> {
    find_rule(id).map(|rule| rule.meta).ok_or_else(|| {
        let near: Vec<&str> = RULES
            .iter()
            .map(|rule| rule.meta.id)
            .filter(|known| id.split('-').filter(|word| word.len() > 2).any(|word| known.contains(word)))
            .take(4)
            .collect();
        let hint = if near.is_empty() {
            "see 'tuner rules list'".into()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        CliError::usage(format!("there is no rule '{}'; {hint}", id.chars().take(60).collect::<String>()))
    })
}

fn list(out: &mut dyn Write) -> io::Result<()> {
    let mut table = plain_table(&["Rule", "Service", "Action", "What is wrong", "Effort", "Risk", "On"]);
    for meta in RULES.iter().map(|rule| rule.meta) {
        table.add_row([
            meta.id.to_owned(),
            meta.kind.service().to_string(),
            meta.action_type.to_string(),
            meta.title.to_owned(),
            meta.effort.to_string(),
            meta.risk.to_string(),
            yes_no(meta.on_by_default).to_owned(),
        ]);
    }
    writeln!(out, "{table}\n{} rules. 'tuner rules explain RULE' tells all about one.", RULES.len())
}

fn explain(meta: &Meta, thresholds: &Thresholds, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n  {}\n", meta.id, meta.title)?;
    writeln!(out, "Found when    {}", meta.condition)?;
    writeln!(out, "Saving        {} ({})", meta.formula, meta.basis)?;
    writeln!(out, "Beware        {}", meta.pitfalls)?;
    writeln!(out, "Action        {} · effort {} · risk {}", meta.action_type, meta.effort, meta.risk)?;
    writeln!(
        out,
        "Restart       {} · rollback {}",
        yes_no(meta.restart_needed),
        yes_no(meta.rollback_possible)
    )?;
    let on = if meta.on_by_default {
        "yes"
    } else {
        "no: switch it on in the rule settings, or scan with --rules"
    };
    writeln!(out, "On            {on}")?;
    writeln!(out, "Needs         {}", meta.actions.join(", "))?;
    let metrics: Vec<String> = meta
        .metrics
        .iter()
        .map(|m| format!("{} {} ({})", m.spec().namespace, m.spec().name, m.spec().statistic))
        .collect();
    if !metrics.is_empty() {
        writeln!(out, "Metrics       {}", metrics.join(", "))?;
    }
    for (name, value, meaning) in
        thresholds.describe().into_iter().filter(|(name, ..)| meta.thresholds.contains(name))
    {
        writeln!(out, "Threshold     {name} = {value}: {meaning}")?;
    }
    Ok(())
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn to_json(meta: &Meta, thresholds: &Thresholds) -> Value {
    let metrics: Vec<Value> = meta
        .metrics
        .iter()
        .map(|m| json!({"namespace": m.spec().namespace, "name": m.spec().name, "statistic": m.spec().statistic}))
        .collect();
    let thresholds: Value = thresholds
        .describe()
        .into_iter()
        .filter(|(name, ..)| meta.thresholds.contains(name))
        .map(|(name, value, meaning)| json!({"name": name, "value": value, "meaning": meaning}))
        .collect();
    json!({
        "rule": meta.id, "title": meta.title, "condition": meta.condition, "formula": meta.formula,
        "pitfalls": meta.pitfalls, "service": meta.kind.service(), "resourceType": meta.kind,
        "actionType": meta.action_type, "savingsBasis": meta.basis, "implementationEffort": meta.effort,
        "risk": meta.risk, "restartNeeded": meta.restart_needed, "rollbackPossible": meta.rollback_possible,
        "onByDefault": meta.on_by_default, "actions": meta.actions, "metrics": metrics, "thresholds": thresholds,
    })
}
