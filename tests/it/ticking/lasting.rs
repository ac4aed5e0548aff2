//! What reaches over days: standing approvals, databases that AWS starts again, tags that go and come back.

use super::{REGION, Shop};
use crate::support::{server::Engine, stand_in::admin};
use jiff::{SignedDuration, tz::TimeZone};
use rstest::rstest;
use serde_json::json;
use tuner::{
    domain::schedule::{ActionStatus, ApprovalDecision, Power},
    service::{
        scheduler::RunRequest,
        schedules::{ApprovalFilter, decide_approval, list_approvals},
    },
};

const DAY: SignedDuration = SignedDuration::from_hours(24);
const A_MOMENT: SignedDuration = SignedDuration::from_secs(5);

#[rstest]
#[tokio::test]
async fn a_standing_approval_holds_the_next_evening_too(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    shop.make(12).await;
    shop.seen_and_due().await;
    shop.tick().await;
    let cx = shop.now_cx();
    let open = list_approvals(shop.app(), &cx, &ApprovalFilter::default(), None, 10).await.unwrap();
    decide_approval(shop.app(), &cx, open[0].id, ApprovalDecision::ApproveStanding, None).await.unwrap();
    shop.forward(SignedDuration::from_mins(1)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 12, "the first evening");

    shop.forward_to(shop.begin + DAY + A_MOMENT).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 24, "the morning, which nobody has to approve");
    shop.forward_to(shop.end + DAY + A_MOMENT).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 36, "the next evening");
    let all = list_approvals(shop.app(), &cx, &ApprovalFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 1, "nobody was asked again");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn a_database_that_aws_starts_after_a_week_is_stopped_again(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    // On for a minute a year, which is not now.
    let far = shop.begin.to_zoned(TimeZone::UTC).date().saturating_sub(jiff::Span::new().months(2));
    let minute =
        json!({"begin": "00:00", "end": "00:01", "months": [far.month().to_string()], "monthDays": ["1"]});
    shop.make_document(json!({"name": "off", "timezone": "UTC", "periods": [minute]})).await;
    let database = json!({"kind": "dbInstance", "id": "orders", "engine": "postgres"});
    let ids = shop.make_as(database, "off").await;
    shop.tick().await;
    assert_eq!(shop.changes().await, ids, "{:?}", shop.rows().await);
    for _ in 0..7 {
        shop.forward(DAY).await;
        shop.tick().await;
    }
    shop.forward(SignedDuration::from_mins(10)).await;
    let report = shop.run(RunRequest::default()).await;
    shop.forward(SignedDuration::from_mins(10)).await;
    shop.tick().await;
    let actions = shop.actions().await;
    assert_eq!(actions[0].reason, "restartedByAws", "{report:?}");
    assert_eq!((actions.len(), actions[0].status), (2, ActionStatus::Verified));
    assert!(shop.rows().await.iter().all(|row| row.observed.power == Power::Stopped));
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn what_followed_nothing_for_a_while_is_seen_for_the_first_time(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let ids = shop.make(1).await;
    shop.tick().await;
    shop.change(&ids[0], json!({"tags": {"Schedule": "ignore"}})).await;
    shop.forward_to(shop.end + SignedDuration::from_hours(3)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await.len(), 0, "exempt");
    shop.change(&ids[0], json!({"tags": {"Schedule": "office"}})).await;
    shop.forward(SignedDuration::from_mins(6)).await;
    shop.tick().await;
    assert_eq!(shop.changes().await, ids);
    assert_eq!(shop.actions().await[0].reason, "firstSight");
    shop.close().await;
}

#[rstest]
#[tokio::test]
async fn what_can_never_be_stopped_is_not_missed_either(
    #[values(Engine::Sqlite, Engine::MySql)] engine: Engine,
) {
    let shop = Shop::open(engine).await;
    let body = json!({"accountId": shop.account, "region": REGION, "kind": "instance", "count": 1, "tags": {
        "Scheduler": "Enabled", "Schedule": "office", "aws:autoscaling:groupName": "web"}});
    admin("POST", "resources", body).await;
    shop.tick().await;
    let mut missed = 0;
    for hours in 1..4 {
        shop.forward_to(shop.end + SignedDuration::from_hours(24 * hours)).await;
        let report = shop.run(RunRequest::default()).await;
        missed += report.run.summary.unwrap().counts.missed;
    }
    assert_eq!((missed, shop.calls().await.len()), (0, 0));
    assert_eq!(shop.rows().await[0].ineligible.as_deref(), Some("autoScalingGroup"));
    shop.close().await;
}
