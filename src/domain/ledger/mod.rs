//! The savings ledger: what was promised when a person marked a recommendation as implemented, and what later
//! scans found of it. Pure: which entry counts, what a scan shows, and what a day was worth.
//!
//! Invariants: an entry's promise is frozen and never changes; nothing above the promise is ever realised; a day is
//! booked once, when a scan has confirmed what came after it, at the lesser of what was known before and after.

mod choice;
mod configuration;
mod day;

pub use choice::Choices;
pub use configuration::came_true;
pub use day::{DayPart, Span, parts_of};

use super::{
    finding::{ActionType, text_enum},
    ids::{AccountId, RecommendationId, UserId},
    money::MicroUsd,
    recommendation::Recommendation,
};
use jiff::{Timestamp, civil::Date};

text_enum! {
    /// What the latest scan said of an implemented recommendation.
    SavingState {
        /// No scan has looked since, or it still found everything as before.
        Pending = "pending",
        /// The finding is gone.
        Realised = "realised",
        /// Less is found than was promised to go.
        Partly = "partly",
        /// More is found again than an earlier scan had found.
        SlippedBack = "slippedBack",
        /// Data is missing: neither saved nor not.
        Unverifiable = "unverifiable",
    }
}

/// What a scan shows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// The rule still finds it, with so much to be saved a month at list price.
    Found(MicroUsd),
    /// The rule looked and found nothing, the resource is gone, or it became what was advised.
    Gone,
    /// The rule could not look.
    Unseen(WhyUnseen),
}

text_enum! {
    WhyUnseen {
        NoData = "noData",
        RuleOff = "ruleOff",
        RegionNotScanned = "regionNotScanned",
    }
}

impl WhyUnseen {
    /// For people.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoData => {
                "the scan could not list or measure the resource: see its gaps and the permission report"
            }
            Self::RuleOff => {
                "the rule is switched off in the settings, or this version does not know it any more"
            }
            Self::RegionNotScanned => "the scan did not look at the resource's region",
        }
    }
}

/// What was promised at a month, frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// At list price: what later findings are compared with.
    pub list: MicroUsd,
    /// What is expected on the bill: after discounts and capped by spend, where that was known.
    pub expected: MicroUsd,
}

impl Promise {
    /// Of a recommendation as it stood. A best choice counts as it did in the totals; a choice that was not the
    /// best had no share in them and is taken at its own worth.
    #[must_use]
    pub fn of(frozen: &Recommendation) -> Self {
        let list = frozen.estimated_monthly_savings;
        let net = frozen.estimated_monthly_savings_after_discounts.unwrap_or(list);
        let expected =
            if frozen.is_best_for_resource { net.min(frozen.counted_monthly_savings) } else { net };
        Self { list, expected: expected.max(MicroUsd::ZERO).min(list) }
    }

    /// What of it came, where so much of the list price is still found.
    fn kept(self, remaining: MicroUsd) -> MicroUsd {
        let gone = (self.list - remaining).max(MicroUsd::ZERO).min(self.list);
        self.expected.scale(gone.get(), self.list.get())
    }
}

/// How an entry stood after a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub verification: SavingState,
    /// A month's worth of what came; what was known last where nothing can be verified.
    pub realised: MicroUsd,
    /// The most that any scan found realised.
    pub peak: MicroUsd,
    /// What the rule still finds, at list price.
    pub remaining: Option<MicroUsd>,
    pub reason: Option<WhyUnseen>,
}

impl Verdict {
    /// Of a new entry.
    pub const NONE: Self = Self {
        verification: SavingState::Pending,
        realised: MicroUsd::ZERO,
        peak: MicroUsd::ZERO,
        remaining: None,
        reason: None,
    };

    /// After one more scan.
    #[must_use]
    pub fn after(self, promise: Promise, sighting: Sighting) -> Self {
        let remaining = match sighting {
            Sighting::Unseen(reason) => {
                return Self { verification: SavingState::Unverifiable, reason: Some(reason), ..self };
            }
            Sighting::Found(savings) => savings,
            Sighting::Gone => MicroUsd::ZERO,
        };
        let gone = sighting == Sighting::Gone;
        let realised = if gone { promise.expected } else { promise.kept(remaining) };
        let verification = if gone {
            SavingState::Realised
        } else if realised < self.peak {
            SavingState::SlippedBack
        } else if realised.is_positive() {
            SavingState::Partly
        } else {
            SavingState::Pending
        };
        let peak = self.peak.max(realised);
        Self { verification, realised, peak, remaining: Some(remaining), reason: None }
    }

    /// A month's worth of the days between two scans that could tell: the lesser of both ends. Before the first one
    /// there is only one end.
    #[must_use]
    pub fn worth_between(before: Option<Self>, after: Self) -> MicroUsd {
        before.map_or(after.realised, |before| before.realised.min(after.realised))
    }
}

/// One implemented recommendation.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub recommendation: RecommendationId,
    pub account: AccountId,
    pub implemented_at: Timestamp,
    pub implemented_by: UserId,
    pub note: Option<String>,
    /// As it stood when it was implemented.
    pub frozen: Recommendation,
    pub verdict: Verdict,
    /// When a scan could last tell; none before the first.
    pub verified_at: Option<Timestamp>,
    /// The first day that is not booked yet.
    pub booked_until: Date,
    /// Taken back: nothing is booked any more, what was booked stays.
    pub closed_at: Option<Timestamp>,
    /// The other entry of the same picture of the resource that counts in its stead.
    pub counted_with: Option<RecommendationId>,
}

impl Entry {
    #[must_use]
    pub fn promise(&self) -> Promise {
        Promise::of(&self.frozen)
    }

    /// A day of it, where the scheduler had the resource off for so long. What is off costs nothing that could be
    /// saved twice; where a schedule was what was advised, the scheduler's own book says what it brought.
    #[must_use]
    pub fn part_of(&self, part: DayPart, seconds_off: i64) -> DayPart {
        let scheduled = self.frozen.action_type == ActionType::Schedule && seconds_off > 0;
        part.without(if scheduled { part.seconds } else { seconds_off })
    }

    /// The days that a scan books.
    #[must_use]
    pub fn span(&self, until: Date) -> Span {
        Span { implemented_at: self.implemented_at, from: self.booked_until, until }
    }
}

/// 1 - possible savings ÷ optimisable spend, in thousandths; none where nothing was spent or that is not known.
#[must_use]
pub fn efficiency_permille(possible: MicroUsd, spend: Option<MicroUsd>) -> Option<i64> {
    let spend = spend.filter(|spend| spend.is_positive())?;
    let left = (spend - possible).max(MicroUsd::ZERO);
    Some(MicroUsd::new(1_000).scale(left.get(), spend.get()).get())
}

#[cfg(test)]
mod tests;
