//! Credentials: whom they belong to, and that what serves once serves once, also at the same moment.

use super::sample::{account, key_of, later, link, scope, session_of};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use futures_util::future::join_all;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use tuner::{
    db::{ApiKey, Attempt, Database, LockRule, MemberChange, NewMember, Standing},
    domain::{ids::UserId, permission::Role, scope::OrgScope},
};

on_both_engines! {
    a_session_finds_its_owner,
    a_token_finds_its_owner,
    a_key_finds_its_issuer,
    signing_out_everywhere_leaves_keys,
    attempts_are_counted_before_they_are_judged,
    a_set_up_link_serves_once,
    a_code_serves_once,
    what_has_ended_is_swept,
}

async fn bob(db: &Database, scope: &OrgScope) -> UserId {
    let new = NewMember {
        user: UserId::generate(),
        subject: "bob".to_owned(),
        display_name: None,
        role: Role::Admin,
        created_at: noon(),
    };
    db.scoped(scope).create_member(&new).await.unwrap();
    new.user
}

async fn a_session_finds_its_owner(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    for number in [1, 2] {
        link(db, &scope, account(number)).await;
    }
    let granted = BTreeSet::from([account(1), account(2)]);
    org.set_grants(user, &granted).await.unwrap();
    let session = session_of(user, 1);
    org.create_session(&session).await.unwrap();
    let owner = db.find_session_owner([1; 32]).await.unwrap().unwrap();
    assert_eq!((owner.session, owner.last_seen_at), (session.id, noon()));
    assert_eq!((owner.person.user, owner.person.grants), (user, granted));
    assert_eq!(
        (&*owner.person.subject, owner.person.role, owner.person.disabled),
        ("bob", Role::Admin, false)
    );
    assert_eq!(owner.person.organization.as_str(), "acme");
    org.touch_session(session.id, later(90)).await.unwrap();
    org.touch_session(session.id, later(30)).await.unwrap();
    let seen = db.find_session_owner([1; 32]).await.unwrap().unwrap().last_seen_at;
    assert_eq!(seen, later(90), "never back");
    let disable = MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() };
    org.change_member(user, &disable, later(91)).await.unwrap();
    assert!(db.find_session_owner([1; 32]).await.unwrap().is_none(), "a disabled member has no session");
    assert!(db.find_session_owner([2; 32]).await.unwrap().is_none());
}

async fn a_token_finds_its_owner(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let user = bob(db, &scope).await;
    let (acme, other) = ("acme".parse().unwrap(), "ACME".parse().unwrap());
    let owner = db.find_token_owner(&acme, "bob", [7; 32]).await.unwrap().unwrap();
    assert_eq!((owner.person.user, owner.ended, owner.person.grants.len()), (user, false, 0));
    for subject in ["bob ", "Bob", ""] {
        assert!(db.find_token_owner(&acme, subject, [7; 32]).await.unwrap().is_none(), "'{subject}'");
    }
    assert!(db.find_token_owner(&other, "bob", [7; 32]).await.unwrap().is_none());
    let org = db.scoped(&scope);
    org.end_token([7; 32], later(60)).await.unwrap();
    org.end_token([7; 32], later(60)).await.unwrap();
    assert!(db.find_token_owner(&acme, "bob", [7; 32]).await.unwrap().unwrap().ended);
    assert!(!db.find_token_owner(&acme, "bob", [8; 32]).await.unwrap().unwrap().ended, "that one alone");
}

async fn a_key_finds_its_issuer(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    let key = ApiKey { accounts: Some(BTreeSet::from([account(9)])), ..key_of(user) };
    org.create_api_key(&key, [2; 32]).await.unwrap();
    assert_eq!(org.get_api_key(key.id).await.unwrap(), key);
    let owner = db.find_key_owner([2; 32]).await.unwrap().unwrap();
    assert_eq!((owner.key, owner.role, owner.revoked), (key.id, Role::Admin, false));
    assert_eq!((owner.scopes, owner.accounts, owner.person.user), (key.scopes, key.accounts, user));
    org.touch_api_key(key.id, later(5)).await.unwrap();
    org.revoke_api_key(key.id, later(6)).await.unwrap();
    org.revoke_api_key(key.id, later(7)).await.unwrap();
    let kept = org.get_api_key(key.id).await.unwrap();
    assert_eq!((kept.last_used_at, kept.revoked_at), (Some(later(5)), Some(later(6))));
    assert!(db.find_key_owner([2; 32]).await.unwrap().unwrap().revoked);
    assert_eq!(org.list_api_keys(Some(user), None, 10).await.unwrap(), [kept]);
    assert!(org.list_api_keys(Some(UserId::generate()), None, 10).await.unwrap().is_empty());
    assert!(org.list_api_keys(None, Some(key.id), 10).await.unwrap().is_empty(), "the page after");
}

async fn signing_out_everywhere_leaves_keys(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    for number in [1, 2] {
        org.create_session(&session_of(user, number)).await.unwrap();
    }
    org.create_api_key(&key_of(user), [2; 32]).await.unwrap();
    org.sign_out_everywhere(user, later(5)).await.unwrap();
    assert!(org.list_sessions(user).await.unwrap().is_empty());
    let person = db.find_key_owner([2; 32]).await.unwrap().unwrap().person;
    assert_eq!(person.signed_out_at, Some(later(5)));
}

async fn attempts_are_counted_before_they_are_judged(db: &TestDatabase) {
    let rule = LockRule { after_failures: 5, lasts: SignedDuration::from_mins(15) };
    let other = db.another().await;
    let attempts = (0..12).map(|number| {
        let db: &Database = if number % 2 == 0 { db } else { &other };
        db.begin_sign_in_attempt([1; 32], rule, noon())
    });
    let made: Vec<Attempt> = join_all(attempts).await.into_iter().map(Result::unwrap).collect();
    let mut counted: Vec<u32> = made
        .iter()
        .filter_map(|attempt| if let Attempt::Counted(failures) = attempt { Some(*failures) } else { None })
        .collect();
    counted.sort_unstable();
    assert_eq!(counted, [1, 2, 3, 4, 5], "many at once are no more than one after the other");
    let end = later(15 * 60);
    let at = async |seconds| db.begin_sign_in_attempt([1; 32], rule, later(seconds)).await.unwrap();
    assert_eq!(at(15 * 60 - 1).await, Attempt::LockedUntil(end), "asking does not make it longer");
    assert_eq!(at(15 * 60).await, Attempt::Counted(1), "then it begins anew");
    assert_eq!(db.begin_sign_in_attempt([2; 32], rule, noon()).await.unwrap(), Attempt::Counted(1));
    db.clear_sign_in_attempts([1; 32]).await.unwrap();
    assert_eq!(at(15 * 60 + 1).await, Attempt::Counted(1), "success clears it");
}

async fn a_set_up_link_serves_once(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    org.put_invitation(user, [1; 32], noon(), later(60)).await.unwrap();
    org.put_invitation(user, [3; 32], noon(), later(60)).await.unwrap();
    assert!(db.find_invitation([1; 32]).await.unwrap().is_none(), "a new one ends the one before");
    let invited = db.find_invitation([3; 32]).await.unwrap().unwrap();
    assert_eq!((invited.user, &*invited.subject, invited.expires_at), (user, "bob", later(60)));
    assert!(!org.accept_invitation(user, [3; 32], "a", later(60)).await.unwrap(), "too old");
    let other = db.another().await;
    let there = other.scoped(&scope);
    let (first, second) = tokio::join!(
        org.accept_invitation(user, [3; 32], "a", later(1)),
        there.accept_invitation(user, [3; 32], "b", later(1))
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_ne!(first, second);
    let hash = org.find_credential(user).await.unwrap().unwrap().password_hash;
    assert_eq!(hash, if first { "a" } else { "b" }, "who was first chose the password");
    assert!(db.find_invitation([3; 32]).await.unwrap().is_none());
    assert_eq!(org.find_kept_invitation(user).await.unwrap().unwrap().used_at, Some(later(1)));
}

async fn a_code_serves_once(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    assert!(!org.offer_totp_seed(user, &[1]).await.unwrap(), "no password yet");
    org.set_password(user, "a hash", noon()).await.unwrap();
    assert!(org.offer_totp_seed(user, &[1]).await.unwrap());
    assert!(org.offer_totp_seed(user, &[2; 20]).await.unwrap(), "begun anew");
    assert!(!org.use_totp_step(user, 100).await.unwrap(), "not confirmed");
    assert!(org.confirm_totp(user, 100, later(1)).await.unwrap());
    assert!(!org.confirm_totp(user, 101, later(2)).await.unwrap());
    assert!(!org.offer_totp_seed(user, &[3]).await.unwrap(), "another one needs the old one removed");
    let other = db.another().await;
    let there = other.scoped(&scope);
    assert!(!org.use_totp_step(user, 100).await.unwrap(), "confirming used it up");
    let (first, second) = tokio::join!(org.use_totp_step(user, 101), there.use_totp_step(user, 101));
    assert_ne!(first.unwrap(), second.unwrap());
    assert!(!org.use_totp_step(user, 99).await.unwrap(), "an older one neither");
    let local = db.find_local_user(&"acme".parse().unwrap(), "bob").await.unwrap().unwrap();
    assert_eq!((local.user, local.disabled), (user, false));
    let sealed = local.credential.totp_seed.unwrap();
    assert!(!sealed.windows(8).any(|bytes| bytes == [2; 8]), "sealed");
    assert_eq!(org.open_totp_seed(user, &sealed).await.unwrap().as_slice(), [2; 20]);
    org.set_password(user, "another", later(3)).await.unwrap();
    let kept = org.find_credential(user).await.unwrap().unwrap();
    assert_eq!(kept.totp_since, Some(later(1)), "a new password leaves the codes");
    org.remove_totp(user).await.unwrap();
    assert!(org.find_credential(user).await.unwrap().unwrap().totp_seed.is_none());
}

async fn what_has_ended_is_swept(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let (org, user) = (db.scoped(&scope), bob(db, &scope).await);
    for number in [1, 2] {
        org.create_session(&session_of(user, number)).await.unwrap();
    }
    let busy = db.find_session_owner([2; 32]).await.unwrap().unwrap().session;
    org.touch_session(busy, later(5000)).await.unwrap();
    assert_eq!(db.sweep_sessions(later(100), later(100)).await.unwrap(), 1, "the idle one");
    assert_eq!(db.sweep_sessions(later(8 * 3600 + 1), noon()).await.unwrap(), 1, "the old one");
    org.end_token([7; 32], later(60)).await.unwrap();
    assert_eq!(db.sweep_ended_tokens(later(60)).await.unwrap(), 0);
    assert_eq!(db.sweep_ended_tokens(later(61)).await.unwrap(), 1);
    org.put_invitation(user, [3; 32], noon(), later(60)).await.unwrap();
    assert_eq!(db.sweep_invitations(later(60)).await.unwrap(), 0);
    assert_eq!(db.sweep_invitations(later(61)).await.unwrap(), 1);
    let rule = LockRule { after_failures: 5, lasts: SignedDuration::from_mins(15) };
    db.begin_sign_in_attempt([1; 32], rule, noon()).await.unwrap();
    assert_eq!(db.sweep_sign_in_attempts(noon()).await.unwrap(), 0);
    assert_eq!(db.sweep_sign_in_attempts(later(1)).await.unwrap(), 1);
}
