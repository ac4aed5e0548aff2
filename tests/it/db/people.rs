//! Organisations, members, grants and the first set-up.

use super::sample::{account, later, link, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use std::collections::BTreeSet;
use tuner::{
    db::{DbError, MemberChange, NewMember, Standing},
    domain::{ids::UserId, permission::Role},
};

on_both_engines! {
    an_organization_is_created_once,
    members_are_created_and_found,
    grants_are_replaced,
    admins_are_counted,
    a_setup_token_serves_once,
}

fn member(subject: &str, role: Role) -> NewMember {
    let display_name = Some(format!("{subject} Ü"));
    NewMember {
        user: UserId::generate(),
        subject: subject.to_owned(),
        display_name,
        role,
        created_at: noon(),
    }
}

async fn an_organization_is_created_once(db: &TestDatabase) {
    let (name, upper) = ("acme".parse().unwrap(), "ACME".parse().unwrap());
    assert_eq!(db.find_organization(&name).await.unwrap(), None);
    let other = db.another().await;
    let (a, b) = tokio::join!(
        db.find_or_create_organization(&name, noon()),
        other.find_or_create_organization(&name, later(1))
    );
    assert_eq!(a.unwrap(), b.unwrap());
    let different = db.find_or_create_organization(&upper, noon()).await.unwrap();
    assert_ne!(db.find_organization(&name).await.unwrap().unwrap().key, different.key, "case counts");
    assert_eq!(db.list_organizations().await.unwrap().len(), 2);
}

async fn members_are_created_and_found(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let bob = member("bob", Role::User);
    org.create_member(&bob).await.unwrap();
    let again = org.create_member(&member("bob", Role::Viewer)).await.unwrap_err();
    assert!(matches!(again, DbError::Conflict("member")), "{again:?}");
    let found = org.find_member("bob").await.unwrap().unwrap();
    assert_eq!((found.user, &found.display_name, found.role), (bob.user, &bob.display_name, Role::User));
    assert_eq!((found.created_at, found.disabled_at), (noon(), None));
    for other in ["Bob", "bob ", "bo", ""] {
        assert_eq!(org.find_member(other).await.unwrap(), None, "'{other}'");
    }
    let change = MemberChange {
        role: Some(Role::Admin),
        standing: Some(Standing::Disabled),
        ..MemberChange::default()
    };
    org.change_member(bob.user, &change, later(5)).await.unwrap();
    let found = org.get_member(bob.user).await.unwrap();
    assert_eq!((found.role, found.disabled_at), (Role::Admin, Some(later(5))));
    org.create_member(&member("carol", Role::Viewer)).await.unwrap();
    let first = org.list_members(None, 1).await.unwrap();
    let second = org.list_members(Some(first[0].user), 1).await.unwrap();
    assert_eq!([&*first[0].subject, &*second[0].subject], ["bob", "carol"]);
    let missing = org.change_member(UserId::generate(), &change, noon()).await.unwrap_err();
    assert!(matches!(missing, DbError::NotFound("member")));
}

async fn grants_are_replaced(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    for number in [1, 2, 3] {
        link(db, &scope, account(number)).await;
    }
    let bob = member("bob", Role::User);
    org.create_member(&bob).await.unwrap();
    for granted in [BTreeSet::from([account(1), account(2)]), BTreeSet::from([account(3)]), BTreeSet::new()] {
        org.set_grants(bob.user, &granted).await.unwrap();
        assert_eq!(org.list_grants(bob.user).await.unwrap(), granted);
    }
    let foreign = org.set_grants(bob.user, &BTreeSet::from([account(1), account(9)])).await.unwrap_err();
    assert!(matches!(foreign, DbError::NotFound("account")), "{foreign:?}");
    assert!(org.list_grants(bob.user).await.unwrap().is_empty(), "all or nothing");
    let nobody = org.set_grants(UserId::generate(), &BTreeSet::new()).await.unwrap_err();
    assert!(matches!(nobody, DbError::NotFound("member")));
}

async fn admins_are_counted(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    let ann = member("ann", Role::OrganizationAdmin);
    db.scoped(&acme).create_member(&ann).await.unwrap();
    db.scoped(&acme).create_member(&member("bob", Role::Admin)).await.unwrap();
    assert_eq!(db.scoped(&acme).count_organization_admins().await.unwrap(), 1);
    assert_eq!(db.scoped(&globex).count_organization_admins().await.unwrap(), 0);
    assert_eq!(db.count_all_organization_admins().await.unwrap(), 1);
    let zoe = member("zoe", Role::OrganizationAdmin);
    db.scoped(&acme).create_member(&zoe).await.unwrap();
    let disable = MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() };
    db.scoped(&acme).change_member(ann.user, &disable, noon()).await.unwrap();
    assert_eq!(db.count_all_organization_admins().await.unwrap(), 1, "a disabled one does not count");
}

async fn a_setup_token_serves_once(db: &TestDatabase) {
    assert!(db.create_setup_token("first", noon()).await.unwrap());
    assert!(db.create_setup_token("second", later(1)).await.unwrap(), "the first start was tried again");
    assert!(!db.consume_setup_token("first", noon(), later(2)).await.unwrap(), "it was replaced");
    assert!(!db.consume_setup_token("second", later(2), later(3)).await.unwrap(), "too old");
    assert!(db.consume_setup_token("second", noon(), later(2)).await.unwrap());
    assert!(!db.consume_setup_token("second", noon(), later(2)).await.unwrap(), "once");
    let scope = scope(db, "acme").await;
    db.scoped(&scope).create_member(&member("ann", Role::OrganizationAdmin)).await.unwrap();
    assert!(!db.create_setup_token("third", later(4)).await.unwrap(), "there is an admin");
    assert!(!db.consume_setup_token("third", noon(), later(5)).await.unwrap());
}
