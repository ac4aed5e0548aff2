//! What lies encrypted: bound to its row, and readable through every change of keys.

use super::sample::{account, external_id, later, link, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines, small_pool, test_master};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tuner::{
    db::{Database, DbError, NewAccount, Resealed},
    domain::{clock::Clock, external_id::ExternalId, scope::OrgScope},
    seal::{Masters, SealError, StoredKey},
};

on_both_engines! {
    an_external_id_lies_encrypted,
    a_moved_value_is_refused,
    a_value_of_another_organization_is_refused,
    servers_that_start_at_once_share_a_key,
    a_rotation_that_breaks_off_goes_on,
    a_value_that_does_not_open_keeps_its_key,
    a_rotation_of_external_ids_survives_one_of_keys,
    without_its_keys_a_database_shows_nothing_sealed,
    values_of_an_earlier_version_are_sealed_once,
}

async fn create(db: &Database, scope: &OrgScope, number: u64) -> ExternalId {
    let id = account(number);
    let external_id = external_id(id, scope);
    let new =
        NewAccount { id, name: "Shop".to_owned(), external_id: external_id.clone(), created_at: noon() };
    db.scoped(scope).create_account(&new).await.unwrap();
    external_id
}

async fn kept(db: &TestDatabase) -> Vec<String> {
    db.texts("SELECT external_id FROM account ORDER BY org_id, account_id".to_owned()).await
}

#[track_caller]
fn is_refused<T: std::fmt::Debug>(result: Result<T, DbError>) {
    assert!(matches!(result, Err(DbError::Sealed(SealError::Refused { .. }))), "{result:?}");
}

async fn an_external_id_lies_encrypted(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let external_id = create(db, &scope, 1).await;
    let text = kept(db).await.remove(0);
    assert!(!text.contains(external_id.expose()) && text.len() > 100, "{text}");
    assert_eq!(db.scoped(&scope).get_account(account(1)).await.unwrap().external_id, external_id);
}

async fn a_moved_value_is_refused(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    for number in [1, 2] {
        create(db, &scope, number).await;
    }
    let org = db.scoped(&scope);
    // To another row.
    db.run(
        "UPDATE account SET external_id = (SELECT x FROM (SELECT external_id AS x FROM account WHERE account_id = 1) t) \
         WHERE account_id = 2",
    )
    .await;
    assert!(org.get_account(account(1)).await.is_ok());
    is_refused(org.get_account(account(2)).await);
    is_refused(org.list_accounts(None, 10).await);
    // To another column.
    db.run("UPDATE account SET next_external_id = external_id WHERE account_id = 1").await;
    is_refused(org.get_account(account(1)).await);
    is_refused(org.promote_external_id(account(1), &external_id(account(1), &scope), noon()).await);
}

async fn a_value_of_another_organization_is_refused(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    create(db, &acme, 1).await;
    create(db, &globex, 1).await;
    db.run("UPDATE account SET external_id = (SELECT x FROM (SELECT MIN(external_id) AS x FROM account) t)")
        .await;
    let seen =
        [db.scoped(&acme).get_account(account(1)).await, db.scoped(&globex).get_account(account(1)).await];
    let opened = seen.iter().filter(|account| account.is_ok()).count();
    assert_eq!(opened, 1, "only its owner opens it: {seen:?}");
}

async fn servers_that_start_at_once_share_a_key(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (a, b) = (db.another().await, db.another().await);
    let ids = tokio::join!(create(&a, &scope, 1), create(&b, &scope, 2), create(db, &scope, 3));
    assert_eq!(db.vault().unwrap().keys(scope.key()).await.unwrap().len(), 1);
    let found = db.scoped(&scope).list_accounts(None, 10).await.unwrap();
    assert_eq!(found.into_iter().map(|a| a.external_id).collect::<Vec<_>>(), [ids.0, ids.1, ids.2]);
}

/// A handle of another process, at another time.
async fn at(db: &TestDatabase, now: Timestamp) -> Database {
    let database = Database::connect(&db.url, &small_pool()).await.unwrap();
    database.unlocked_by(Masters::new(test_master()), Clock::fixed(now))
}

async fn current(db: &Database, scope: &OrgScope) -> StoredKey {
    let keys = db.vault().unwrap().keys(scope.key()).await.unwrap();
    keys.into_iter().find(|key| key.retired_at.is_none()).unwrap()
}

async fn a_rotation_that_breaks_off_goes_on(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(create(db, &scope, number).await);
    }
    let next = external_id(account(2), &scope);
    db.scoped(&scope).set_next_external_id(account(2), Some(&next)).await.unwrap();
    let all_readable = async |db: &Database| {
        let found = db.scoped(&scope).list_accounts(None, 10).await.unwrap();
        assert_eq!(found[1].next_external_id.as_ref(), Some(&next));
        assert_eq!(found.into_iter().map(|a| a.external_id).collect::<Vec<_>>(), ids);
    };
    let before = kept(db).await;
    assert!(db.vault().unwrap().renew(scope.key()).await.unwrap());
    all_readable(db).await;
    // Two of six values, then the process is gone.
    let new = current(db, &scope).await.id;
    let done = db.scoped(&scope).reseal(new, 2).await.unwrap();
    assert_eq!(done, Resealed { values: 2, refused: 0 });
    let second = at(db, later(60)).await;
    all_readable(&second).await;
    // Whoever is still at work with the old key finds it for an hour.
    assert_eq!(second.vault().unwrap().delete_retired(scope.key()).await.unwrap(), 0);
    let done = second.scoped(&scope).reseal(new, u64::MAX).await.unwrap();
    assert_eq!(done, Resealed { values: 4, refused: 0 });
    assert_eq!(second.scoped(&scope).reseal(new, u64::MAX).await.unwrap(), Resealed::default());
    let third = at(db, later(3_700)).await;
    assert_eq!(third.vault().unwrap().delete_retired(scope.key()).await.unwrap(), 1);
    all_readable(&third).await;
    all_readable(db).await;
    assert!(kept(db).await.iter().all(|text| !before.contains(text)));
}

async fn a_value_that_does_not_open_keeps_its_key(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    for number in [1, 2] {
        create(db, &scope, number).await;
    }
    db.run(
        "UPDATE account SET external_id = (SELECT x FROM (SELECT external_id AS x FROM account WHERE account_id = 1) t) \
         WHERE account_id = 2",
    )
    .await;
    let before = kept(db).await;
    db.vault().unwrap().renew(scope.key()).await.unwrap();
    let done = db.scoped(&scope).reseal(current(db, &scope).await.id, u64::MAX).await.unwrap();
    assert_eq!(done, Resealed { values: 1, refused: 1 });
    assert_eq!(kept(db).await[1], before[1], "it is left for whoever mends it");
}

async fn a_rotation_of_external_ids_survives_one_of_keys(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    create(db, &scope, 1).await;
    let (org, next) = (db.scoped(&scope), external_id(account(1), &scope));
    org.set_next_external_id(account(1), Some(&next)).await.unwrap();
    db.vault().unwrap().renew(scope.key()).await.unwrap();
    org.reseal(current(db, &scope).await.id, u64::MAX).await.unwrap();
    assert!(org.promote_external_id(account(1), &next, later(60)).await.unwrap());
    assert_eq!(org.get_account(account(1)).await.unwrap().external_id, next);
}

async fn without_its_keys_a_database_shows_nothing_sealed(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let locked = Database::connect(&db.url, &small_pool()).await.unwrap();
    assert!(matches!(locked.scoped(&scope).get_account(account(1)).await, Err(DbError::Locked)));
}

async fn values_of_an_earlier_version_are_sealed_once(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    create(db, &scope, 1).await;
    let (plain, next) = (external_id(account(1), &scope), external_id(account(1), &scope));
    let (plain, next) = (plain.expose(), next.expose());
    db.texts(format!("UPDATE account SET external_id = '{plain}', next_external_id = '{next}'")).await;
    let found = db.scoped(&scope).get_account(account(1)).await;
    assert!(
        matches!(found, Err(DbError::Corrupt(_) | DbError::Sealed(_))),
        "plain text is not read: {found:?}"
    );
    assert_eq!(db.seal_plain_values().await.unwrap(), 2);
    assert_eq!(db.seal_plain_values().await.unwrap(), 0);
    let found = db.scoped(&scope).get_account(account(1)).await.unwrap();
    let shown =
        BTreeSet::from([found.external_id, found.next_external_id.unwrap()].map(|id| id.expose().to_owned()));
    assert_eq!(shown, BTreeSet::from([plain.to_owned(), next.to_owned()]));
    if let Some(path) = db.url.strip_prefix("sqlite://") {
        for file in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(!bytes.windows(plain.len()).any(|part| part == plain.as_bytes()), "{file}");
        }
    }
}
