//! What was not seen is unknown: it is never idle, and never waste.

use crate::{about, by_subject, check, plans};
use proptest::prelude::*;
use tuner::{
    domain::{
        metric::MetricStore,
        money::MicroUsd,
        price::PriceBook,
        snapshot::{Coverage, Snapshot},
    },
    rules,
};

/// Their metrics only add to what they know without: a size that memory limits, a processor that is busy.
const KNOW_ENOUGH: &[&str] = &[
    "elasticache-previous-gen-graviton",
    "rds-backup-retention-excess",
    "rds-extended-support",
    "rds-storage-gp2-to-gp3",
];

fn has_metrics(rule: &str) -> bool {
    rules::find_rule(rule).is_some_and(|rule| !rule.meta.metrics.is_empty())
}

proptest! {
    #![proptest_config(crate::cases(64))]

    #[test]
    fn without_metrics_nothing_is_idle(plan in plans::tame()) {
        let snapshot = Snapshot { metrics: MetricStore::default(), ..plan.world().snapshot() };
        for finding in check(&snapshot).findings {
            let fine = !has_metrics(finding.rule) || KNOW_ENOUGH.contains(&finding.rule);
            prop_assert!(fine, "{:?} speaks without a metric: {}", about(&finding), finding.title);
        }
    }

    #[test]
    fn a_list_that_broke_off_adds_no_finding(plan in plans::tame()) {
        let whole = plan.world().snapshot();
        let broken = Snapshot { coverage: Coverage::default(), ..whole.clone() };
        let (known, found) = (check(&whole).findings, check(&broken).findings);
        let known = by_subject(&known);
        for finding in &found {
            prop_assert!(known.contains_key(&about(finding)), "{:?}: {}", about(finding), finding.title);
        }
    }

    #[test]
    fn without_prices_nothing_is_promised(plan in plans::tame()) {
        let snapshot = Snapshot { prices: PriceBook::default(), ..plan.world().snapshot() };
        for finding in check(&snapshot).findings {
            prop_assert_eq!(finding.monthly_savings, MicroUsd::ZERO, "{:?}", about(&finding));
        }
    }
}
