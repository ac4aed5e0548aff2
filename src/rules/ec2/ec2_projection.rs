//! How busy a machine would have been on another type, and how risky that is, dimension by dimension.

use crate::domain::finding::Level;
use serde_json::{Value, json};

pub struct Projection {
    pub cpu: Projected,
    pub memory: Projected,
    pub network: Projected,
    pub ebs_throughput: Projected,
    pub ebs_operations: Projected,
}

#[derive(Clone, Copy)]
pub struct Projected {
    percent: Option<i64>,
    risk: Level,
}

impl Projected {
    /// Up to three fifths is calm, up to four fifths is work, beyond that a busier month may not fit.
    #[must_use]
    pub fn share(percent: i64) -> Self {
        let risk = match percent {
            ..=60 => Level::Low,
            61..=80 => Level::Medium,
            _ => Level::High,
        };
        Self { percent: Some(percent), risk }
    }

    /// The share of what is offered that was used at most. What was not measured is a risk only where less of it
    /// is offered; a burst beyond what the present type offers for long would be one there, too.
    #[must_use]
    pub fn of(percent: Option<i64>, offered: i64, present: i64) -> Self {
        match percent {
            _ if offered >= present => Self { percent, risk: Level::Low },
            Some(percent) => Self::share(percent),
            None => Self { percent: None, risk: Level::Medium },
        }
    }

    fn to_json(self) -> Value {
        json!({"percent": self.percent, "risk": self.risk})
    }
}

impl Projection {
    /// That of the tightest dimension.
    #[must_use]
    pub fn risk(&self) -> Level {
        let Self { cpu, memory, network, ebs_throughput, ebs_operations } = self;
        let all = [cpu, memory, network, ebs_throughput, ebs_operations];
        all.into_iter().map(|projected| projected.risk).max().unwrap_or(Level::High)
    }

    /// A percentage is null where nothing was measured.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "cpu": self.cpu.to_json(),
            "memory": self.memory.to_json(),
            "network": self.network.to_json(),
            "ebsThroughput": self.ebs_throughput.to_json(),
            "ebsOperations": self.ebs_operations.to_json(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn risk_grows_with_the_share_and_with_what_is_not_known() {
        let risk = |percent, offered, present| Projected::of(percent, offered, present).risk;
        assert_eq!(risk(Some(60), 100, 200), Level::Low);
        assert_eq!(risk(Some(61), 100, 200), Level::Medium);
        assert_eq!(risk(Some(81), 100, 200), Level::High);
        assert_eq!(risk(Some(99), 200, 200), Level::Low, "as before");
        assert_eq!(risk(None, 100, 200), Level::Medium);
        assert_eq!(risk(None, 200, 200), Level::Low);
    }
}
