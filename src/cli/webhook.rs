//! `tuner webhook`: where an organisation is told of failures and deviations, on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, audited, audited_making, with_app},
    report::{plain, plain_table, write_json},
    user::Format,
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, WebhookId},
        notice::NoticeEvent,
    },
    service::webhooks::{self, KnownWebhook, MadeWebhook, WebhookRequest},
};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Register an endpoint; prints the secret that signs, once
    Add {
        /// What the endpoint is for
        #[arg(long)]
        name: String,
        /// https://…; '-' reads it from standard input, so that it shows in no list of processes
        #[arg(long, value_name = "URL")]
        url: SecretString,
        /// What it is told of, separated by commas: scheduler.actionFailed, … All of them by default
        #[arg(long, value_delimiter = ',', value_parser = parse_event)]
        events: Vec<NoticeEvent>,
        /// 12 digits each, separated by commas; all by default
        #[arg(long, value_delimiter = ',')]
        accounts: Option<Vec<AccountId>>,
        #[command(flatten)]
        organization: Organization,
    },
    /// List the endpoints
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Send a message that means nothing; fails unless the endpoint takes it
    Test(Which),
    /// Remove an endpoint, and what waits for it
    Remove(Which),
}

#[derive(Debug, clap::Args)]
pub struct Which {
    /// As `tuner webhook list` shows it
    webhook: WebhookId,
    #[command(flatten)]
    organization: Organization,
}

fn parse_event(text: &str) -> Result<NoticeEvent, String> {
    text.parse().map_err(|()| {
        format!("one of {}", NoticeEvent::ALL.iter().map(|e| e.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| carry_out(app, command).await).await.map(|()| Exit::Fine)
}

async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Add { name, url, events, accounts, organization } => {
            let cx = organization.enter(app).await?;
            let events = if events.is_empty() { NoticeEvent::ALL.to_vec() } else { events };
            let accounts = accounts.map(|accounts| accounts.into_iter().collect());
            let (url, events) = (given(url)?, events.into_iter().collect());
            let create = webhooks::create(app, &cx, WebhookRequest { name, url, events, accounts });
            let named = |made: &MadeWebhook| format!("webhookId={}", made.known.webhook.id);
            let made = audited_making(app, &cx, "create_webhook", create, named).await?;
            eprintln!("Webhook {}. Its secret is not shown again:", made.known.webhook.id);
            say!("{}", made.secret.expose_secret());
        }
        Command::List { format, organization } => {
            let cx = organization.enter(app).await?;
            list(&webhooks::list(app, &cx).await.map_err(CliError::new)?, format)?;
        }
        Command::Test(which) => test(app, which).await?,
        Command::Remove(Which { webhook, organization }) => {
            let cx = organization.enter(app).await?;
            let target = format!("webhookId={webhook}");
            let delete = webhooks::delete(app, &cx, webhook);
            audited(app, &cx, "delete_webhook", Some(&target), delete).await?;
            say!("Webhook {webhook} is removed.");
        }
    }
    Ok(())
}

fn given(url: SecretString) -> Result<SecretString, CliError> {
    if url.expose_secret() != "-" {
        return Ok(url);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned().into())
}

async fn test(app: &App, Which { webhook, organization }: Which) -> Result<(), CliError> {
    let cx = organization.enter(app).await?;
    let target = format!("webhookId={webhook}");
    let test = webhooks::test(app, &cx, webhook);
    let ended = audited(app, &cx, "test_webhook", Some(&target), test).await?;
    let answered = ended.status.map(|status| format!(" (status {status})")).unwrap_or_default();
    match ended.failure {
        None => say!("The endpoint took it{answered}."),
        Some(failure) => {
            return Err(CliError::new(format!("the endpoint did not take it: {failure}{answered}")));
        }
    }
    Ok(())
}

fn list(all: &[KnownWebhook], format: Format) -> Result<(), CliError> {
    if let Format::Json = format {
        let rows: Vec<Value> = all.iter().map(to_json).collect();
        return Ok(write_json(&rows, &mut io::stdout().lock())?);
    }
    let mut table =
        plain_table(&["Webhook", "Name", "Origin", "Status", "Events", "Last success", "Last failure"]);
    for KnownWebhook { webhook, status, origin } in all {
        let events: Vec<&str> = webhook.events.iter().map(|event| event.as_str()).collect();
        let failure = webhook.last_failure_at.zip(webhook.last_failure);
        table.add_row([
            webhook.id.to_string(),
            plain(&webhook.name),
            plain(origin),
            status.to_string(),
            events.join(", "),
            webhook.last_success_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
            failure.map(|(at, why)| format!("{at} {why}")).unwrap_or_default(),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn to_json(known: &KnownWebhook) -> Value {
    let KnownWebhook { webhook, status, origin } = known;
    json!({
        "webhookId": webhook.id, "name": webhook.name, "origin": origin, "status": status,
        "events": webhook.events, "accountIds": webhook.accounts, "createdAt": webhook.created_at,
        "createdBy": webhook.created_by, "disabledAt": webhook.disabled_at,
        "previousSecretUntil": webhook.previous_until, "lastSuccessAt": webhook.last_success_at,
        "lastFailureAt": webhook.last_failure_at, "lastFailure": webhook.last_failure,
    })
}
