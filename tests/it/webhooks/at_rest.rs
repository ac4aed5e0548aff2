//! Addresses and secrets lie sealed, survive a change of keys, and go with their webhook and their account.

use super::{Receiver, account, deliveries, failed, open, organization, register};
use crate::support::database::{TestDatabase, on_both_engines};
use secrecy::ExposeSecret;
use tuner::{
    db::DbError,
    domain::scope::OrgScope,
    seal::SealError,
    service::{
        notify::{Round, deliver_due, tell},
        webhooks,
    },
};

on_both_engines! {
    neither_address_nor_secret_lies_in_plain,
    webhooks_survive_a_change_of_keys,
    an_address_that_was_moved_is_refused,
    a_rotation_of_secrets_survives_one_of_keys,
    what_is_removed_takes_its_messages_along,
}

/// All bytes of the table, in hex and upper case.
async fn table(db: &TestDatabase) -> String {
    let columns = ["name", "url", "secret", "COALESCE(previous_secret, '')", "events"];
    let hex: Vec<String> = columns.iter().map(|column| format!("HEX({column})")).collect();
    let joined = if db.is_mysql() { format!("CONCAT({})", hex.join(", ")) } else { hex.join(" || ") };
    db.texts(format!("SELECT {joined} FROM webhook")).await.join("\n")
}

async fn neither_address_nor_secret_lies_in_plain(db: &TestDatabase) {
    let (app, receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, first) = register(&app, &cx, &receiver.url()).await;
    let second = webhooks::rotate_secret(&app, &cx, id).await.unwrap().secret;
    let table = table(db).await;
    assert!(table.contains(&hex::encode_upper("ops")), "the table is read");
    for canary in ["T0-canary-path", "127.0.0.1", &first[6..], &second.expose_secret()[6..]] {
        assert!(!table.contains(&hex::encode_upper(canary)), "{canary}");
    }
    let shown = webhooks::list(&app, &cx).await.unwrap();
    assert!(!format!("{shown:?}").contains("canary"), "not in Debug either");
    if let Some(path) = db.url.strip_prefix("sqlite://") {
        for file in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(!bytes.windows(14).any(|part| part == b"T0-canary-path"), "{file}");
        }
    }
}

async fn change_keys(app: &tuner::app::App, scope: &OrgScope) {
    assert!(app.vault.renew(scope.key()).await.unwrap());
    let keys = app.vault.keys(scope.key()).await.unwrap();
    let current = keys.into_iter().find(|key| key.retired_at.is_none()).unwrap();
    let done = app.database.scoped(scope).reseal(current.id, u64::MAX).await.unwrap();
    assert_eq!(done.refused, 0);
}

async fn webhooks_survive_a_change_of_keys(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, first) = register(&app, &cx, &receiver.url()).await;
    let second = webhooks::rotate_secret(&app, &cx, id).await.unwrap().secret;
    let before = table(db).await;
    change_keys(&app, &cx.scope).await;
    app.forward(3_700);
    assert_eq!(app.vault.delete_retired(cx.scope.key()).await.unwrap(), 1, "nothing needs the old key");
    assert_ne!(table(db).await, before);
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap().delivered, 1);
    let message = receiver.arrived().remove(0);
    assert!(message.is_signed_with(&first) && message.is_signed_with(second.expose_secret()));
}

async fn an_address_that_was_moved_is_refused(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    register(&app, &cx, &receiver.url()).await;
    let (second, _) = register(&app, &cx, "https://hooks.example.com/").await;
    db.run("UPDATE webhook SET url = (SELECT x FROM (SELECT url AS x FROM webhook ORDER BY webhook_id LIMIT 1) t)")
        .await;
    let moved = app.database.scoped(&cx.scope).get_webhook(second, None).await.map(drop);
    assert!(matches!(moved, Err(DbError::Sealed(SealError::Refused { .. }))), "{moved:?}");
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    // The one whose address is still its own is served; the other one waits.
    assert_eq!(deliver_due(&app).await.unwrap(), Round { delivered: 1, ..Round::default() });
    assert_eq!(receiver.arrived().len(), 1);
}

async fn a_rotation_of_secrets_survives_one_of_keys(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, first) = register(&app, &cx, &receiver.url()).await;
    change_keys(&app, &cx.scope).await;
    let second = webhooks::rotate_secret(&app, &cx, id).await.unwrap().secret;
    webhooks::test(&app, &cx, id).await.unwrap();
    let message = receiver.arrived().remove(0);
    assert!(message.is_signed_with(&first) && message.is_signed_with(second.expose_secret()));
}

async fn what_is_removed_takes_its_messages_along(db: &TestDatabase) {
    let (app, mut receiver) = (open(db).await, Receiver::start().await);
    let cx = organization(&app, "acme").await;
    let (id, _) = register(&app, &cx, &receiver.url()).await;
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    app.database.scoped(&cx.scope).delete_account(account(1)).await.unwrap();
    assert_eq!(deliveries(&app, &cx, id).await, [], "an account takes along what is told of it");
    tell(&app, &cx.scope, failed(account(1), "i-1")).await.unwrap();
    super::link(&app, &cx.scope, account(1)).await;
    tell(&app, &cx.scope, failed(account(1), "i-2")).await.unwrap();
    webhooks::delete(&app, &cx, id).await.unwrap();
    assert_eq!(deliver_due(&app).await.unwrap(), Round::default());
    assert_eq!(receiver.arrived().len(), 0);
    tell(&app, &cx.scope, failed(account(1), "i-3")).await.unwrap();
}
