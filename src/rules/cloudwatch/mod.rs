//! Log groups, alarms, dashboards and custom metrics.

mod cw_alarms_stale;
mod cw_custom_metrics_unused;
mod cw_dashboards_extra;
mod cw_logs_infrequent_access;
mod cw_logs_no_retention;
mod cw_logs_unused;

use super::{Amounts, Case, Judgement, Meta, Rule, case, command, quantity};
use crate::domain::{
    inventory::LogGroup,
    metric::{Metric, Summary},
};

pub const RULES: &[Rule] = &[
    cw_alarms_stale::RULE,
    cw_custom_metrics_unused::RULE,
    cw_dashboards_extra::RULE,
    cw_logs_infrequent_access::RULE,
    cw_logs_no_retention::RULE,
    cw_logs_unused::RULE,
];

/// Logs are billed by the GB of 1,024 to the third bytes.
const BYTES_OF_A_GB: i64 = 1 << 30;

/// What came into a group; a group without a datapoint had nothing logged. None where nothing was worth asking for.
fn logged<'a>(case: &Case<'a>, group: &LogGroup) -> Option<&'a Summary> {
    let common = &group.common;
    case.snapshot.metrics.summary(Metric::LogsIncomingBytes, &common.region, &common.id)
}

#[cfg(test)]
mod fixtures {
    use crate::{
        domain::{
            inventory::{LogClass, LogGroup},
            price::PriceKey,
            price_item::Item,
        },
        rules::fixtures::{Lab, common, region},
    };

    /// 100 GB, kept for ever, a year old.
    pub fn group() -> LogGroup {
        LogGroup {
            common: common("/app/web"),
            log_group_name: "/app/web".into(),
            class: LogClass::Standard,
            stored_bytes: 100 << 30,
            retention_days: None,
            metric_filters: 0,
            subscription_filters: None,
            last_logged: None,
        }
    }

    pub fn lab(change: impl FnOnce(&mut LogGroup)) -> Lab {
        let mut group = group();
        change(&mut group);
        Lab::new()
            .price(PriceKey::item(Item::LogStorage, &region()), "0.03")
            .price(PriceKey::item(Item::LogIngest, &region()), "0.50")
            .price(PriceKey::item(Item::LogIngestInfrequent, &region()), "0.25")
            .inventory(|i| i.log_groups.push(group))
    }
}
