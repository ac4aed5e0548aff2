//! Prices of buckets, logs, alarms, secrets and keys: what they are and could be moved to.

use crate::domain::{
    price::PriceKey, price_item::Item, region::Region, snapshot::Snapshot, storage_class::STORAGE_CLASSES,
};
use std::collections::BTreeSet;

const LOGS: &[Item] = &[Item::LogStorage, Item::LogIngest, Item::LogIngestInfrequent];
const ALARMS: &[Item] = &[Item::Alarm, Item::AlarmHighResolution];

pub(super) fn add_stores(snapshot: &Snapshot, keys: &mut BTreeSet<PriceKey>) {
    let inventory = &snapshot.inventory;
    let mut need = |region: &Region, items: &[Item]| {
        keys.extend(items.iter().map(|item| PriceKey::item(*item, region)));
    };
    for bucket in &inventory.buckets {
        need(
            &bucket.common.region,
            &[Item::S3TieringMonitoring, Item::S3TieringInfrequent, Item::KmsRequests],
        );
        let measured = bucket.storage_types.as_deref().unwrap_or_default();
        let is_measured = |types: &[&str]| measured.iter().any(|name| types.contains(&&**name));
        for class in STORAGE_CLASSES.iter().filter(|class| is_measured(class.storage_types)) {
            need(&bucket.common.region, &[class.price]);
        }
    }
    for group in &inventory.log_groups {
        need(&group.common.region, LOGS);
    }
    for alarm in &inventory.alarms {
        need(&alarm.common.region, ALARMS);
    }
    for dashboard in &inventory.dashboards {
        need(&dashboard.common.region, &[Item::Dashboard]);
    }
    for namespace in &inventory.metric_namespaces {
        need(&namespace.common.region, &[Item::MetricMonth]);
    }
    for secret in &inventory.secrets {
        need(&secret.common.region, &[Item::Secret]);
    }
    for key in &inventory.kms_keys {
        need(&key.common.region, &[Item::KmsKey]);
    }
    for restore in &inventory.fast_restores {
        need(&restore.common.region, &[Item::FastSnapshotRestore]);
    }
}
