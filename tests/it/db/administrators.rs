//! Somebody always administers the organisation, and an erased person leaves nothing but an id.

use super::sample::{account, key_of, later, link, scope, session_of};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use std::collections::BTreeSet;
use tuner::{
    db::{Database, DbError, MemberChange, NewMember, Standing},
    domain::{ids::UserId, permission::Role, scope::OrgScope},
};

on_both_engines! {
    the_last_administrator_stays,
    two_administrators_do_not_remove_each_other,
    a_change_is_made_whole_or_not_at_all,
    grants_that_the_caller_does_not_see_stay,
    an_erased_person_leaves_an_id,
}

async fn add(db: &Database, scope: &OrgScope, subject: &str, role: Role) -> UserId {
    let new = NewMember {
        user: UserId::generate(),
        subject: subject.to_owned(),
        display_name: Some("Some Body".to_owned()),
        role,
        created_at: noon(),
    };
    db.scoped(scope).create_member(&new).await.unwrap();
    new.user
}

fn demote() -> MemberChange {
    MemberChange { role: Some(Role::Viewer), ..MemberChange::default() }
}

fn disable() -> MemberChange {
    MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() }
}

async fn the_last_administrator_stays(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let ann = add(db, &scope, "ann", Role::OrganizationAdmin).await;
    let bob = add(db, &scope, "bob", Role::OrganizationAdmin).await;
    add(db, &scope, "carol", Role::Admin).await;
    org.change_member(bob, &disable(), noon()).await.unwrap();
    let other = super::sample::scope(db, "globex").await;
    add(db, &other, "zoe", Role::OrganizationAdmin).await;
    for refused in [
        org.change_member(ann, &demote(), noon()).await,
        org.change_member(ann, &disable(), noon()).await,
        org.erase_member(ann, noon()).await,
    ] {
        assert!(matches!(refused, Err(DbError::LastAdministrator)), "{refused:?}");
    }
    let kept = org.get_member(ann).await.unwrap();
    assert_eq!((kept.role, kept.disabled_at), (Role::OrganizationAdmin, None));
    let enable = MemberChange { standing: Some(Standing::Enabled), ..MemberChange::default() };
    org.change_member(bob, &enable, noon()).await.unwrap();
    org.change_member(ann, &demote(), noon()).await.unwrap();
    assert!(matches!(org.erase_member(bob, noon()).await, Err(DbError::LastAdministrator)));
}

async fn two_administrators_do_not_remove_each_other(db: &TestDatabase) {
    let other = db.another().await;
    for round in 0..8 {
        let scope = scope(db, &format!("org-{round}")).await;
        let ann = add(db, &scope, "ann", Role::OrganizationAdmin).await;
        let bob = add(db, &scope, "bob", Role::OrganizationAdmin).await;
        let (here, there) = (db.scoped(&scope), other.scoped(&scope));
        let (change, again) = (demote(), disable());
        let (first, second) = if round % 2 == 0 {
            tokio::join!(here.change_member(ann, &change, noon()), there.erase_member(bob, noon()))
        } else {
            tokio::join!(here.change_member(ann, &change, noon()), there.change_member(bob, &again, noon()))
        };
        assert_ne!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
        let refused = first.err().or(second.err()).unwrap();
        assert!(matches!(refused, DbError::LastAdministrator), "{refused:?}");
        assert_eq!(here.count_organization_admins().await.unwrap(), 1);
    }
}

async fn a_change_is_made_whole_or_not_at_all(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    add(db, &scope, "ann", Role::OrganizationAdmin).await;
    let bob = add(db, &scope, "bob", Role::User).await;
    let change = MemberChange { accounts: Some(BTreeSet::from([account(1)])), ..demote() };
    let missing = org.change_member(bob, &change, noon()).await.unwrap_err();
    assert!(matches!(missing, DbError::NotFound("account")), "{missing:?}");
    assert_eq!(org.get_member(bob).await.unwrap().role, Role::User);
    link(db, &scope, account(1)).await;
    let change = MemberChange { display_name: Some(String::new()), ..change };
    org.change_member(bob, &change, noon()).await.unwrap();
    let kept = org.get_member(bob).await.unwrap();
    assert_eq!((kept.role, kept.display_name), (Role::Viewer, None));
    assert_eq!(org.list_grants(bob).await.unwrap(), BTreeSet::from([account(1)]));
    assert_eq!(org.list_grants_of(&[bob]).await.unwrap()[&bob], BTreeSet::from([account(1)]));
}

async fn grants_that_the_caller_does_not_see_stay(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    for number in [1, 2, 3] {
        link(db, &scope, account(number)).await;
    }
    let bob = add(db, &scope, "bob", Role::User).await;
    let of = |numbers: &[u64]| numbers.iter().map(|number| account(*number)).collect::<BTreeSet<_>>();
    db.scoped(&scope).set_grants(bob, &of(&[1, 2])).await.unwrap();
    let narrowed = scope.clone().narrowed_to(of(&[2, 3]));
    let change = MemberChange { accounts: Some(of(&[3])), ..MemberChange::default() };
    db.scoped(&narrowed).change_member(bob, &change, noon()).await.unwrap();
    assert_eq!(db.scoped(&scope).list_grants(bob).await.unwrap(), of(&[1, 3]));
    let change = MemberChange { accounts: Some(of(&[1])), ..MemberChange::default() };
    let refused = db.scoped(&narrowed).change_member(bob, &change, noon()).await.unwrap_err();
    assert!(matches!(refused, DbError::NotFound("account")), "{refused:?}");
}

async fn an_erased_person_leaves_an_id(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    add(db, &scope, "ann", Role::OrganizationAdmin).await;
    link(db, &scope, account(1)).await;
    let bob = add(db, &scope, "bob@example.com", Role::User).await;
    org.set_grants(bob, &BTreeSet::from([account(1)])).await.unwrap();
    org.set_password(bob, "a hash", noon()).await.unwrap();
    org.create_session(&session_of(bob, 1)).await.unwrap();
    org.create_api_key(&key_of(bob), [2; 32]).await.unwrap();
    org.put_invitation(bob, [3; 32], noon(), later(60)).await.unwrap();
    org.erase_member(bob, later(9)).await.unwrap();

    assert!(matches!(org.get_member(bob).await, Err(DbError::NotFound("member"))));
    assert_eq!(org.find_member("bob@example.com").await.unwrap(), None);
    assert_eq!(org.list_members(None, 10).await.unwrap().len(), 1);
    for table in ["credential", "session", "api_key", "invitation", "account_grant"] {
        let count = format!("SELECT CONCAT(COUNT(*), '') FROM {table}");
        let count = if db.is_mysql() { count } else { format!("SELECT COUNT(*) || '' FROM {table}") };
        assert_eq!(db.texts(count).await, ["0"], "{table}");
    }
    let names = "SELECT subject FROM member WHERE display_name IS NULL AND erased_at IS NOT NULL".to_owned();
    assert_eq!(db.texts(names).await, [format!("erased-{bob}")], "the row stays for what refers to it");
    assert!(matches!(org.erase_member(bob, later(9)).await, Err(DbError::NotFound("member"))), "once");
    add(db, &scope, "bob@example.com", Role::Viewer).await;
}
