//! The storage classes of S3: how `CloudWatch` measures each, and what a GB of it is billed as.
//!
//! Left out are the few bytes that archives add for an index, and the optional archive tiers of
//! Intelligent-Tiering: they cost next to nothing.

use super::{metric::Metric, price_item::Item};

#[derive(Clone, Copy, Debug)]
pub struct StorageClass {
    pub metric: Metric,
    /// Values of the dimension `StorageType`; AWS's pages know one of them under two names.
    pub storage_types: &'static [&'static str],
    pub price: Item,
    /// What is billed beyond the bytes that are there: small objects count as 128 KB.
    pub padding: bool,
}

const fn class(metric: Metric, storage_types: &'static [&'static str], price: Item) -> StorageClass {
    StorageClass { metric, storage_types, price, padding: false }
}

const fn padding(metric: Metric, storage_types: &'static [&'static str], price: Item) -> StorageClass {
    StorageClass { metric, storage_types, price, padding: true }
}

pub const STANDARD: StorageClass = class(Metric::S3Standard, &["StandardStorage"], Item::S3Standard);

pub const STORAGE_CLASSES: [StorageClass; 12] = [
    STANDARD,
    class(Metric::S3TieringFrequent, &["IntelligentTieringFAStorage"], Item::S3TieringFrequent),
    class(Metric::S3TieringInfrequent, &["IntelligentTieringIAStorage"], Item::S3TieringInfrequent),
    class(Metric::S3TieringArchiveInstant, &["IntelligentTieringAIAStorage"], Item::S3TieringArchiveInstant),
    class(Metric::S3Infrequent, &["StandardIAStorage"], Item::S3Infrequent),
    padding(Metric::S3InfrequentPadding, &["StandardIASizeOverhead"], Item::S3Infrequent),
    class(Metric::S3OneZone, &["OneZoneIAStorage"], Item::S3OneZone),
    padding(Metric::S3OneZonePadding, &["OneZoneIASizeOverhead"], Item::S3OneZone),
    class(Metric::S3GlacierInstant, &["GlacierInstantRetrievalStorage"], Item::S3GlacierInstant),
    padding(
        Metric::S3GlacierInstantPadding,
        &["GlacierIRSizeOverhead", "GlacierInstantRetrievalSizeOverhead"],
        Item::S3GlacierInstant,
    ),
    class(Metric::S3Glacier, &["GlacierStorage"], Item::S3Glacier),
    class(Metric::S3DeepArchive, &["DeepArchiveStorage"], Item::S3DeepArchive),
];
