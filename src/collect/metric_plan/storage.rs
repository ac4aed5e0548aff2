//! Metrics of volumes in use, buckets, log groups and snapshots that are kept ready.

use super::{Plan, Request, has_paid_iops, requests};
use crate::domain::{
    inventory::{Bucket, FastRestore, GP3_FREE_MIBPS, LogClass, LogGroup, Volume, VolumeType},
    metric::{Metric, MetricStore},
    storage_class::STORAGE_CLASSES,
};
use std::borrow::Cow;

/// Less than this is not worth a metric: a day's logs of a group whose ingestion costs a dollar a month.
const LEAST_LOGS: i64 = 10_000_000;

impl Plan<'_> {
    pub(super) fn want_storage(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        for volume in &self.inventory.volumes {
            self.want_attached(volume, wanted);
        }
        for bucket in &self.inventory.buckets {
            self.want_bucket(bucket, known, wanted);
        }
        for group in &self.inventory.log_groups {
            self.want_log_group(group, wanted);
        }
        for restore in &self.inventory.fast_restores {
            self.want_fast_restore(restore, wanted);
        }
    }

    /// Paid operations are asked for by `want_volume`, in five minutes: their sum tells of a day, too.
    fn want_attached(&self, volume: &Volume, wanted: &mut Vec<Request>) {
        if volume.attached_to.is_empty() || !self.window.covers_all_of(volume.common.created_at) {
            return;
        }
        let paid_throughput =
            volume.volume_type == VolumeType::Gp3 && volume.throughput_mibps > GP3_FREE_MIBPS;
        if paid_throughput {
            let metrics = &[Metric::EbsReadBytes, Metric::EbsWriteBytes];
            wanted.extend(requests(metrics, "VolumeId", &volume.common));
        }
        let worth_it = volume.size_gib >= Volume::SMALLEST_MEASURED_GIB || paid_throughput;
        if worth_it && !volume.boot && !volume.managed() && !has_paid_iops(volume) {
            let metrics = &[Metric::EbsReadOpsDaily, Metric::EbsWriteOpsDaily];
            wanted.extend(requests(metrics, "VolumeId", &volume.common));
        }
    }

    /// Sizes first; requests only where there is something that they could be about.
    fn want_bucket(&self, bucket: &Bucket, known: &MetricStore, wanted: &mut Vec<Request>) {
        const REQUESTS: [Metric; 3] = [Metric::S3AllRequests, Metric::S3GetRequests, Metric::S3PutRequests];
        let measured = bucket.storage_types.as_deref().unwrap_or_default();
        if measured.is_empty() || !self.window.covers_all_of(bucket.common.created_at) {
            return;
        }
        let id = &bucket.common.id;
        for class in &STORAGE_CLASSES {
            let name = measured.iter().find(|name| class.storage_types.contains(&&***name));
            wanted.extend(name.map(|name| of_bucket(class.metric, id, ("StorageType", name))));
        }
        wanted.push(of_bucket(Metric::S3Objects, id, ("StorageType", "AllStorageTypes")));
        let objects = known.summary(Metric::S3Objects, self.region, id);
        if let Some(filter) = &bucket.request_metrics
            && objects.is_some_and(|objects| objects.found > 0 && objects.max > 0.0)
        {
            wanted.extend(REQUESTS.map(|metric| of_bucket(metric, id, ("FilterId", filter))));
        }
    }

    fn want_log_group(&self, group: &LogGroup, wanted: &mut Vec<Request>) {
        let class = matches!(group.class, LogClass::Standard | LogClass::InfrequentAccess);
        if class && group.stored_bytes >= LEAST_LOGS && self.window.covers_all_of(group.common.created_at) {
            wanted.push(Request {
                metric: Metric::LogsIncomingBytes,
                id: group.common.id.clone(),
                dimensions: vec![("LogGroupName".into(), group.log_group_name.clone())],
            });
        }
    }

    fn want_fast_restore(&self, restore: &FastRestore, wanted: &mut Vec<Request>) {
        if self.window.covers_all_of(restore.enabled_at) {
            let request = |metric| Request {
                metric,
                id: restore.common.id.clone(),
                dimensions: vec![
                    ("AvailabilityZone".into(), Box::from(&*restore.zone)),
                    ("SnapshotId".into(), restore.snapshot_id.clone()),
                ],
            };
            wanted.extend([Metric::FastRestoreCredits, Metric::FastRestoreBucket].map(request));
        }
    }
}

fn of_bucket(metric: Metric, bucket: &str, (name, value): (&'static str, &str)) -> Request {
    let dimensions = vec![("BucketName".into(), bucket.into()), (Cow::Borrowed(name), value.into())];
    Request { metric, id: bucket.into(), dimensions }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common, volume};
    use super::*;
    use crate::domain::{
        metric::{Series, Summary},
        region::Region,
        snapshot::Inventory,
        thresholds::Thresholds,
    };

    fn of_volume(volume: Volume) -> Vec<Metric> {
        asked(&Inventory { volumes: vec![volume], ..Inventory::default() }, &[])
    }

    #[test]
    fn attached_volumes_are_measured_where_something_could_be_saved() {
        let daily = [Metric::EbsReadOpsDaily, Metric::EbsWriteOpsDaily];
        assert_eq!(of_volume(volume("vol-1")), daily);
        assert_eq!(of_volume(Volume { boot: true, ..volume("vol-1") }), []);
        assert_eq!(of_volume(Volume { size_gib: 20, ..volume("vol-1") }), []);
        let fast = Volume { boot: true, throughput_mibps: 250, ..volume("vol-1") };
        assert_eq!(of_volume(fast), [Metric::EbsReadBytes, Metric::EbsWriteBytes]);
        let paid = Volume { iops: 3_001, ..volume("vol-1") };
        assert_eq!(of_volume(paid), [Metric::EbsReadOps, Metric::EbsWriteOps], "their sum is enough");
    }

    fn bucket() -> Bucket {
        Bucket {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            versioning: None,
            lifecycle: None,
            intelligent_tiering: None,
            encryption: None,
            request_metrics: Some("all".into()),
            storage_types: Some(vec!["StandardStorage".into(), "AllStorageTypes".into()]),
        }
    }

    #[test]
    fn a_bucket_is_asked_for_what_it_has_and_its_requests_once_it_holds_something() {
        let inventory = Inventory { buckets: vec![bucket()], ..Inventory::default() };
        assert_eq!(asked(&inventory, &[]), [Metric::S3Standard, Metric::S3Objects]);
        let sizes = [(Metric::S3Standard, 1e12), (Metric::S3Objects, 7.0)];
        let requests = [Metric::S3AllRequests, Metric::S3GetRequests, Metric::S3PutRequests];
        assert_eq!(asked(&inventory, &sizes), requests);
        let unmeasured = Bucket { storage_types: None, ..bucket() };
        assert_eq!(asked(&Inventory { buckets: vec![unmeasured], ..Inventory::default() }, &[]), []);
    }

    #[test]
    fn names_of_dimensions_are_cloudwatchs() {
        let inventory = Inventory { buckets: vec![bucket()], ..Inventory::default() };
        let mut known = MetricStore::default();
        let objects = Series::Summary(Summary::of(&[1.0; 14], 14));
        known.insert(Metric::S3Objects, &Region::global(), "i-1", objects);
        let mut plan = Plan {
            inventory: &inventory,
            thresholds: &Thresholds::default(),
            window: super::super::Window::ending_at("2026-07-01T12:00:00Z".parse().unwrap(), 14),
            region: &Region::global(),
            asked: std::collections::HashSet::new(),
        };
        let round = plan.next_round(&known);
        let names = |metric| {
            let request = round.iter().find(|request| request.metric == metric).unwrap();
            request.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
        };
        assert_eq!(names(Metric::S3Standard), ["BucketName=i-1", "StorageType=StandardStorage"]);
        assert_eq!(names(Metric::S3GetRequests), ["BucketName=i-1", "FilterId=all"]);
    }
}
