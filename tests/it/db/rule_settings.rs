//! Rule settings: one document a level, replaced only by who read its last version.

use super::sample::{account, later, link, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use serde_json::json;
use std::collections::BTreeSet;
use tuner::{
    db::DbError,
    domain::{ids::UserId, rule_settings::RuleSettings},
};

on_both_engines! {
    each_level_has_a_document_of_its_own,
    an_old_version_replaces_nothing,
    they_go_with_their_account,
    an_account_not_granted_has_none,
}

fn days(days: u32) -> RuleSettings {
    serde_json::from_value(json!({"thresholds": {"look_back_days": days}})).unwrap()
}

async fn each_level_has_a_document_of_its_own(db: &TestDatabase) {
    let (acme, evil) = (scope(db, "acme").await, scope(db, "evil").await);
    link(db, &acme, account(1)).await;
    let (org, by) = (db.scoped(&acme), UserId::generate());
    assert_eq!(org.find_rule_settings(None).await.unwrap(), None);
    assert!(org.put_rule_settings(None, &days(30), 0, (by, later(1))).await.unwrap());
    assert!(org.put_rule_settings(Some(account(1)), &days(7), 0, (by, later(2))).await.unwrap());
    let kept = org.find_rule_settings(None).await.unwrap().unwrap();
    assert_eq!((kept.settings, kept.version, kept.updated_by, kept.updated_at), (days(30), 1, by, later(1)));
    let kept = org.find_rule_settings(Some(account(1))).await.unwrap().unwrap();
    assert_eq!(kept.settings, days(7));
    assert_eq!(db.scoped(&evil).find_rule_settings(None).await.unwrap(), None);
    assert_eq!(db.scoped(&evil).find_rule_settings(Some(account(1))).await.unwrap(), None);
}

async fn an_old_version_replaces_nothing(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let org = db.scoped(&scope);
    let stamp = || (UserId::generate(), later(1));
    for level in [None, Some(account(1))] {
        assert!(org.put_rule_settings(level, &days(1), 0, stamp()).await.unwrap());
        assert!(!org.put_rule_settings(level, &days(2), 0, stamp()).await.unwrap(), "somebody was first");
        assert!(org.put_rule_settings(level, &days(3), 1, stamp()).await.unwrap());
        assert!(!org.put_rule_settings(level, &days(4), 1, stamp()).await.unwrap(), "read before the change");
        let kept = org.find_rule_settings(level).await.unwrap().unwrap();
        assert_eq!((kept.settings, kept.version), (days(3), 2));
    }
}

async fn they_go_with_their_account(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let org = db.scoped(&scope);
    let stamp = (UserId::generate(), later(1));
    assert!(org.put_rule_settings(Some(account(1)), &days(1), 0, stamp).await.unwrap());
    assert!(org.delete_account_rule_settings(account(1)).await.unwrap());
    assert!(!org.delete_account_rule_settings(account(1)).await.unwrap());
    assert!(org.put_rule_settings(Some(account(1)), &days(1), 0, stamp).await.unwrap());
    org.delete_account(account(1)).await.unwrap();
    let gone = org.put_rule_settings(Some(account(1)), &days(1), 0, stamp).await.unwrap_err();
    assert!(matches!(gone, DbError::NotFound("account")), "{gone}");
}

async fn an_account_not_granted_has_none(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let narrow = scope.narrowed_to(BTreeSet::new());
    let org = db.scoped(&narrow);
    let stamp = (UserId::generate(), later(1));
    let refused = [
        org.find_rule_settings(Some(account(1))).await.map(drop),
        org.put_rule_settings(Some(account(1)), &days(1), 0, stamp).await.map(drop),
        org.delete_account_rule_settings(account(1)).await.map(drop),
    ];
    assert!(refused.iter().all(|answer| matches!(answer, Err(DbError::NotFound("account")))), "{refused:?}");
}
