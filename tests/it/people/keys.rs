//! API keys: never stronger than their issuer, when they are issued and at each use.

use super::{account, add, cx_of, link, set, token};
use crate::support::{
    app::TestApp,
    database::{TestDatabase, on_both_engines},
};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use tuner::{
    domain::{
        ids::UserId,
        permission::{Permission, Role, Scope},
        scope::{AccountAccess, OrgScope},
    },
    error::{Error, ErrorCode},
    op::{Actor, OpCx},
    service::{
        api_keys::{IssuedKey, NewKey, issue, list_keys, revoke_key},
        invitations::invite,
        members::{MemberChange, NewPerson, Standing, add_member, change_member},
        personal_data::erase,
        sign_in::by_api_key,
    },
};

on_both_engines! {
    a_key_follows_its_issuer,
    a_key_ends,
    nobody_issues_above_their_own_rights,
    a_key_issues_less_than_it_has,
    a_key_makes_nobody_stronger_than_itself,
    others_keys_are_not_there,
}

struct Stage {
    app: TestApp,
    operator: OpCx,
    ann: UserId,
    /// Of Ann, an administrator who sees the accounts 1 and 2 of 3.
    cx: OpCx,
}

impl Stage {
    async fn new(db: &TestDatabase) -> Self {
        let app = TestApp::open(db).await;
        let operator = app.operator("acme").await;
        for number in [1, 2, 3] {
            link(&app, &operator.scope, account(number)).await;
        }
        add(&app, &operator, "owner", Role::OrganizationAdmin, &[]).await;
        let ann = add(&app, &operator, "ann", Role::Admin, &[account(1), account(2)]).await;
        let cx = cx_of(&app, &token(&app, &operator.scope, ann).await).await;
        Self { app, operator, ann, cx }
    }

    async fn issue(&self, new: NewKey) -> Result<IssuedKey, Error> {
        issue(&self.app, &self.cx, self.ann, new).await
    }

    async fn change(&self, change: MemberChange) {
        change_member(&self.app, &self.operator, self.ann, change).await.unwrap();
    }

    async fn sign_in(&self, key: &IssuedKey) -> Result<(Actor, OrgScope), ErrorCode> {
        let signed_in = by_api_key(&self.app, key.text.expose_secret(), self.app.now()).await;
        self.app.settled().await;
        signed_in.map_err(|error| error.code())
    }

    async fn cx_of(&self, key: &IssuedKey) -> OpCx {
        let (actor, scope) = self.sign_in(key).await.unwrap();
        OpCx::without_request(actor, scope, self.app.now())
    }
}

fn new_key(role: Role, scopes: &[Scope]) -> NewKey {
    NewKey { name: "cron".to_owned(), role, scopes: set(scopes), accounts: None, expires_at: None }
}

const RUNS: &[Scope] = &[Scope::SchedulerRun, Scope::RecommendationsRead];

async fn a_key_follows_its_issuer(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let key = stage.issue(new_key(Role::Admin, RUNS)).await.unwrap();
    assert!(key.text.expose_secret().starts_with("tnr_"));
    let (actor, scope) = stage.sign_in(&key).await.unwrap();
    assert_eq!((actor.user_id, actor.role), (stage.ann, Role::Admin));
    assert!(actor.may(Permission::RunScheduler) && !actor.may(Permission::ManageScheduler));
    assert!(!actor.may(Permission::ManageOwnProfile), "a program has no password to change");
    assert_eq!(*scope.accounts(), AccountAccess::Only(set(&[account(1), account(2)])));
    stage.change(MemberChange { accounts: Some(set(&[account(2)])), ..MemberChange::default() }).await;
    let (_, scope) = stage.sign_in(&key).await.unwrap();
    assert_eq!(*scope.accounts(), AccountAccess::Only(set(&[account(2)])), "a withdrawn grant");
    stage.change(MemberChange { role: Some(Role::Viewer), ..MemberChange::default() }).await;
    let (actor, _) = stage.sign_in(&key).await.unwrap();
    assert!(actor.role == Role::Viewer && !actor.may(Permission::RunScheduler), "a lower role");
    stage.change(MemberChange { role: Some(Role::OrganizationAdmin), ..MemberChange::default() }).await;
    assert_eq!(stage.sign_in(&key).await.unwrap().0.role, Role::Admin, "never more than it was issued with");
    let standing = |standing| MemberChange { standing: Some(standing), ..MemberChange::default() };
    stage.change(standing(Standing::Disabled)).await;
    assert_eq!(stage.sign_in(&key).await.err(), Some(ErrorCode::Unauthenticated));
    stage.change(standing(Standing::Enabled)).await;
    assert!(stage.sign_in(&key).await.is_ok(), "it rested");
    erase(&stage.app, &stage.operator, stage.ann).await.unwrap();
    assert_eq!(stage.sign_in(&key).await.err(), Some(ErrorCode::Unauthenticated));
}

async fn a_key_ends(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let soon = stage.app.now() + SignedDuration::from_mins(10);
    let key = stage.issue(NewKey { expires_at: Some(soon), ..new_key(Role::User, RUNS) }).await.unwrap();
    let other = stage.issue(new_key(Role::User, RUNS)).await.unwrap();
    stage.app.at(9);
    assert!(stage.sign_in(&key).await.is_ok());
    let kept = db.scoped(&stage.cx.scope).get_api_key(key.key.id).await.unwrap();
    assert_eq!(kept.last_used_at, Some(stage.app.now()));
    stage.app.at(10);
    assert_eq!(stage.sign_in(&key).await.err(), Some(ErrorCode::Unauthenticated));
    revoke_key(&stage.app, &stage.cx, other.key.id).await.unwrap();
    assert_eq!(stage.sign_in(&other).await.err(), Some(ErrorCode::Unauthenticated));
    for unknown in ["tnr_", "tnr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &"tnr_x".repeat(900)] {
        let refused = by_api_key(&stage.app, unknown, stage.app.now()).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::Unauthenticated);
    }
    for (days, fits) in [(-1, false), (0, false), (366, true), (367, false)] {
        let end = stage.cx.now + SignedDuration::from_hours(days * 24);
        let made = stage.issue(NewKey { expires_at: Some(end), ..new_key(Role::User, RUNS) }).await;
        assert_eq!(made.is_ok(), fits, "{days} days");
    }
}

async fn nobody_issues_above_their_own_rights(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let code = async |new: NewKey| stage.issue(new).await.err().map(|error| error.code());
    assert_eq!(code(new_key(Role::OrganizationAdmin, RUNS)).await, Some(ErrorCode::AboveOwnRights));
    assert_eq!(code(new_key(Role::User, &[])).await, Some(ErrorCode::InvalidRequest));
    let accounts = |number| Some(set(&[account(number)]));
    assert_eq!(code(NewKey { accounts: accounts(1), ..new_key(Role::Admin, RUNS) }).await, None);
    for unseen in [3, 9] {
        let new = NewKey { accounts: accounts(unseen), ..new_key(Role::Admin, RUNS) };
        assert_eq!(code(new).await, Some(ErrorCode::NotFound), "account {unseen}");
    }
    let viewer = add(&stage.app, &stage.operator, "vic", Role::Viewer, &[]).await;
    let refused = issue(&stage.app, &stage.operator, viewer, new_key(Role::Viewer, RUNS)).await;
    assert_eq!(refused.err().map(|error| error.code()), Some(ErrorCode::AboveOwnRights), "viewers have none");
    let refused = issue(&stage.app, &stage.operator, stage.ann, new_key(Role::OrganizationAdmin, RUNS)).await;
    assert_eq!(
        refused.err().map(|error| error.code()),
        Some(ErrorCode::AboveOwnRights),
        "also by the operator"
    );
}

async fn a_key_issues_less_than_it_has(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let soon = stage.app.now() + SignedDuration::from_mins(10);
    let scopes = [Scope::ApiKeysIssue, Scope::SchedulerRun];
    let key = NewKey {
        accounts: Some(set(&[account(1)])),
        expires_at: Some(soon),
        ..new_key(Role::Admin, &scopes)
    };
    let key = stage.issue(key).await.unwrap();
    let cx = stage.cx_of(&key).await;
    let made = async |new: NewKey| issue(&stage.app, &cx, stage.ann, new).await.map_err(|error| error.code());
    let child = made(new_key(Role::Admin, &[Scope::SchedulerRun])).await.unwrap();
    assert_eq!(child.key.accounts, Some(set(&[account(1)])), "not all that Ann sees");
    assert_eq!(child.key.expires_at, soon, "it does not outlive the key");
    let above = made(new_key(Role::Admin, &[Scope::AccountsManage])).await;
    assert_eq!(above.err(), Some(ErrorCode::AboveOwnRights));
    let wide = NewKey { accounts: Some(set(&[account(2)])), ..new_key(Role::Admin, &[Scope::SchedulerRun]) };
    assert_eq!(made(wide).await.err(), Some(ErrorCode::NotFound));
    let later = Some(soon + SignedDuration::from_mins(1));
    let long = NewKey { expires_at: later, ..new_key(Role::Admin, &[Scope::SchedulerRun]) };
    assert_eq!(made(long).await.err(), Some(ErrorCode::AboveOwnRights));
}

async fn a_key_makes_nobody_stronger_than_itself(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let operator = &stage.operator;
    let owner = db.scoped(&operator.scope).find_member("owner").await.unwrap().unwrap().user;
    let new = new_key(Role::OrganizationAdmin, &[Scope::UsersManage]);
    let key = issue(&stage.app, operator, owner, new).await.unwrap();
    let cx = stage.cx_of(&key).await;
    for role in [Role::Viewer, Role::OrganizationAdmin] {
        let new = NewPerson { name: "eve".into(), display_name: None, role, accounts: set(&[]) };
        let refused = add_member(&stage.app, &cx, new).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::AboveOwnRights, "{role}");
    }
    let raise = MemberChange { role: Some(Role::OrganizationAdmin), ..MemberChange::default() };
    let refused = change_member(&stage.app, &cx, stage.ann, raise).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::AboveOwnRights);
    let refused = invite(&stage.app, &cx, owner).await.err().unwrap();
    assert_eq!(refused.code(), ErrorCode::AboveOwnRights, "a link to the owner would make it the owner");
    let disable = MemberChange { standing: Some(Standing::Disabled), ..MemberChange::default() };
    change_member(&stage.app, &cx, stage.ann, disable).await.unwrap();
}

async fn others_keys_are_not_there(db: &TestDatabase) {
    let stage = Stage::new(db).await;
    let key = stage.issue(new_key(Role::Admin, RUNS)).await.unwrap().key;
    let bob = add(&stage.app, &stage.operator, "bob", Role::Admin, &[]).await;
    let bob = cx_of(&stage.app, &token(&stage.app, &stage.operator.scope, bob).await).await;
    assert!(list_keys(&stage.app, &bob, None, 10).await.unwrap().is_empty());
    let refused = revoke_key(&stage.app, &bob, key.id).await.unwrap_err();
    assert_eq!((refused.code(), refused.detail()), (ErrorCode::NotFound, Error::not_found().detail()));
    assert_eq!(list_keys(&stage.app, &stage.cx, None, 10).await.unwrap(), std::slice::from_ref(&key));
    assert_eq!(list_keys(&stage.app, &stage.operator, None, 10).await.unwrap(), [key]);
}
