//! `tuner api-key`: keys of members, on the server's machine.

use super::{
    CliError, Context, Exit,
    operator::{Organization, audited, audited_making, with_app},
    report::{plain, plain_table, write_json},
    user::{Format, Who, parse_role},
};
use crate::{
    app::App,
    domain::{
        ids::{AccountId, ApiKeyId},
        permission::{Role, Scope},
    },
    service::api_keys::{self, KnownKey, NewKey},
};
use clap::Subcommand;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::io;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Issue a key in a member's name; prints it once
    Create {
        /// What the key is for
        #[arg(long)]
        name: String,
        #[arg(long, value_parser = parse_role, help = "TUNER_VIEWER, TUNER_USER, TUNER_ADMIN or ORGANIZATION_ADMIN")]
        role: Role,
        /// What of the role it may use, separated by commas: scheduler:run, recommendations:read, …
        #[arg(long, value_delimiter = ',', value_parser = parse_scope, required = true)]
        scopes: Vec<Scope>,
        /// 12 digits each, separated by commas; all that the member sees by default
        #[arg(long, value_delimiter = ',')]
        accounts: Option<Vec<AccountId>>,
        /// RFC 3339; in 90 days by default, at most a year ahead
        #[arg(long, value_name = "TIME")]
        expires_at: Option<Timestamp>,
        #[command(flatten)]
        who: Who,
    },
    /// List the keys
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
        #[command(flatten)]
        organization: Organization,
    },
    /// Revoke a key for good
    Revoke {
        /// As `tuner api-key list` shows it
        key: ApiKeyId,
        #[command(flatten)]
        organization: Organization,
    },
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|()| {
        format!("one of {}", Scope::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    with_app(context, async |app| carry_out(app, command).await).await.map(|()| Exit::Fine)
}

async fn carry_out(app: &App, command: Command) -> Result<(), CliError> {
    match command {
        Command::Create { name, role, scopes, accounts, expires_at, who } => {
            let (cx, member) = who.find(app).await?;
            let accounts = accounts.map(|accounts| accounts.into_iter().collect());
            let new = NewKey { name, role, scopes: scopes.into_iter().collect(), accounts, expires_at };
            let issue = api_keys::issue(app, &cx, member.user, new);
            let named = |made: &api_keys::IssuedKey| format!("keyId={}", made.key.id);
            let made = audited_making(app, &cx, "create_api_key", issue, named).await?;
            eprintln!("Key {} until {}. It is not shown again:", made.key.id, made.key.expires_at);
            say!("{}", made.text.expose_secret());
        }
        Command::List { format, organization } => {
            let cx = organization.enter(app).await?;
            let all = api_keys::list_keys(app, &cx, None, u32::MAX).await.map_err(CliError::new)?;
            list(&all, format)?;
        }
        Command::Revoke { key, organization } => {
            let cx = organization.enter(app).await?;
            let target = format!("keyId={key}");
            let revoke = api_keys::revoke_key(app, &cx, key);
            audited(app, &cx, "revoke_api_key", Some(&target), revoke).await?;
            say!("Key {key} is revoked.");
        }
    }
    Ok(())
}

fn list(all: &[KnownKey], format: Format) -> Result<(), CliError> {
    if let Format::Json = format {
        let rows: Vec<Value> = all.iter().map(to_json).collect();
        return Ok(write_json(&rows, &mut io::stdout().lock())?);
    }
    let mut table =
        plain_table(&["Key", "Name", "Begins", "Role", "Scopes", "Until", "Revoked", "Last used"]);
    for key in all {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        table.add_row([
            key.id.to_string(),
            plain(&key.name),
            key.shown.clone(),
            key.role.to_string(),
            scopes.join(", "),
            key.expires_at.to_string(),
            key.revoked_at.map(|at| at.to_string()).unwrap_or_default(),
            key.last_used_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn to_json(key: &KnownKey) -> Value {
    json!({
        "apiKeyId": key.id, "name": key.name, "prefix": key.shown, "role": key.role, "scopes": key.scopes,
        "accountIds": key.accounts, "issuedBy": key.issued_by, "createdAt": key.created_at,
        "expiresAt": key.expires_at, "revokedAt": key.revoked_at, "lastUsedAt": key.last_used_at,
    })
}
