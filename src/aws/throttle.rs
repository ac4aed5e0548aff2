//! Own token buckets per account, region and action, kept under AWS's so that AWS never has to refuse.
//!
//! Only what this process calls is counted. Where the customer's own tools use up the same buckets, AWS
//! throttles after all: the action's rate is then halved, and comes back with time.

use crate::domain::{ids::AccountId, region::Region};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A bucket's size and how many tokens come back a second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rate {
    burst: f64,
    per_second: f64,
}

/// Points of older data that `GetMetricData` gives a second, besides its calls.
pub const METRIC_POINTS: &str = "cloudwatch:GetMetricData/points";

/// Instances started and stopped, whatever the number of calls: EC2 counts both.
pub const INSTANCES_STARTED: &str = "ec2:StartInstances/instances";
pub const INSTANCES_STOPPED: &str = "ec2:StopInstances/instances";

/// AWS's published figures, or what its users measured where it publishes none.
fn rate_of(action: &str) -> Rate {
    let (burst, per_second) = match action {
        METRIC_POINTS => (180_000.0, 90_000.0),
        "cloudwatch:GetMetricData" => (50.0, 50.0),
        "cloudwatch:GetMetricStatistics" => (400.0, 400.0),
        "cloudwatch:ListMetrics" => (25.0, 25.0),
        "ec2:DescribeLaunchTemplateVersions" => (50.0, 10.0),
        // A second, as AWS's reference says of each.
        "dynamodb:DescribeContinuousBackups" | "dynamodb:ListTagsOfResource" => (10.0, 8.0),
        "dynamodb:ListBackups" => (5.0, 4.0),
        // EC2's table of request and resource token limits.
        "ec2:StartInstances" => (5.0, 2.0),
        "ec2:StopInstances" => (50.0, 5.0),
        INSTANCES_STARTED => (1_000.0, 2.0),
        INSTANCES_STOPPED => (1_000.0, 20.0),
        // RDS publishes none. Each call is a database of minutes of work.
        "rds:StartDBInstance" | "rds:StopDBInstance" | "rds:StartDBCluster" | "rds:StopDBCluster" => {
            (10.0, 2.0)
        }
        _ => match action.split_once(':').map(|(service, _)| service) {
            Some("ec2") => (100.0, 20.0),
            Some("ce") => (5.0, 1.0),
            Some("pricing") => (20.0, 10.0),
            Some("logs") => (10.0, 5.0),
            // Each bucket is asked six things; S3 answers thousands a second.
            Some("s3") => (100.0, 100.0),
            // 15 a second for all of the control plane together; two actions are called for each function.
            Some("lambda") => (10.0, 7.0),
            _ => (20.0, 20.0),
        },
    };
    Rate { burst, per_second }
}

/// Time is handed in as the duration since some fixed instant: no clock inside.
#[derive(Debug)]
struct Bucket {
    rate: Rate,
    /// Part of the rate that is used now, below one after AWS throttled.
    share: f64,
    tokens: f64,
    at: Duration,
}

/// Never slower than this part of the rate.
const LEAST_SHARE: f64 = 1.0 / 16.0;
/// The share that comes back a second.
const SHARE_BACK_PER_SECOND: f64 = 0.05;

impl Bucket {
    fn full(rate: Rate, now: Duration) -> Self {
        Self { rate, share: 1.0, tokens: rate.burst, at: now }
    }

    /// Time passes: tokens and share come back.
    fn refill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.rate.per_second * self.share).min(self.rate.burst);
        self.share = (self.share + passed * SHARE_BACK_PER_SECOND).min(1.0);
        self.at = self.at.max(now);
    }

    /// AWS's bucket is empty: so is ours, and it fills half as fast.
    fn slow_down(&mut self, now: Duration) {
        self.refill(now);
        self.tokens = self.tokens.min(0.0);
        self.share = (self.share / 2.0).max(LEAST_SHARE);
    }

    /// Takes tokens, on credit if need be; says how long to wait until they are really there.
    fn take(&mut self, tokens: f64, now: Duration) -> Duration {
        let wait = self.wait_for(tokens, now);
        self.tokens -= tokens;
        wait
    }

    /// How long it takes until so many are there.
    fn wait_for(&mut self, tokens: f64, now: Duration) -> Duration {
        self.refill(now);
        Duration::from_secs_f64(((tokens - self.tokens) / (self.rate.per_second * self.share)).max(0.0))
    }
}

/// The buckets of one account.
#[derive(Debug)]
pub struct AccountThrottle {
    since: Instant,
    buckets: Mutex<Buckets>,
}

impl AccountThrottle {
    fn new() -> Self {
        Self { since: Instant::now(), buckets: Mutex::default() }
    }

    /// Returns when a call may go out.
    pub async fn admit(&self, region: &Region, action: &'static str) {
        self.admit_many(region, action, 1).await;
    }

    pub async fn admit_many(&self, region: &Region, action: &'static str, tokens: u32) {
        let wait = self.reserve(region, action, tokens);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Returns when the tokens are there, if that is soon; else takes none of them and says no.
    pub async fn admit_within(
        &self,
        region: &Region,
        wanted: &[(&'static str, u32)],
        patience: Duration,
    ) -> bool {
        let Some(wait) = self.reserve_within(region, wanted, patience) else { return false };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        true
    }

    fn reserve_within(
        &self,
        region: &Region,
        wanted: &[(&'static str, u32)],
        patience: Duration,
    ) -> Option<Duration> {
        let now = self.since.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut longest = Duration::ZERO;
        for (action, tokens) in wanted {
            longest =
                longest.max(bucket_of(&mut buckets, region, action, now).wait_for(f64::from(*tokens), now));
        }
        if longest > patience {
            return None;
        }
        for (action, tokens) in wanted {
            bucket_of(&mut buckets, region, action, now).take(f64::from(*tokens), now);
        }
        Some(longest)
    }

    /// AWS throttled this action in spite of all.
    pub(super) fn slow_down(&self, region: &Region, action: &'static str) {
        let now = self.since.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get_mut(&(region.clone(), action)) {
            bucket.slow_down(now);
        }
    }

    /// The same, and all that this account does with the service in the region goes slower.
    pub(super) fn slow_service_down(&self, region: &Region, action: &str) {
        let now = self.since.elapsed();
        let service = service_of(action);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let of_service = buckets.iter_mut().filter(|((r, a), _)| r == region && service_of(a) == service);
        of_service.for_each(|(_, bucket)| bucket.slow_down(now));
    }

    fn reserve(&self, region: &Region, action: &'static str, tokens: u32) -> Duration {
        let now = self.since.elapsed();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        bucket_of(&mut buckets, region, action, now).take(f64::from(tokens), now)
    }
}

type Buckets = HashMap<(Region, &'static str), Bucket>;

fn bucket_of<'a>(
    buckets: &'a mut Buckets,
    region: &Region,
    action: &'static str,
    now: Duration,
) -> &'a mut Bucket {
    buckets.entry((region.clone(), action)).or_insert_with(|| Bucket::full(rate_of(action), now))
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

/// Of all accounts that were lately worked in.
#[derive(Debug)]
pub(super) struct Throttles(moka::future::Cache<AccountId, Arc<AccountThrottle>>);

/// After this long without a call every bucket is full again.
const FORGET_AFTER: Duration = Duration::from_mins(5);

impl Throttles {
    pub fn new() -> Self {
        Self(moka::future::Cache::builder().time_to_idle(FORGET_AFTER).build())
    }

    pub async fn of(&self, account: AccountId) -> Arc<AccountThrottle> {
        self.0.get_with(account, async { Arc::new(AccountThrottle::new()) }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_goes_through_and_the_rest_waits_its_turn() {
        let mut bucket = Bucket::full(Rate { burst: 5.0, per_second: 1.0 }, Duration::ZERO);
        let waits: Vec<u64> = (0..8).map(|_| bucket.take(1.0, Duration::ZERO).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 3]);
    }

    #[test]
    fn tokens_come_back_with_time_up_to_the_burst() {
        let mut bucket = Bucket::full(Rate { burst: 2.0, per_second: 1.0 }, Duration::ZERO);
        assert_eq!(bucket.take(2.0, Duration::ZERO), Duration::ZERO);
        assert_eq!(bucket.take(1.0, SECOND), Duration::ZERO);
        assert_eq!(bucket.take(2.0, SECOND * 100), Duration::ZERO);
        assert_eq!(bucket.take(1.0, SECOND * 100), SECOND);
    }

    #[test]
    fn time_that_runs_backwards_gives_nothing() {
        let mut bucket = Bucket::full(Rate { burst: 1.0, per_second: 1.0 }, SECOND * 10);
        assert_eq!(bucket.take(1.0, SECOND * 10), Duration::ZERO);
        assert_eq!(bucket.take(1.0, SECOND), SECOND);
    }

    #[test]
    fn a_throttled_action_goes_at_half_its_rate_and_recovers() {
        let mut bucket = Bucket::full(Rate { burst: 4.0, per_second: 2.0 }, Duration::ZERO);
        bucket.slow_down(Duration::ZERO);
        assert_eq!(bucket.take(1.0, Duration::ZERO), SECOND);
        bucket.refill(SECOND * 100);
        assert_eq!(bucket.take(4.0, SECOND * 100), Duration::ZERO);
        assert_eq!(bucket.take(2.0, SECOND * 100), SECOND);
        for _ in 0..20 {
            bucket.slow_down(SECOND * 100);
        }
        assert!(bucket.share >= LEAST_SHARE);
    }

    #[test]
    fn cost_explorer_is_asked_once_a_second_and_ec2_twenty_times() {
        assert_eq!(rate_of("ce:GetCostAndUsage"), Rate { burst: 5.0, per_second: 1.0 });
        assert_eq!(rate_of("ec2:DescribeVolumes"), Rate { burst: 100.0, per_second: 20.0 });
    }

    #[test]
    fn starts_and_stops_keep_ec2s_published_rates() {
        assert_eq!(rate_of("ec2:StartInstances"), Rate { burst: 5.0, per_second: 2.0 });
        assert_eq!(rate_of(INSTANCES_STARTED), Rate { burst: 1_000.0, per_second: 2.0 });
        assert_eq!(rate_of(INSTANCES_STOPPED), Rate { burst: 1_000.0, per_second: 20.0 });
    }

    #[test]
    fn what_has_no_room_soon_takes_nothing() {
        let throttle = AccountThrottle::new();
        let region = Region::global();
        let reserve = |instances| {
            let wanted = [("ec2:StartInstances", 1), (INSTANCES_STARTED, instances)];
            throttle.reserve_within(&region, &wanted, SECOND)
        };
        assert_eq!(reserve(990), Some(Duration::ZERO));
        assert_eq!(reserve(50), None, "20 seconds are too long");
        assert_eq!(reserve(10), Some(Duration::ZERO), "the refused one took no token of either bucket");
        for _ in 0..3 {
            assert!(reserve(0).is_some());
        }
        assert!(reserve(0).is_some_and(|wait| wait <= SECOND / 2), "the sixth call waits for half a second");
    }

    #[test]
    fn the_brake_of_a_service_leaves_other_services_and_regions_alone() {
        let throttle = AccountThrottle::new();
        let (here, there): (Region, Region) = ("eu-west-1".parse().unwrap(), "eu-west-2".parse().unwrap());
        let wait = |region: &Region, action| throttle.reserve(region, action, 1);
        for (region, action) in [(&here, "ec2:A"), (&here, "ec2:B"), (&here, "rds:A"), (&there, "ec2:A")] {
            wait(region, action);
        }
        throttle.slow_service_down(&here, "ec2:A");
        assert!(!wait(&here, "ec2:B").is_zero());
        assert!(wait(&here, "rds:A").is_zero() && wait(&there, "ec2:A").is_zero());
    }
}
