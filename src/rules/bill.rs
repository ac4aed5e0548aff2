//! Costs of things at list price, remembering every price that was used.

use crate::domain::{
    figure::{Figure, Rate},
    finding::UnknownReason,
    inventory::{GP3_FREE_IOPS, GP3_FREE_MIBPS, Snapshot, Volume, VolumeType},
    price::{IopsTier, PriceBook, PriceKey, PriceUsed},
    region::Region,
};

/// What one finding looked up.
pub struct Bill<'a> {
    book: &'a PriceBook,
    used: Vec<PriceUsed>,
}

impl<'a> Bill<'a> {
    #[must_use]
    pub fn new(book: &'a PriceBook) -> Self {
        Self { book, used: Vec::new() }
    }

    #[must_use]
    pub fn into_used(self) -> Vec<PriceUsed> {
        self.used
    }

    /// The price of one unit; a price that nobody knows makes the verdict unknown.
    pub fn price(&mut self, key: PriceKey) -> Result<Rate, UnknownReason> {
        let price = self.book.get(&key).ok_or(UnknownReason::PriceMissing)?;
        let used = PriceUsed {
            key: key.to_string(),
            price_per_unit: price.per_unit,
            unit: key.unit(),
            source: price.source,
            as_of: price.as_of,
        };
        if !self.used.contains(&used) {
            self.used.push(used);
        }
        Ok(Rate::new(key, price.per_unit))
    }

    /// A month of a volume as it is.
    pub fn volume(&mut self, volume: &Volume) -> Result<Figure, UnknownReason> {
        let region = &volume.common.region;
        let storage = self.volume_storage(region, volume.volume_type, volume.size_gib)?;
        let performance = match volume.volume_type {
            VolumeType::Io1 | VolumeType::Io2 => self.volume_iops(region, volume.volume_type, volume.iops)?,
            VolumeType::Gp3 => self.gp3_performance(region, volume.iops, volume.throughput_mibps)?,
            _ => Figure::zero(),
        };
        Ok(storage + performance)
    }

    pub fn volume_storage(
        &mut self,
        region: &Region,
        volume_type: VolumeType,
        size_gib: i64,
    ) -> Result<Figure, UnknownReason> {
        Ok(self.price(PriceKey::VolumeStorage { region: region.clone(), volume_type })?.times(size_gib))
    }

    /// Provisioned IOPS of io1 (one price) and io2 (three tiers).
    pub fn volume_iops(
        &mut self,
        region: &Region,
        volume_type: VolumeType,
        iops: i64,
    ) -> Result<Figure, UnknownReason> {
        let tiers = match volume_type {
            VolumeType::Io2 => [
                (IopsTier::First, 0, 32_000),
                (IopsTier::Second, 32_000, 64_000),
                (IopsTier::Third, 64_000, i64::MAX),
            ],
            _ => [
                (IopsTier::First, 0, i64::MAX),
                (IopsTier::Second, i64::MAX, i64::MAX),
                (IopsTier::Third, i64::MAX, i64::MAX),
            ],
        };
        let mut total = Figure::zero();
        for (tier, from, to) in tiers.into_iter().filter(|(_, from, _)| iops > *from) {
            let key = PriceKey::VolumeIops { region: region.clone(), volume_type, tier };
            total += self.price(key)?.times(iops.min(to) - from);
        }
        Ok(total)
    }

    /// What gp3 charges above its free 3,000 IOPS and 125 MiB/s.
    pub fn gp3_performance(
        &mut self,
        region: &Region,
        iops: i64,
        mibps: i64,
    ) -> Result<Figure, UnknownReason> {
        let mut total = Figure::zero();
        if iops > GP3_FREE_IOPS {
            let key = PriceKey::VolumeIops {
                region: region.clone(),
                volume_type: VolumeType::Gp3,
                tier: IopsTier::First,
            };
            total += self.price(key)?.times(iops - GP3_FREE_IOPS);
        }
        if mibps > GP3_FREE_MIBPS {
            let key = PriceKey::VolumeThroughput { region: region.clone() };
            total += self.price(key)?.times(mibps - GP3_FREE_MIBPS);
        }
        Ok(total)
    }

    /// A month of a snapshot of that many GiB, at most: snapshots are incremental.
    pub fn snapshot_gib(
        &mut self,
        region: &Region,
        archived: bool,
        size_gib: i64,
    ) -> Result<Figure, UnknownReason> {
        Ok(self.price(PriceKey::SnapshotStorage { region: region.clone(), archived })?.times(size_gib))
    }

    pub fn snapshot(&mut self, snapshot: &Snapshot) -> Result<Figure, UnknownReason> {
        self.snapshot_gib(&snapshot.common.region, snapshot.archived, snapshot.volume_size_gib)
    }
}
