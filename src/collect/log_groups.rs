//! Log groups, and of few of them what only another call tells: who is sent their logs, when something was last
//! logged. Log events are never read.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Common, LastLogged, LogClass, LogGroup, ResourceKind, bounded_id},
    metric::{Metric, MetricStore},
    region::Region,
    tags::Tags,
};
use aws_sdk_cloudwatchlogs::{
    operation::{
        describe_log_groups::DescribeLogGroupsOutput,
        describe_subscription_filters::DescribeSubscriptionFiltersOutput,
    },
    types as sdk,
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

const GROUPS: &str = "logs:DescribeLogGroups";
const STREAMS: &str = "logs:DescribeLogStreams";
const FILTERS: &str = "logs:DescribeSubscriptionFilters";

pub(super) const COLLECTOR: Collector = Collector {
    name: "log groups",
    actions: &[GROUPS, STREAMS, FILTERS],
    listing: Some(Listing {
        kind: ResourceKind::LogGroup,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.log_groups)),
    }),
};

const SIDE_BY_SIDE: usize = 8;

async fn fetch(scope: &Scope<'_>, found: &mut Vec<LogGroup>) -> Result<(), Incomplete> {
    let client = scope.session.logs(&scope.region);
    let fetch = |token| client.describe_log_groups().limit(50).set_next_token(token).send();
    let take = |page: DescribeLogGroupsOutput| {
        let groups = page.log_groups.unwrap_or_default().into_iter();
        found.extend(groups.filter_map(|group| map(group, &scope.region)));
        page.next_token
    };
    scope.page_through(GROUPS, fetch, take).await
}

fn map(group: sdk::LogGroup, region: &Region) -> Option<LogGroup> {
    let name = wire::some_text(group.log_group_name)?;
    let created_at = group.creation_time.and_then(|at| Timestamp::from_millisecond(at).ok());
    Some(LogGroup {
        common: Common { region: region.clone(), id: bounded_id(&name), tags: Tags::default(), created_at },
        log_group_name: name,
        class: class_of(group.log_group_class.as_ref()),
        stored_bytes: group.stored_bytes.unwrap_or_default(),
        retention_days: group.retention_in_days.map(i64::from),
        metric_filters: wire::number(group.metric_filter_count),
        subscription_filters: None,
        last_logged: None,
    })
}

/// Groups of before there were classes are standard.
fn class_of(class: Option<&sdk::LogGroupClass>) -> LogClass {
    match class {
        None | Some(sdk::LogGroupClass::Standard) => LogClass::Standard,
        Some(sdk::LogGroupClass::InfrequentAccess) => LogClass::InfrequentAccess,
        Some(sdk::LogGroupClass::Delivery) => LogClass::Delivery,
        Some(_) => LogClass::Other,
    }
}

/// After the metrics: the few groups of which a rule still needs to know more.
pub(super) async fn look_closer(scope: &Scope<'_>, groups: &mut [LogGroup], metrics: &MetricStore) {
    let looks = groups.iter_mut().map(|group| async move {
        let logged = metrics.summary(Metric::LogsIncomingBytes, &scope.region, &group.common.id);
        let Some(logged) = logged else { return };
        if logged.found == 0 && group.stored_bytes >= LogGroup::WORTH_DELETING {
            group.last_logged = last_logged(scope, &group.log_group_name).await;
        }
        let could_move = group.class == LogClass::Standard && group.metric_filters == 0;
        if could_move && logged.sum >= LogGroup::WORTH_ANOTHER_CLASS * f64::from(logged.expected) {
            group.subscription_filters = count_filters(scope, &group.log_group_name).await.ok();
        }
    });
    // Collected first: a stream of them would borrow the groups for too long.
    let looks: Vec<_> = looks.collect();
    stream::iter(looks).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
}

async fn last_logged(scope: &Scope<'_>, group: &str) -> Option<LastLogged> {
    let client = scope.session.logs(&scope.region);
    let call = client.describe_log_streams().log_group_name(group).order_by(sdk::OrderBy::LastEventTime);
    let call = Box::pin(call.descending(true).limit(1).send());
    match scope.call(STREAMS, call).await {
        Ok(reply) => Some(newest(reply.log_streams.unwrap_or_default())),
        Err(failure) => {
            scope.missing(STREAMS, failure);
            None
        }
    }
}

fn newest(streams: Vec<sdk::LogStream>) -> LastLogged {
    let at = |stream: sdk::LogStream| Timestamp::from_millisecond(stream.last_ingestion_time?).ok();
    streams.into_iter().filter_map(at).max().map_or(LastLogged::Never, LastLogged::At)
}

async fn count_filters(scope: &Scope<'_>, group: &str) -> Result<i64, Incomplete> {
    let client = scope.session.logs(&scope.region);
    let mut filters = 0;
    let fetch =
        |token| client.describe_subscription_filters().log_group_name(group).set_next_token(token).send();
    let take = |page: DescribeSubscriptionFiltersOutput| {
        filters += i64::try_from(page.subscription_filters.unwrap_or_default().len()).unwrap_or_default();
        page.next_token
    };
    scope.page_through(FILTERS, fetch, take).await?;
    Ok(filters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_keeps_its_retention_and_class() {
        let group = sdk::LogGroup::builder()
            .log_group_name("/app/web")
            .creation_time(1_700_000_000_000)
            .stored_bytes(5)
            .retention_in_days(30)
            .log_group_class(sdk::LogGroupClass::InfrequentAccess)
            .build();
        let group = map(group, &Region::global()).unwrap();
        assert_eq!((group.retention_days, group.class), (Some(30), LogClass::InfrequentAccess));
        assert_eq!(group.common.created_at.unwrap().as_second(), 1_700_000_000);
        let old = map(sdk::LogGroup::builder().log_group_name("x").build(), &Region::global()).unwrap();
        assert_eq!((old.retention_days, old.class), (None, LogClass::Standard));
    }

    #[test]
    fn the_newest_stream_tells_when_something_was_logged() {
        let stream = |at| sdk::LogStream::builder().set_last_ingestion_time(at).build();
        let at = |second| LastLogged::At(Timestamp::from_second(second).unwrap());
        assert_eq!(newest(vec![stream(Some(60_000)), stream(None)]), at(60));
        assert_eq!(newest(vec![stream(None)]), LastLogged::Never);
        assert_eq!(newest(Vec::new()), LastLogged::Never);
    }
}
