//! How much a bucket holds and what that costs, as far as `CloudWatch` measures it.
//!
//! Sizes are whole GB and the smallest of the window's days: what is there at least.

use super::{Case, quantity::whole_units};
use crate::{
    domain::{
        figure::{Figure, Rate},
        finding::{Evidence, UnknownReason},
        inventory::Bucket,
        metric::{Metric, Summary},
        price::PriceKey,
        storage_class::{STANDARD, STORAGE_CLASSES, StorageClass},
    },
    rules::Bill,
};

const BYTES_OF_A_GB: i64 = 1 << 30;

/// What lies in one storage class.
pub struct Held<'a> {
    pub class: &'static StorageClass,
    pub gb: i64,
    pub summary: &'a Summary,
}

pub struct Size<'a> {
    /// The classes that the bucket has something in, in their order.
    pub classes: Vec<Held<'a>>,
    pub objects: &'a Summary,
}

impl<'a> Size<'a> {
    /// Unknown where nobody measured; a bucket that holds nothing is known to hold nothing.
    pub fn measure(case: &Case<'a>, bucket: &Bucket) -> Result<Option<Self>, UnknownReason> {
        let measured = bucket.storage_types.as_deref().ok_or(UnknownReason::MetricMissing)?;
        if measured.is_empty() {
            return Ok(None);
        }
        case.require_full_window(&bucket.common)?;
        let present = |class: &&StorageClass| measured.iter().any(|t| class.storage_types.contains(&&**t));
        let hold = |class: &'static StorageClass| {
            let summary = case.summary(class.metric, &bucket.common)?;
            Ok(Held { class, gb: whole_units(summary.min) / BYTES_OF_A_GB, summary })
        };
        let classes: Result<Vec<_>, _> = STORAGE_CLASSES.iter().filter(present).map(hold).collect();
        Ok(Some(Self { classes: classes?, objects: case.summary(Metric::S3Objects, &bucket.common)? }))
    }

    /// Without what is billed beyond it.
    pub fn gb(&self) -> i64 {
        self.classes.iter().filter(|held| !held.class.padding).map(|held| held.gb).sum()
    }

    pub fn standard(&self) -> Option<&Held<'a>> {
        self.classes.iter().find(|held| held.class.metric == STANDARD.metric)
    }

    pub fn objects_at_least(&self) -> i64 {
        whole_units(self.objects.min)
    }

    /// A month of storage at the first tier's price.
    pub fn cost(&self, bill: &mut Bill<'_>, bucket: &Bucket) -> Result<Figure, UnknownReason> {
        let held = self.classes.iter().filter(|held| held.gb > 0);
        held.map(|held| Ok(rate(bill, bucket, held.class)?.times(held.gb))).sum()
    }

    /// One fact for each class with something in it.
    pub fn evidence(&self, case: &Case<'_>) -> Vec<Evidence> {
        let fact = |held: &Held<'_>| Evidence {
            fact: held.class.storage_types.first().copied().unwrap_or_default().to_owned(),
            threshold: None,
            ..case.measured(held.class.metric, held.summary, format!("{} GB", held.gb), String::new())
        };
        self.classes.iter().filter(|held| held.gb > 0).map(fact).collect()
    }
}

pub fn rate(bill: &mut Bill<'_>, bucket: &Bucket, class: &StorageClass) -> Result<Rate, UnknownReason> {
    bill.price(PriceKey::item(class.price, &bucket.common.region))
}

/// A month's number of what was counted in the window.
fn monthly(case: &Case<'_>, counted: f64) -> i64 {
    whole_units(counted * 30.0 / f64::from(case.thresholds.look_back_days.max(1)))
}

/// The sum of a series that is left out when it is zero: zero only if the bucket's other requests were counted.
fn counted(case: &Case<'_>, metric: Metric, bucket: &Bucket) -> Result<f64, UnknownReason> {
    case.summary(Metric::S3AllRequests, &bucket.common)?;
    let common = &bucket.common;
    let summary = case.snapshot.metrics.summary(metric, &common.region, &common.id);
    Ok(summary.ok_or(UnknownReason::MetricMissing)?.sum)
}

/// Reads and writes in the window.
pub fn reads_and_writes(case: &Case<'_>, bucket: &Bucket) -> Result<f64, UnknownReason> {
    Ok(counted(case, Metric::S3GetRequests, bucket)? + counted(case, Metric::S3PutRequests, bucket)?)
}

/// The same of a month.
pub fn monthly_reads_and_writes(case: &Case<'_>, bucket: &Bucket) -> Result<i64, UnknownReason> {
    Ok(monthly(case, reads_and_writes(case, bucket)?))
}

#[cfg(test)]
pub mod fixtures {
    use super::BYTES_OF_A_GB;
    use crate::{
        domain::{
            inventory::{Bucket, BucketEncryption, Versioning},
            metric::Metric,
            price::PriceKey,
            price_item::Item,
        },
        rules::fixtures::{Lab, common, region},
    };

    /// Without lifecycle, versions, requests' metrics and KMS; everything about it could be read.
    pub fn bucket() -> Bucket {
        Bucket {
            common: common("logs"),
            versioning: Some(Versioning::Off),
            lifecycle: Some(Vec::new()),
            intelligent_tiering: Some(false),
            encryption: Some(BucketEncryption::S3),
            request_metrics: None,
            storage_types: Some(vec!["StandardStorage".into()]),
        }
    }

    /// That bucket with so many GB in Standard and so many objects.
    pub fn lab(standard_gb: i32, objects: f64, change: impl FnOnce(&mut Bucket)) -> Lab {
        let mut bucket = bucket();
        change(&mut bucket);
        Lab::new()
            .price(PriceKey::item(Item::S3Standard, &region()), "0.023")
            .price(PriceKey::item(Item::S3TieringInfrequent, &region()), "0.0125")
            .price(PriceKey::item(Item::S3TieringMonitoring, &region()), "0.0025")
            .price(PriceKey::item(Item::S3Infrequent, &region()), "0.0125")
            .price(PriceKey::item(Item::KmsRequests, &region()), "0.003")
            .inventory(|i| i.buckets.push(bucket))
            .gb(Metric::S3Standard, standard_gb)
            .daily(Metric::S3Objects, "logs", 14, objects)
    }

    impl Lab {
        pub fn gb(self, metric: Metric, gb: i32) -> Self {
            #[allow(clippy::cast_precision_loss, reason = "a power of two")]
            let bytes = f64::from(gb) * BYTES_OF_A_GB as f64;
            self.daily(metric, "logs", 14, bytes)
        }

        /// The bucket's requests in the window: all, reads, writes.
        pub fn requests(self, all: f64, reads: f64, writes: f64) -> Self {
            self.daily(Metric::S3AllRequests, "logs", 14, all / 14.0)
                .daily(Metric::S3GetRequests, "logs", 14, reads / 14.0)
                .daily(Metric::S3PutRequests, "logs", 14, writes / 14.0)
        }
    }
}
