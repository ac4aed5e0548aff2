//! Alarms on metrics. Those that combine other alarms are left out.

use super::{
    Collector, Listing, Turn,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Alarm, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_cloudwatch::{operation::describe_alarms::DescribeAlarmsOutput, types as sdk};
use std::collections::BTreeSet;

const ACTION: &str = "cloudwatch:DescribeAlarms";

pub(super) const COLLECTOR: Collector = Collector {
    name: "alarms",
    actions: &[ACTION],
    listing: Some(Listing {
        kind: ResourceKind::Alarm,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.alarms)),
    }),
};

/// Alarms that look more often than this are billed as of high resolution.
const MINUTE: i32 = 60;
/// The upper and the lower end of what is expected are billed as metrics, too.
const METRICS_OF_A_BAND: usize = 2;

async fn fetch(scope: &Scope<'_>, found: &mut Vec<Alarm>) -> Result<(), Incomplete> {
    let client = scope.session.cloudwatch(&scope.region);
    let fetch = |token| {
        let call = client.describe_alarms().alarm_types(sdk::AlarmType::MetricAlarm);
        call.max_records(100).set_next_token(token).send()
    };
    let take = |page: DescribeAlarmsOutput| {
        let alarms = page.metric_alarms.unwrap_or_default().into_iter();
        found.extend(alarms.filter_map(|alarm| map(alarm, &scope.region)));
        page.next_token
    };
    scope.page_through(ACTION, fetch, take).await
}

fn map(alarm: sdk::MetricAlarm, region: &Region) -> Option<Alarm> {
    let queries = alarm.metrics.unwrap_or_default();
    let stats: Vec<&sdk::MetricStat> =
        queries.iter().filter_map(|query| query.metric_stat.as_ref()).collect();
    let periods = stats.iter().filter_map(|stat| stat.period).chain(alarm.period);
    let named = stats.iter().filter_map(|stat| stat.metric.as_ref()?.namespace.clone());
    let expressions = || queries.iter().filter_map(|query| query.expression.as_deref());
    let in_searches = expressions().flat_map(super::dashboards::searched);
    let namespaces: BTreeSet<String> = named.chain(in_searches).chain(alarm.namespace).collect();
    let bands = expressions().filter(|text| text.contains("ANOMALY_DETECTION_BAND")).count();
    let instance =
        alarm.dimensions.unwrap_or_default().into_iter().find(|d| d.name.as_deref() == Some("InstanceId"));
    let configured_at = alarm.alarm_configuration_updated_timestamp;
    Some(Alarm {
        common: wire::common(region, alarm.alarm_name, Tags::default(), configured_at)?,
        metrics: i64::try_from(stats.len() + bands * METRICS_OF_A_BAND).unwrap_or_default().max(1),
        high_resolution: periods.min().is_some_and(|period| period < MINUTE),
        lacks_data: alarm.state_value == Some(sdk::StateValue::InsufficientData),
        since: wire::timestamp(alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp)),
        namespaces: namespaces.into_iter().map(String::into_boxed_str).collect(),
        instance_id: instance.and_then(|dimension| wire::some_text(dimension.value)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn an_alarm_on_one_metric_keeps_its_state_and_target() {
        let alarm = sdk::MetricAlarm::builder()
            .alarm_name("cpu")
            .namespace("AWS/EC2")
            .period(300)
            .state_value(sdk::StateValue::InsufficientData)
            .state_updated_timestamp(DateTime::from_secs(90))
            .state_transitioned_timestamp(DateTime::from_secs(60))
            .dimensions(sdk::Dimension::builder().name("InstanceId").value("i-1").build())
            .build();
        let alarm = map(alarm, &Region::global()).unwrap();
        assert_eq!((alarm.metrics, alarm.high_resolution, alarm.lacks_data), (1, false, true));
        assert_eq!(alarm.since.unwrap().as_second(), 60);
        assert_eq!(alarm.instance_id.as_deref(), Some("i-1"));
    }

    #[test]
    fn an_expression_is_billed_for_each_of_its_metrics() {
        let query = |id: &str, namespace: &str| {
            let metric = sdk::Metric::builder().namespace(namespace).metric_name("x").build();
            let stat = sdk::MetricStat::builder().metric(metric).period(10).stat("Sum").build();
            sdk::MetricDataQuery::builder().id(id).metric_stat(stat).build()
        };
        let sum = sdk::MetricDataQuery::builder().id("sum").expression("a + b").build();
        let alarm = sdk::MetricAlarm::builder().alarm_name("errors");
        let alarm = alarm.metrics(query("a", "Shop")).metrics(query("b", "Shop")).metrics(sum).build();
        let alarm = map(alarm, &Region::global()).unwrap();
        assert_eq!((alarm.metrics, alarm.high_resolution), (2, true));
        assert_eq!(alarm.namespaces, ["Shop"].map(Box::from));
    }

    #[test]
    fn queries_name_their_namespace_and_both_ends_of_a_band_are_billed() {
        let asked = |expression: &str| {
            let query = sdk::MetricDataQuery::builder().id("a").expression(expression).build();
            let alarm = sdk::MetricAlarm::builder().alarm_name("a").metrics(query).build();
            map(alarm, &Region::global()).unwrap()
        };
        let query = asked("SELECT AVG(x) FROM SCHEMA(\"Shop\", Host)");
        assert!(query.namespaces.contains(&"Shop".into()));
        assert_eq!(query.metrics, 1);
        assert_eq!(asked("ANOMALY_DETECTION_BAND(m1, 2)").metrics, 2);
    }
}
