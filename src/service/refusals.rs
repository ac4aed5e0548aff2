//! Encrypted values that do not open where they stand, as security events.

use super::security::{Circumstances, report};
use crate::{
    app::App,
    domain::{ids::AccountId, security_event::SecurityEvent},
    seal::Refusal,
};
use std::sync::Arc;

/// Until the server stops.
pub async fn watch_refusals(app: Arc<App>) {
    loop {
        tokio::select! {
            // First what has happened, then the end.
            biased;
            refusal = app.vault.refusals().next() => tell(&app, &refusal),
            () = app.stopping.cancelled() => return,
        }
    }
}

fn tell(app: &App, refusal: &Refusal) {
    let Refusal { scope, table, column, row } = refusal;
    let account = match (*table, <[u8; 8]>::try_from(row.as_slice())) {
        ("account", Ok(number)) => Some(AccountId::from_i64(i64::from_be_bytes(number))),
        _ => None,
    };
    let event = match account {
        Some(_) => SecurityEvent::ExternalIdRefused,
        None => SecurityEvent::SealedValueRefused,
    };
    let detail =
        format!("the value of {table}.{column} does not open: it was changed or moved in the database");
    report(app, event, Circumstances { scope: Some(scope), account, detail, ..Circumstances::default() });
}
