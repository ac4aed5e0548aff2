//! The dates of RDS's major versions, which replace Tuner's own table. A region without databases needs none.

use super::{
    Collector,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{DbEngine, EngineCalendar},
    snapshot::Inventory,
};
use aws_sdk_rds::{
    operation::describe_db_major_engine_versions::DescribeDbMajorEngineVersionsOutput,
    types::{DbMajorEngineVersion, LifecycleSupportName},
};
use jiff::{civil::Date, tz::TimeZone};

const ACTION: &str = "rds:DescribeDBMajorEngineVersions";

pub(super) const COLLECTOR: Collector =
    Collector { name: "engine versions", actions: &[ACTION], listing: None };

pub(super) async fn fetch(
    scope: &Scope<'_>,
    inventory: &Inventory,
    found: &mut EngineCalendar,
) -> Result<(), Incomplete> {
    if inventory.db_instances.is_empty() && inventory.db_clusters.is_empty() {
        return Ok(());
    }
    let client = scope.session.rds(&scope.region);
    let fetch = |token| client.describe_db_major_engine_versions().max_records(100).set_marker(token).send();
    let take = |page: DescribeDbMajorEngineVersionsOutput| {
        for version in page.db_major_engine_versions.unwrap_or_default() {
            add(version, found);
        }
        page.marker
    };
    scope.page_through(ACTION, fetch, take).await
}

fn add(version: DbMajorEngineVersion, found: &mut EngineCalendar) {
    let engine = DbEngine::from_rds(version.engine.as_deref().unwrap_or_default());
    let Some(major) = version.major_engine_version.filter(|_| engine != DbEngine::Other) else { return };
    let extended = version.supported_engine_lifecycles.unwrap_or_default().into_iter().find(|lifecycle| {
        lifecycle.lifecycle_support_name == Some(LifecycleSupportName::OpenSourceRdsExtendedSupport)
    });
    let from = extended.and_then(|lifecycle| day(lifecycle.lifecycle_support_start_date));
    found.insert(engine, major, from);
}

fn day(at: Option<aws_smithy_types::DateTime>) -> Option<Date> {
    Some(wire::timestamp(at)?.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_rds::types::SupportedEngineLifecycle;
    use aws_smithy_types::DateTime;

    #[test]
    fn only_extended_support_is_charged_for() {
        let lifecycle = |name, second| {
            SupportedEngineLifecycle::builder()
                .lifecycle_support_name(name)
                .lifecycle_support_start_date(DateTime::from_secs(second))
                .lifecycle_support_end_date(DateTime::from_secs(second + 1))
                .build()
        };
        let version = DbMajorEngineVersion::builder().engine("postgres").major_engine_version("12");
        let version = version
            .supported_engine_lifecycles(lifecycle(LifecycleSupportName::OpenSourceRdsStandardSupport, 0))
            .supported_engine_lifecycles(lifecycle(
                LifecycleSupportName::OpenSourceRdsExtendedSupport,
                86_400,
            ));
        let mut found = EngineCalendar::default();
        add(version.build(), &mut found);
        add(
            DbMajorEngineVersion::builder().engine("mariadb").major_engine_version("11.4").build(),
            &mut found,
        );
        let of = |engine| found.of(engine).map(|(major, from)| (major.to_owned(), from)).collect::<Vec<_>>();
        assert_eq!(of(DbEngine::Postgres), [("12".to_owned(), Some(jiff::civil::date(1970, 1, 2)))]);
        assert_eq!(of(DbEngine::Mariadb), [("11.4".to_owned(), None)]);
    }
}
