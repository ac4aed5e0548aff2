//! Accounts: linked, listed, renamed, deleted; one scan at a time.

use super::sample::{Picture, account, external_id, later, link, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use std::collections::BTreeSet;
use tuner::{
    db::{DbError, NewAccount},
    domain::{
        account::{AccountStatus, StepOutcome, Verification, VerificationStep},
        ids::ScanId,
    },
};

on_both_engines! {
    an_account_is_linked_and_found,
    an_account_is_created_once,
    what_an_account_is_changed_to_is_kept,
    external_ids_rotate,
    accounts_are_listed_in_pages,
    a_deleted_account_leaves_nothing,
    one_scan_claims_an_account,
}

async fn an_account_is_linked_and_found(db: &TestDatabase) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    let new = NewAccount {
        id,
        name: "Prod ü 😀".to_owned(),
        external_id: external_id(id, &scope),
        created_at: noon(),
    };
    db.scoped(&scope).create_account(&new).await.unwrap();
    let found = db.scoped(&scope).get_account(id).await.unwrap();
    assert_eq!((found.id, &found.name, found.status), (id, &new.name, AccountStatus::Pending));
    assert_eq!(found.external_id, new.external_id);
    assert_eq!((found.created_at, found.external_id_since), (noon(), noon()));
    assert_eq!((found.role_arn, found.verified_at, found.last_scan_at), (None, None, None));
}

async fn an_account_is_created_once(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    link(db, &acme, account(1)).await;
    // Another organisation may link the same account, and has a row of its own.
    link(db, &globex, account(1)).await;
    let id = account(1);
    let again =
        NewAccount { id, name: "again".to_owned(), external_id: external_id(id, &acme), created_at: noon() };
    let error = db.scoped(&acme).create_account(&again).await.unwrap_err();
    assert!(matches!(error, DbError::Conflict("account")), "{error:?}");
    assert_eq!(error.to_string(), "this account exists already");
}

async fn what_an_account_is_changed_to_is_kept(db: &TestDatabase) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    link(db, &scope, id).await;
    let org = db.scoped(&scope);
    assert_eq!(org.find_account_verification(id).await.unwrap(), None);
    let role = "arn:aws:iam::000000000001:role/Tuner".parse().unwrap();
    let verification = Verification {
        conclusive: true,
        passed: true,
        steps: vec![StepOutcome {
            step: VerificationStep::AccountMatches,
            passed: true,
            detail: "the same".to_owned(),
        }],
    };
    org.rename_account(id, "Production").await.unwrap();
    org.set_account_roles(id, Some(&role), None).await.unwrap();
    org.set_account_verification(id, AccountStatus::Linked, &verification, later(60)).await.unwrap();
    let found = org.get_account(id).await.unwrap();
    assert_eq!((found.name.as_str(), found.status), ("Production", AccountStatus::Linked));
    assert_eq!((found.role_arn, found.scheduler_role_arn), (Some(role), None));
    assert_eq!(found.verified_at, Some(later(60)));
    assert_eq!(org.find_account_verification(id).await.unwrap(), Some(verification));
    assert!(matches!(org.rename_account(account(2), "x").await, Err(DbError::NotFound("account"))));
}

async fn external_ids_rotate(db: &TestDatabase) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    link(db, &scope, id).await;
    let org = db.scoped(&scope);
    let (next, other) = (external_id(id, &scope), external_id(id, &scope));
    org.set_next_external_id(id, Some(&next)).await.unwrap();
    assert_eq!(org.get_account(id).await.unwrap().next_external_id.as_ref(), Some(&next));
    assert!(!org.promote_external_id(id, &other, later(60)).await.unwrap());
    assert!(org.promote_external_id(id, &next, later(60)).await.unwrap());
    assert!(!org.promote_external_id(id, &next, later(90)).await.unwrap(), "once");
    let found = org.get_account(id).await.unwrap();
    assert_eq!((found.external_id, found.next_external_id), (next, None));
    assert_eq!(found.external_id_since, later(60));
}

async fn accounts_are_listed_in_pages(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    for number in [3, 1, 2] {
        link(db, &scope, account(number)).await;
    }
    let org = db.scoped(&scope);
    let first = org.list_accounts(None, 2).await.unwrap();
    assert_eq!(first.iter().map(|a| a.id).collect::<Vec<_>>(), [account(1), account(2)]);
    let second = org.list_accounts(Some(account(2)), 2).await.unwrap();
    assert_eq!(second.iter().map(|a| a.id).collect::<Vec<_>>(), [account(3)]);
    let narrowed = scope.clone().narrowed_to(BTreeSet::from([account(1), account(3)]));
    let granted = db.scoped(&narrowed).list_accounts(None, 10).await.unwrap();
    assert_eq!(granted.iter().map(|a| a.id).collect::<Vec<_>>(), [account(1), account(3)]);
    let nothing = scope.clone().narrowed_to(BTreeSet::new());
    assert!(db.scoped(&nothing).list_accounts(None, 10).await.unwrap().is_empty());
}

async fn a_deleted_account_leaves_nothing(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    for number in [1, 2] {
        link(db, &scope, account(number)).await;
        let picture = Picture::of(account(number), later(60)).with_volumes(&scope, &[("vol-1", 5)]);
        picture.store(db, &scope).await;
    }
    org.delete_account(account(1)).await.unwrap();
    assert!(matches!(org.get_account(account(1)).await, Err(DbError::NotFound("account"))));
    assert!(matches!(org.delete_account(account(1)).await, Err(DbError::NotFound("account"))));
    link(db, &scope, account(1)).await;
    assert!(org.list_scans(account(1), None, 10).await.unwrap().is_empty());
    assert_eq!(org.list_scans(account(2), None, 10).await.unwrap().len(), 1);
}

async fn one_scan_claims_an_account(db: &TestDatabase) {
    let (scope, id) = (scope(db, "acme").await, account(1));
    link(db, &scope, id).await;
    let org = db.scoped(&scope);
    let (first, second) = (ScanId::generate(), ScanId::generate());
    assert!(org.claim_scan(id, first, noon(), later(60)).await.unwrap());
    assert!(!org.claim_scan(id, second, later(30), later(90)).await.unwrap());
    assert!(org.renew_scan(id, first, later(100)).await.unwrap());
    assert!(!org.renew_scan(id, second, later(100)).await.unwrap());
    assert!(!org.claim_scan(id, second, later(61), later(200)).await.unwrap(), "it was renewed");
    assert!(org.claim_scan(id, second, later(101), later(200)).await.unwrap(), "it ran out");
    assert!(!org.renew_scan(id, first, later(300)).await.unwrap());
    org.release_scan(id, first).await.unwrap();
    assert!(!org.claim_scan(id, first, later(102), later(200)).await.unwrap(), "not its own to release");
    org.release_scan(id, second).await.unwrap();
    assert!(org.claim_scan(id, first, later(102), later(200)).await.unwrap());
    let missing = org.claim_scan(account(9), first, noon(), later(60)).await;
    assert!(matches!(missing, Err(DbError::NotFound("account"))));
}
