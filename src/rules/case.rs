//! What a judge works with: the snapshot, the thresholds, and the questions that most rules ask.

use super::{Bill, Meta};
use crate::domain::{
    billing::FindingSource,
    figure::Figure,
    finding::{
        Calculation, Evidence, Finding, Level, Remediation, Root, Subject, Unknown, UnknownReason, Verdicts,
    },
    inventory::{Common, Inventoried},
    metric::{Metric, Summary, WeekProfile},
    region::Region,
    snapshot::Snapshot,
    tags::Tags,
    thresholds::Thresholds,
};
use jiff::{Timestamp, civil::Date};

/// `Ok(None)`: fine. `Ok(Some(..))`: waste. `Err(..)`: cannot be known.
pub type Judgement = Result<Option<Finding>, UnknownReason>;

/// One rule looking at one snapshot.
pub struct Case<'a> {
    pub meta: &'static Meta,
    pub snapshot: &'a Snapshot,
    pub thresholds: &'a Thresholds,
}

/// What a resource costs, what is saved, and the prices that both rest on.
pub struct Amounts<'a> {
    pub cost: Figure,
    pub savings: Figure,
    pub bill: Bill<'a>,
}

impl<'a> Case<'a> {
    #[must_use]
    pub fn new(meta: &'static Meta, snapshot: &'a Snapshot, thresholds: &'a Thresholds) -> Self {
        Self { meta, snapshot, thresholds }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.snapshot.taken_at
    }

    #[must_use]
    pub fn bill(&self) -> Bill<'a> {
        Bill::new(&self.snapshot.prices)
    }

    /// Asks the judge about each resource.
    pub fn judge_each<T: Inventoried>(
        &self,
        resources: &[T],
        judge: impl Fn(&Self, &T) -> Judgement,
    ) -> Verdicts {
        let mut verdicts = Verdicts::default();
        for resource in resources {
            match judge(self, resource) {
                Ok(None) => {}
                Ok(Some(finding)) => verdicts.findings.push(finding),
                Err(reason) => verdicts.unknown.push(self.unknown(resource, reason)),
            }
        }
        verdicts
    }

    fn unknown<T: Inventoried>(&self, resource: &T, reason: UnknownReason) -> Unknown {
        Unknown {
            rule: self.meta.id,
            region: resource.common().region.clone(),
            kind: T::KIND,
            resource_id: resource.common().id.clone(),
            reason,
        }
    }

    /// What is not known of the account as a whole, or of a part of it that no list holds: said once.
    #[must_use]
    pub fn unknown_whole(&self, id: impl Into<Box<str>>, reason: UnknownReason) -> Unknown {
        let (region, kind) = (Region::global(), self.meta.kind);
        Unknown { rule: self.meta.id, region, kind, resource_id: id.into(), reason }
    }

    /// A finding with all that the rule's meta says; the rule adds title, configurations, evidence and fix.
    #[must_use]
    pub fn finding<T: Inventoried>(&self, resource: &T, amounts: Amounts<'_>) -> Finding {
        let common = resource.common();
        let subject = Subject {
            kind: T::KIND,
            region: common.region.clone(),
            id: common.id.clone(),
            name: common.name().map(Into::into),
            tags: common.tags.clone(),
        };
        self.finding_about(subject, amounts)
    }

    /// The same of what is in no list: the account, a purchase.
    #[must_use]
    pub fn finding_about(&self, subject: Subject, amounts: Amounts<'_>) -> Finding {
        Finding {
            rule: self.meta.id,
            root: Root::of(subject.kind, &subject.region, &subject.id),
            subject,
            class: self.meta.class,
            shrinks_all: false,
            action_type: self.meta.action_type,
            title: self.meta.title.to_owned(),
            current: serde_json::Value::Null,
            recommended: serde_json::Value::Null,
            monthly_cost: amounts.cost.amount(),
            monthly_savings: amounts.savings.amount(),
            calculation: Calculation {
                monthly_cost: amounts.cost.arithmetic().to_owned(),
                monthly_savings: amounts.savings.arithmetic().to_owned(),
            },
            cost_parts: amounts.cost.into_parts(),
            savings_parts: amounts.savings.into_parts(),
            after_discounts: None,
            sources: vec![FindingSource::Tuner],
            basis: self.meta.basis,
            effort: self.meta.effort,
            risk: self.meta.risk,
            confidence: Level::High,
            restart_needed: self.meta.restart_needed,
            rollback_possible: self.meta.rollback_possible,
            look_back_days: (!self.meta.metrics.is_empty()).then_some(self.thresholds.look_back_days),
            evidence: Vec::new(),
            prices: amounts.bill.into_used(),
            remediation: Remediation::default(),
        }
    }

    /// Whole days since creation.
    pub fn age_days(&self, common: &Common) -> Result<i64, UnknownReason> {
        common.age_days(self.now()).ok_or(UnknownReason::DateMissing)
    }

    /// Refuses to judge the usage of what is younger than the look-back window.
    pub fn require_full_window(&self, common: &Common) -> Result<(), UnknownReason> {
        let young = self.age_days(common)? < i64::from(self.thresholds.look_back_days);
        if young { Err(UnknownReason::TooYoung) } else { Ok(()) }
    }

    /// A metric's summary, if enough of the window is there.
    pub fn summary(&self, metric: Metric, common: &Common) -> Result<&'a Summary, UnknownReason> {
        self.summary_of(metric, (&common.region, &common.id))
    }

    /// The same of a series that has a name of its own.
    pub fn summary_of(&self, metric: Metric, (region, id): Key<'_>) -> Result<&'a Summary, UnknownReason> {
        let summary =
            self.snapshot.metrics.summary(metric, region, id).ok_or(UnknownReason::MetricMissing)?;
        if summary.covers(self.thresholds.min_datapoints_percent) {
            Ok(summary)
        } else if summary.found == 0 {
            Err(UnknownReason::MetricMissing)
        } else {
            Err(UnknownReason::TooFewDatapoints)
        }
    }

    /// A metric's week, if every hour of it was seen at least twice.
    pub fn week(&self, metric: Metric, common: &Common) -> Result<&'a WeekProfile, UnknownReason> {
        let week = self
            .snapshot
            .metrics
            .week(metric, &common.region, &common.id)
            .ok_or(UnknownReason::MetricMissing)?;
        if week.found == 0 {
            Err(UnknownReason::MetricMissing)
        } else if week.samples.iter().all(|samples| *samples >= 2) {
            Ok(week)
        } else {
            Err(UnknownReason::TooFewDatapoints)
        }
    }

    /// Evidence from a metric's summary.
    #[must_use]
    pub fn measured(
        &self,
        metric: Metric,
        summary: &Summary,
        observed: String,
        threshold: String,
    ) -> Evidence {
        let spec = metric.spec();
        Evidence {
            fact: spec.name.to_owned(),
            statistic: Some(spec.statistic.to_owned()),
            observed,
            threshold: Some(threshold),
            window_days: Some(self.thresholds.look_back_days),
            datapoints_found: Some(summary.found),
            datapoints_expected: Some(summary.expected),
        }
    }

    /// Tagged as not productive: env, environment or stage with one of the configured values.
    #[must_use]
    pub fn nonprod(&self, tags: &Tags) -> bool {
        self.thresholds.mark_nonprod(tags)
    }

    /// Evidence from a metric's week: its busiest hour, while the threshold is for each idle one.
    #[must_use]
    pub fn measured_week(&self, metric: Metric, week: &WeekProfile, threshold: String) -> Evidence {
        let busiest = week.max.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let spec = metric.spec();
        Evidence {
            fact: spec.name.to_owned(),
            statistic: Some(spec.statistic.to_owned()),
            observed: format!("{busiest:.1} in the busiest hour"),
            threshold: Some(threshold),
            window_days: Some(self.thresholds.look_back_days),
            datapoints_found: Some(week.found),
            datapoints_expected: Some(week.expected),
        }
    }

    /// The day of the snapshot in UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.snapshot.today()
    }
}

/// Evidence that is a property, not a metric.
#[must_use]
pub fn property(fact: &str, observed: impl Into<String>, threshold: Option<String>) -> Evidence {
    Evidence {
        fact: fact.to_owned(),
        statistic: None,
        observed: observed.into(),
        threshold,
        window_days: None,
        datapoints_found: None,
        datapoints_expected: None,
    }
}

/// What tells one resource of a kind from all others of the account, for look-ups.
pub type Key<'a> = (&'a Region, &'a str);

#[must_use]
pub fn key(common: &Common) -> Key<'_> {
    (&common.region, &common.id)
}
