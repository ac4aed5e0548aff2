//! How much of what covered hours set free would cover other usage that is on demand today.
//!
//! A reservation that becomes free covers usage of the same type; a Savings Plan also usage of the same family.
//! Plans that cover more than that are left out of account: rather too little than too much.

use super::{Pool, Ratio, Slice};
use crate::domain::money::MicroUsd;
use std::collections::BTreeMap;

/// Of each usage type and of each family, the share of what is set free that finds other usage.
#[derive(Debug, Default)]
pub(super) struct Absorbed {
    by_type: BTreeMap<Box<str>, Ratio>,
    by_family: BTreeMap<Box<str>, Ratio>,
}

/// What is set free, and what there is for it to cover.
#[derive(Clone, Copy, Debug, Default)]
struct Balance {
    freed: MicroUsd,
    /// On demand today and chosen to go away: it cannot be covered any more.
    gone: MicroUsd,
    on_demand: MicroUsd,
}

impl Balance {
    fn share(&self) -> Ratio {
        let room = self.on_demand - self.gone;
        Ratio::of(room.get().into(), self.freed.get().into()).unwrap_or(Ratio::ZERO)
    }
}

impl Absorbed {
    /// Of some findings that are chosen together.
    pub fn by<'a>(
        findings: impl IntoIterator<Item = &'a [Slice]>,
        uncovered: &BTreeMap<&str, MicroUsd>,
    ) -> Self {
        let mut pools: BTreeMap<&str, (&Pool, MicroUsd)> = BTreeMap::new();
        for slice in findings.into_iter().flatten() {
            if let Some(pool) = &slice.pool {
                pools.entry(&pool.name).or_insert((pool, MicroUsd::ZERO)).1 += slice.full();
            }
        }
        let (mut by_type, mut families) = (BTreeMap::new(), BTreeMap::<&str, Balance>::new());
        for (pool, full) in pools.into_values() {
            let gone = pool.on_demand().share_of(full);
            let freed = pool.by_reservations.share_of(full);
            let share = Balance { freed, gone, on_demand: pool.uncovered }.share();
            by_type.insert(pool.name.clone(), share);
            let family = families.entry(&pool.family).or_default();
            family.freed += pool.by_plans.share_of(full);
            family.gone += gone + share.share_of(freed);
            family.on_demand = uncovered.get(&*pool.family).copied().unwrap_or_default();
        }
        let by_family = families.into_iter().map(|(name, balance)| (name.into(), balance.share())).collect();
        Self { by_type, by_family }
    }

    /// The share of a slice's hours that are covered today and would be absorbed.
    pub fn share(&self, slice: &Slice) -> Ratio {
        let Some(pool) = &slice.pool else { return Ratio::ZERO };
        let of =
            |shares: &BTreeMap<Box<str>, Ratio>, name: &str| shares.get(name).copied().unwrap_or(Ratio::ZERO);
        let reserved = pool.by_reservations.times(of(&self.by_type, &pool.name));
        reserved.plus(pool.by_plans.times(of(&self.by_family, &pool.family)))
    }
}
