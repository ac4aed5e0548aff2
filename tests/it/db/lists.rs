//! Lists: each filter, each order, page by page without gap or repetition.

use super::sample::{Picture, account, later, link, other_region, recommendation, scope};
use crate::support::database::{TestDatabase, on_both_engines};
use tuner::{
    db::{RecommendationCursor, RecommendationFilter, RecommendationSort, ResourceFilter, TagFilter},
    domain::{
        inventory::{ResourceKind, Service, resource_key},
        money::MicroUsd,
        recommendation::RecommendationStatus as Status,
        scope::OrgScope,
    },
};

on_both_engines! {
    recommendations_are_filtered,
    recommendations_are_paged_in_every_order,
    resources_are_filtered_and_paged,
    a_tag_of_many_resources_is_filtered_alike,
}

/// Two accounts with 25 volumes each; many save the same.
async fn stored(db: &TestDatabase) -> OrgScope {
    let scope = scope(db, "acme").await;
    for number in [1, 2] {
        link(db, &scope, account(number)).await;
        let names: Vec<String> = (0..25).map(|volume| format!("vol-{number}-{volume:02}")).collect();
        let volumes: Vec<(&str, i64)> =
            names.iter().zip(0..).map(|(name, at)| (name.as_str(), at % 4)).collect();
        let at = later(i64::try_from(number).unwrap() * 60);
        let mut picture = Picture::of(account(number), at).with_volumes(&scope, &volumes);
        let mut other = recommendation(&scope, account(number), &format!("i-{number}"), 50);
        "ec2-instance-idle".clone_into(&mut other.rule);
        (other.service, other.resource_type) = (Service::Ec2, ResourceKind::Instance);
        other.region = other_region();
        other.first_seen = at;
        picture.recommendations.push(other);
        picture.store(db, &scope).await;
    }
    scope
}

async fn count(db: &TestDatabase, scope: &OrgScope, filter: RecommendationFilter) -> usize {
    let org = db.scoped(scope);
    org.list_recommendations(&filter, RecommendationSort::Savings, None, 500).await.unwrap().len()
}

async fn recommendations_are_filtered(db: &TestDatabase) {
    let scope = stored(db).await;
    let all = RecommendationFilter::default;
    let tag = |key: &str, value: Option<&str>| {
        Some(TagFilter { key: key.to_owned(), value: value.map(str::to_owned) })
    };
    let cases = [
        (all(), 52),
        (RecommendationFilter { account: Some(account(1)), ..all() }, 26),
        (RecommendationFilter { account: Some(account(3)), ..all() }, 0),
        (RecommendationFilter { status: Some(Status::Active), ..all() }, 52),
        (RecommendationFilter { status: Some(Status::Resolved), ..all() }, 0),
        (RecommendationFilter { service: Some(Service::Ec2), ..all() }, 2),
        (RecommendationFilter { rule: Some("ec2-instance-idle".to_owned()), ..all() }, 2),
        (RecommendationFilter { region: Some(other_region()), ..all() }, 2),
        (RecommendationFilter { min_savings: Some(MicroUsd::from_usd(3)), ..all() }, 14),
        (RecommendationFilter { tag: tag("team", Some("data")), ..all() }, 50),
        (RecommendationFilter { tag: tag("Name", Some("vol-1-07")), ..all() }, 1),
        (RecommendationFilter { tag: tag("Name", None), ..all() }, 50),
        (RecommendationFilter { tag: tag("nobody", None), ..all() }, 0),
        (
            RecommendationFilter {
                account: Some(account(2)),
                status: Some(Status::Active),
                service: Some(Service::Ebs),
                rule: Some("ebs-volume-unattached".to_owned()),
                region: Some(super::sample::region()),
                tag: tag("team", None),
                min_savings: Some(MicroUsd::from_usd(2)),
            },
            12,
        ),
    ];
    for (filter, expected) in cases {
        assert_eq!(count(db, &scope, filter.clone()).await, expected, "{filter:?}");
    }
}

async fn recommendations_are_paged_in_every_order(db: &TestDatabase) {
    let scope = stored(db).await;
    let org = db.scoped(&scope);
    let filter = RecommendationFilter { status: Some(Status::Active), ..RecommendationFilter::default() };
    for sort in [RecommendationSort::Savings, RecommendationSort::FirstSeen, RecommendationSort::Resource] {
        let whole = org.list_recommendations(&filter, sort, None, 500).await.unwrap();
        let (mut paged, mut after) = (Vec::new(), None);
        loop {
            let page = org.list_recommendations(&filter, sort, after.as_ref(), 7).await.unwrap();
            let Some(last) = page.last() else { break };
            let cursor = RecommendationCursor::of(&last.recommendation, sort);
            // As it travels to a client and back.
            let text = serde_json::to_string(&cursor).unwrap();
            after = Some(serde_json::from_str(&text).unwrap());
            paged.extend(page);
        }
        assert_eq!(paged, whole, "{sort:?}");
        let found: Vec<_> = whole.iter().map(|kept| &kept.recommendation).collect();
        assert!(match sort {
            RecommendationSort::Savings =>
                found.is_sorted_by_key(|r| std::cmp::Reverse(r.estimated_monthly_savings)),
            RecommendationSort::FirstSeen => found.is_sorted_by_key(|r| std::cmp::Reverse(r.first_seen)),
            RecommendationSort::Resource => found.is_sorted_by_key(|r| &r.resource_id),
        });
    }
}

async fn resources_are_filtered_and_paged(db: &TestDatabase) {
    let scope = stored(db).await;
    let org = db.scoped(&scope);
    let of = |account_id, kind, region| ResourceFilter { account: account_id, kind, region, tag: None };
    let cases = [
        (of(None, None, None), 50),
        (of(Some(account(1)), None, None), 25),
        (of(None, Some(ResourceKind::Volume), None), 50),
        (of(None, Some(ResourceKind::Instance), None), 0),
        (of(None, None, Some(other_region())), 0),
        (of(Some(account(2)), Some(ResourceKind::Volume), Some(super::sample::region())), 25),
    ];
    for (filter, expected) in cases {
        assert_eq!(org.list_resources(&filter, None, 500).await.unwrap().len(), expected, "{filter:?}");
    }
    let whole = org.list_resources(&of(None, None, None), None, 500).await.unwrap();
    let (mut paged, mut after) = (Vec::new(), None);
    while let page = org.list_resources(&of(None, None, None), after, 8).await.unwrap()
        && let Some(last) = page.last()
    {
        after = Some(last.key);
        paged.extend(page);
    }
    assert_eq!(paged, whole);
    let key = resource_key(ResourceKind::Volume, account(1), &super::sample::region(), "vol-1-03");
    let found = org.get_resource(key).await.unwrap();
    assert_eq!((found.resource_id.as_str(), found.account), ("vol-1-03", account(1)));
    assert_eq!(found.name.as_deref(), Some("name of vol-1-03"));
    assert_eq!(found.body["sizeGib"], 100);
    assert_eq!(found.first_seen, later(60));
}

/// More carriers than are named one by one.
async fn a_tag_of_many_resources_is_filtered_alike(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let names: Vec<String> = (0..600).map(|volume| format!("vol-{volume:03}")).collect();
    let volumes: Vec<(&str, i64)> = names.iter().map(|name| (name.as_str(), 1)).collect();
    let mut picture = Picture::of(account(1), later(60)).with_volumes(&scope, &volumes);
    for resource in picture.resources.iter_mut().take(40) {
        resource.tags = [("team", "web")].into_iter().collect();
    }
    picture.store(db, &scope).await;
    let tagged = async |key: &str, value: Option<&str>| {
        let tag = Some(TagFilter { key: key.to_owned(), value: value.map(str::to_owned) });
        let resources = ResourceFilter { tag: tag.clone(), ..ResourceFilter::default() };
        let resources = db.scoped(&scope).list_resources(&resources, None, 1_000).await.unwrap().len();
        let found = count(db, &scope, RecommendationFilter { tag, ..RecommendationFilter::default() }).await;
        (resources, found)
    };
    assert_eq!(tagged("team", None).await, (600, 500), "a page has 500");
    assert_eq!(tagged("team", Some("data")).await, (560, 500));
    assert_eq!(tagged("team", Some("web")).await, (40, 40));
    assert_eq!(tagged("Name", None).await, (560, 500));
}
