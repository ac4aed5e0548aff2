//! From a session to a report: collect, price, judge. Writes nothing; `scans.rs` keeps the result.

use super::{
    advice::{Advice, advise},
    report::ScanReport,
};
use crate::{
    aws::ReadSession,
    collect::{self, CollectError, CollectOptions, Collected, NoParts, Progress, Watcher},
    domain::{
        clock::Clock,
        ids::{OrgKey, ScanId},
        money::MicroUsd,
        region::Region,
        rule_settings::RuleChoice,
        scan::{Gap, Scan, ScanStatus},
        thresholds::Thresholds,
    },
    pricing::{self, PriceCache},
    settings::Settings,
};

pub use crate::collect::RegionChoice;

/// What to look at and by which numbers to judge.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    pub regions: RegionChoice,
    pub thresholds: Thresholds,
    /// Which rules run, and what of their findings is left out.
    pub choice: RuleChoice,
    /// Calls on their way at a time.
    pub calls_in_flight: usize,
    /// The most that calls which AWS charges for may cost.
    pub paid_budget: Option<MicroUsd>,
}

impl ScanRequest {
    #[must_use]
    pub fn new(regions: RegionChoice, settings: &Settings) -> Self {
        Self {
            regions,
            thresholds: settings.thresholds.clone(),
            choice: RuleChoice::default(),
            calls_in_flight: usize::try_from(settings.scan.concurrency.get()).unwrap_or(1),
            paid_budget: None,
        }
    }
}

/// An account as it was seen, priced.
pub struct Picture {
    pub collected: Collected,
    /// Of collecting and of prices.
    pub gaps: Vec<Gap>,
}

impl Picture {
    #[must_use]
    pub fn status(&self) -> ScanStatus {
        if self.gaps.is_empty() { ScanStatus::Complete } else { ScanStatus::Partial }
    }

    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.collected.regions
    }
}

/// Reads the account and the prices of what it holds.
pub async fn take_picture(
    session: &ReadSession,
    request: &ScanRequest,
    prices: &dyn PriceCache,
    watcher: Watcher<'_>,
    clock: &Clock,
) -> Result<Picture, CollectError> {
    let now = clock.now();
    let options = CollectOptions {
        regions: request.regions.clone(),
        thresholds: request.thresholds.clone(),
        calls_in_flight: request.calls_in_flight,
        paid_budget: request.paid_budget,
        now,
    };
    let mut collected = collect::collect(session, &options, watcher).await?;
    let keys = pricing::needed_keys(&collected.snapshot);
    let (book, price_gaps) = pricing::load(session, &keys, prices, now).await;
    // Spot prices came with the account.
    let collected_prices = std::mem::replace(&mut collected.snapshot.prices, book);
    collected.snapshot.prices.fill_from(collected_prices);
    let mut gaps = std::mem::take(&mut collected.gaps);
    gaps.extend(price_gaps);
    Ok(Picture { collected, gaps })
}

/// Judges a picture for an organisation.
#[must_use]
pub fn judge(picture: &Picture, request: &ScanRequest, org: OrgKey) -> Advice {
    advise(org, &picture.collected.snapshot, &request.thresholds, &request.choice)
}

/// A whole scan without a database.
pub async fn scan_once(
    session: &ReadSession,
    request: &ScanRequest,
    progress: &dyn Progress,
    clock: &Clock,
    org: OrgKey,
) -> Result<ScanReport, CollectError> {
    let started_at = clock.now();
    let watcher = Watcher { progress, parts: &NoParts };
    let picture = take_picture(session, request, &pricing::NoCache, watcher, clock).await?;
    let advice = judge(&picture, request, org);
    let scan = Scan {
        id: ScanId::generate(),
        account_id: session.account(),
        status: picture.status(),
        started_at,
        finished_at: Some(clock.now()),
        regions: picture.regions().to_vec(),
    };
    let (summary, recommendations) = (advice.summary, advice.recommendations);
    Ok(ScanReport { scan, summary, recommendations, gaps: picture.gaps, api_usage: session.usage() })
}
