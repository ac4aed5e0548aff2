//! What belongs to another organisation, or to an account that was not granted, does not exist.

use super::sample::{Picture, account, external_id, key_of, later, link, region, scope, session_of};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use jiff::civil::Date;
use std::{collections::BTreeSet, future::Future};
use tuner::{
    db::{
        CostFilter, CostGrouping, DbError, Decision, MemberChange, NewMember, OrgDb, RecommendationFilter,
        RecommendationSort, ResourceFilter,
    },
    domain::{
        account::{AccountStatus, Verification},
        cost::DailyCost,
        ids::{AccountId, ApiKeyId, ScanId, UserId},
        inventory::{ResourceKind, resource_key},
        money::MicroUsd,
        permission::Role,
        recommendation::RecommendationStatus as Status,
        scan::{PermissionState, PermissionStatus},
        scope::OrgScope,
    },
};

on_both_engines! {
    another_organization_sees_nothing,
    another_organization_changes_nothing,
    an_account_not_granted_does_not_exist,
    a_granted_account_is_seen_alone,
}

const DAY: Date = Date::constant(2026, 11, 20);

/// An organisation with one full account.
struct Owner {
    scope: OrgScope,
    picture: Picture,
    scan: ScanId,
    member: UserId,
    key: ApiKeyId,
}

async fn owner(db: &TestDatabase) -> Owner {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let mut picture = Picture::of(account(1), later(60)).with_volumes(&scope, &[("vol-1", 5)]);
    picture.costs = vec![DailyCost { day: DAY, service: "EC2".to_owned(), amount: MicroUsd::from_usd(4) }];
    picture.permissions = vec![PermissionState {
        action: "ec2:DescribeVolumes".to_owned(),
        status: PermissionStatus::Granted,
        needed_by: vec![],
    }];
    let scan = picture.begin(db, &scope).await;
    picture.store_as(db, &scope, scan).await.unwrap();
    let member = UserId::generate();
    let new = NewMember {
        user: member,
        subject: "ann".to_owned(),
        display_name: None,
        role: Role::OrganizationAdmin,
        created_at: noon(),
    };
    db.scoped(&scope).create_member(&new).await.unwrap();
    db.scoped(&scope).set_grants(member, &BTreeSet::from([account(1)])).await.unwrap();
    let org = db.scoped(&scope);
    let key = key_of(member);
    org.set_password(member, "a hash", noon()).await.unwrap();
    org.create_session(&session_of(member, 1)).await.unwrap();
    org.create_api_key(&key, [2; 32]).await.unwrap();
    org.put_invitation(member, [3; 32], noon(), later(60)).await.unwrap();
    Owner { scope, picture, scan, member, key: key.id }
}

/// What every list gives, by name.
async fn seen(org: OrgDb<'_>, member: UserId) -> Vec<(&'static str, usize)> {
    let filter = CostFilter { from: DAY, to: DAY, account: None, service: None };
    let all = RecommendationFilter::default();
    let recommendations = org.list_recommendations(&all, RecommendationSort::Savings, None, 10);
    let summary = org.summarize_savings(Status::Active, None).await.unwrap();
    vec![
        ("accounts", org.list_accounts(None, 10).await.unwrap().len()),
        ("resources", org.list_resources(&ResourceFilter::default(), None, 10).await.unwrap().len()),
        ("recommendations", recommendations.await.unwrap().len()),
        ("savings", summary.by_account.len()),
        ("costs", org.sum_costs(&filter, CostGrouping::Account).await.unwrap().len()),
        ("grants", org.list_grants(member).await.unwrap().len()),
        ("members", org.list_members(None, 10).await.unwrap().len()),
        ("sessions", org.list_sessions(member).await.unwrap().len()),
        ("keys", org.list_api_keys(None, None, 10).await.unwrap().len()),
        ("credentials", usize::from(org.find_credential(member).await.unwrap().is_some())),
        ("invitations", usize::from(org.find_kept_invitation(member).await.unwrap().is_some())),
        ("admins", usize::try_from(org.count_organization_admins().await.unwrap()).unwrap()),
    ]
}

async fn missing<T>(name: &str, call: impl Future<Output = Result<T, DbError>>) {
    match call.await {
        Err(DbError::NotFound(_)) => {}
        Err(other) => panic!("{name}: {other:?}"),
        Ok(_) => panic!("{name} was found"),
    }
}

/// Every method that names an account, a scan, a resource or a recommendation.
async fn nothing_is_found(org: OrgDb<'_>, scope: &OrgScope, owner: &Owner) {
    let (id, at, until) = (account(1), later(5_000), later(9_000));
    let recommendation = owner.picture.recommendations[0].recommendation_id;
    let key = resource_key(ResourceKind::Volume, id, &region(), "vol-1");
    let next = external_id(id, scope);
    let verification = Verification { passed: true, conclusive: true, steps: vec![] };
    missing("get_account", org.get_account(id)).await;
    missing("rename_account", org.rename_account(id, "x")).await;
    missing("set_account_roles", org.set_account_roles(id, None, None)).await;
    let verified = org.set_account_verification(id, AccountStatus::Linked, &verification, at);
    missing("set_account_verification", verified).await;
    missing("find_account_verification", org.find_account_verification(id)).await;
    missing("set_next_external_id", org.set_next_external_id(id, Some(&next))).await;
    missing("delete_account", org.delete_account(id)).await;
    missing("claim_scan", org.claim_scan(id, ScanId::generate(), at, until)).await;
    missing("create_scan", org.create_scan(ScanId::generate(), id, &[], at)).await;
    missing("get_scan", org.get_scan(owner.scan)).await;
    missing("finish_scan", org.finish_scan(&owner.picture.record(owner.scan))).await;
    missing("get_resource", org.get_resource(key)).await;
    missing("get_recommendation", org.get_recommendation(recommendation)).await;
    let decided = org.decide_recommendation(recommendation, &Decision::Reopen, UserId::generate(), at);
    missing("decide_recommendation", decided).await;
}

async fn another_organization_sees_nothing(db: &TestDatabase) {
    let owner = owner(db).await;
    let other = scope(db, "globex").await;
    for (name, count) in seen(db.scoped(&owner.scope), owner.member).await {
        assert_eq!(count, 1, "the owner sees its {name}");
    }
    for (name, count) in seen(db.scoped(&other), owner.member).await {
        assert_eq!(count, 0, "another organisation sees {name}");
    }
    let org = db.scoped(&other);
    nothing_is_found(org, &other, &owner).await;
    assert!(org.list_scans(account(1), None, 10).await.unwrap().is_empty());
    assert!(org.list_permissions(account(1)).await.unwrap().is_empty());
    assert!(org.list_daily_costs(account(1), DAY, DAY).await.unwrap().is_empty());
    assert!(!org.renew_scan(account(1), owner.scan, later(9_000)).await.unwrap());
    assert!(!org.promote_external_id(account(1), &external_id(account(1), &other), noon()).await.unwrap());
    assert_eq!(org.find_member("ann").await.unwrap(), None);
    missing("get_member", org.get_member(owner.member)).await;
    missing("change_member", org.change_member(owner.member, &MemberChange::default(), noon())).await;
    missing("erase_member", org.erase_member(owner.member, noon())).await;
    missing("follow_issuer", org.follow_issuer(owner.member, Role::Viewer)).await;
    missing("set_password", org.set_password(owner.member, "hash", noon())).await;
    missing("put_invitation", org.put_invitation(owner.member, [9; 32], noon(), later(1))).await;
    missing("create_session", org.create_session(&session_of(owner.member, 9))).await;
    missing("create_api_key", org.create_api_key(&key_of(owner.member), [9; 32])).await;
    missing("get_api_key", org.get_api_key(owner.key)).await;
    missing("revoke_api_key", org.revoke_api_key(owner.key, noon())).await;
    assert!(org.find_credential(owner.member).await.unwrap().is_none());
    assert!(!org.use_totp_step(owner.member, 7).await.unwrap());
    assert!(!org.accept_invitation(owner.member, [3; 32], "hash", noon()).await.unwrap());
    org.sign_out_everywhere(owner.member, noon()).await.unwrap();
    assert!(db.find_session_owner([1; 32]).await.unwrap().is_some(), "the owner's session goes on");
    missing("set_grants", org.set_grants(owner.member, &BTreeSet::new())).await;
}

/// The same AWS account in two organisations: two rows of everything.
async fn another_organization_changes_nothing(db: &TestDatabase) {
    let owner = owner(db).await;
    let other = scope(db, "globex").await;
    link(db, &other, account(1)).await;
    let theirs = Picture::of(account(1), later(120)).with_volumes(&other, &[("vol-1", 99), ("vol-2", 1)]);
    theirs.store(db, &other).await;
    Picture::of(account(1), later(180)).store(db, &other).await;
    db.scoped(&other).wake_recommendations(later(9_000)).await.unwrap();
    db.scoped(&other).delete_account(account(1)).await.unwrap();
    for (name, count) in seen(db.scoped(&owner.scope), owner.member).await {
        assert_eq!(count, 1, "the owner still sees its {name}");
    }
    let id = owner.picture.recommendations[0].recommendation_id;
    let kept = db.scoped(&owner.scope).get_recommendation(id).await.unwrap().recommendation;
    assert_eq!((kept.estimated_monthly_savings, kept.status), (MicroUsd::from_usd(5), Status::Active));
}

async fn an_account_not_granted_does_not_exist(db: &TestDatabase) {
    let owner = owner(db).await;
    link(db, &owner.scope, account(2)).await;
    let narrowed = owner.scope.clone().narrowed_to(BTreeSet::from([account(2)]));
    let org = db.scoped(&narrowed);
    nothing_is_found(org, &narrowed, &owner).await;
    missing("list_scans", org.list_scans(account(1), None, 10)).await;
    missing("list_permissions", org.list_permissions(account(1))).await;
    missing("list_daily_costs", org.list_daily_costs(account(1), DAY, DAY)).await;
    missing("renew_scan", org.renew_scan(account(1), owner.scan, later(9_000))).await;
    missing("release_scan", org.release_scan(account(1), owner.scan)).await;
    let next = external_id(account(1), &narrowed);
    missing("promote_external_id", org.promote_external_id(account(1), &next, noon())).await;
    missing("store_scan", owner.picture.store_as(db, &narrowed, owner.scan)).await;
    missing("set_grants", org.set_grants(owner.member, &BTreeSet::from([account(1)]))).await;
    let asked = RecommendationFilter { account: Some(account(1)), ..RecommendationFilter::default() };
    let listed = org.list_recommendations(&asked, RecommendationSort::Savings, None, 10).await.unwrap();
    assert!(listed.is_empty(), "asking for it by name does not help");
    let summary = org.summarize_savings(Status::Active, Some(account(1))).await.unwrap();
    assert_eq!(summary.total.recommendations, 0);
    let resources = ResourceFilter { account: Some(account(1)), ..ResourceFilter::default() };
    assert!(org.list_resources(&resources, None, 10).await.unwrap().is_empty());
}

async fn a_granted_account_is_seen_alone(db: &TestDatabase) {
    let owner = owner(db).await;
    link(db, &owner.scope, account(2)).await;
    let mut second = Picture::of(account(2), later(60)).with_volumes(&owner.scope, &[("vol-9", 9)]);
    second.costs = owner.picture.costs.clone();
    second.store(db, &owner.scope).await;
    let of = |accounts: &[AccountId]| owner.scope.clone().narrowed_to(accounts.iter().copied().collect());
    let by_account = async |scope: OrgScope| {
        let counts = seen(db.scoped(&scope), owner.member).await;
        counts.into_iter().take(5).map(|(_, count)| count).collect::<Vec<_>>()
    };
    assert_eq!(by_account(of(&[])).await, [0; 5]);
    assert_eq!(by_account(of(&[account(2)])).await, [1; 5]);
    assert_eq!(by_account(of(&[account(1), account(2), account(3)])).await, [2; 5]);
}
