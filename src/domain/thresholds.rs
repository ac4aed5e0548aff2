//! Every number that a rule compares with, its default and what it means. All can be configured.

use super::{near::find_near, tags::Tags};
use serde_json::Value;

/// One struct, its defaults and its documentation from one table.
macro_rules! thresholds {
    ($( $(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr; )*) => {
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Thresholds { $( $(#[doc = $doc])+ pub $name: $type, )* }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $( $name: $default, )* }
            }
        }

        impl Thresholds {
            /// (name, value, meaning) of each, in the order of this file.
            #[must_use]
            pub fn describe(&self) -> Vec<(&'static str, String, &'static str)> {
                vec![$( (stringify!($name), format!("{:?}", self.$name), concat!($($doc),+).trim_ascii()) ),*]
            }
        }
    };
}

thresholds! {
    /// Days of metrics that a usage-based rule looks at (1 to 63).
    look_back_days: u32 = 14;
    /// Share of the window's datapoints that must be there before anything is judged, in percent.
    min_datapoints_percent: u32 = 80;
    /// Findings below this monthly saving in US dollars are not shown.
    min_monthly_savings_usd: u32 = 1;
    /// Values of the tag env, environment or stage that mark a resource as not productive.
    nonprod_values: Vec<String> = words("dev development test testing qa staging stage sandbox nonprod non-prod demo uat");
    /// Values of the tag workload or runtime that are known to run on arm64 without a port.
    portable_workloads: Vec<String> = words("java nodejs python go nginx php ruby dotnet");
    /// Tags that every resource must carry; none asked for where it is empty.
    required_tags: Vec<String> = Vec::new();
    /// An instance whose CPU never reaches this percentage may be idle.
    ec2_idle_cpu_percent: u32 = 5;
    /// An instance that moves at least this many MB over the network a day is not idle.
    ec2_idle_network_mb_per_day: u32 = 5;
    /// Spare capacity that a rightsized instance keeps over its p99.5 demand, in percent.
    rightsize_headroom_percent: u32 = 20;
    /// Spare memory that a rightsized instance keeps over the maximum that the agent saw, in percent.
    rightsize_memory_headroom_percent: u32 = 20;
    /// Families that machines are moved to (m7i, r7i); an empty list means any.
    preferred_families: Vec<String> = Vec::new();
    /// Architectures that a Linux machine may be rightsized to besides its own (`arm64`, `x86_64`).
    rightsize_other_architectures: Vec<String> = Vec::new();
    /// An instance whose CPU averages at most this percentage on each day is hardly used.
    ec2_low_cpu_percent: u32 = 10;
    /// A GPU whose use never passes this percentage is idle.
    ec2_gpu_idle_percent: u32 = 1;
    /// An instance runs for long after this many days since its last launch.
    ec2_long_running_days: u32 = 180;
    /// An instance with at least this many vCPUs is large.
    ec2_large_vcpus: u32 = 16;
    /// Another region is worth a look when it is cheaper by at least this percentage.
    ec2_cheaper_region_percent: u32 = 10;
    /// Days without a change of its capacity after which an Auto Scaling group does not scale (1 to 42).
    asg_unchanged_days: u32 = 30;
    /// CPU at which the members of a group may work, in percent: it decides how many are needed.
    asg_target_cpu_percent: u32 = 50;
    /// A stopped instance is reported after this many days.
    ec2_stopped_days: u32 = 30;
    /// CPU at or below this percentage makes an hour idle for a schedule.
    schedule_idle_cpu_percent: u32 = 5;
    /// Network at or below this many bytes a second makes an hour idle for a schedule.
    schedule_idle_network_bytes_per_second: u32 = 1_000;
    /// Idle hours a week before a schedule is proposed.
    schedule_min_idle_hours_per_week: u32 = 20;
    /// Idle hours count only in runs of at least this many.
    schedule_min_run_hours: u32 = 2;
    /// A volume is unattached for this long before it is reported, in days.
    ebs_unattached_days: u32 = 30;
    /// Spare IOPS over the measured peak, in percent.
    ebs_iops_headroom_percent: u32 = 20;
    /// Provisioned IOPS are too many when the peak uses at most this percentage of them.
    ebs_iops_used_percent: u32 = 40;
    /// The most IOPS that are asked of one gp3 volume.
    ebs_gp3_max_iops: u32 = 16_000;
    /// An attached volume with fewer operations a day than this is idle.
    ebs_idle_ops_per_day: u32 = 1;
    /// A volume above this size in GiB is shown for a look (`ebs-volume-large`).
    ebs_large_gib: u32 = 100;
    /// A volume above these IOPS is shown for a look (`ebs-volume-high-iops`).
    ebs_high_iops: u32 = 32_000;
    /// A snapshot that is kept for this many days may be archived.
    ebs_archive_days: u32 = 90;
    /// A snapshot is old after this many days.
    ebs_snapshot_old_days: u32 = 90;
    /// A snapshot without its volume is reported after this many days.
    ebs_snapshot_orphaned_days: u32 = 30;
    /// An image that nothing uses is reported after this many days.
    ami_unused_days: u32 = 90;
    /// An image is old after this many days, used or not (`ami-old`).
    ami_old_days: u32 = 365;
    /// Buckets with less than this many GB are not shown for what cannot be priced.
    s3_review_gb: u32 = 50;
    /// A bucket above this many GB is shown for a look (`s3-bucket-large`).
    s3_large_gb: u32 = 100;
    /// Requests in the look-back window up to which a bucket may be abandoned: tools look at every bucket.
    s3_abandoned_requests: u32 = 2_000;
    /// Incomplete uploads are to be aborted within this many days.
    s3_abort_upload_days: u32 = 7;
    /// The retention in days that is proposed for logs that are kept for ever; one of those that AWS knows.
    log_retention_days: u32 = 90;
    /// A log group is unused when nothing was logged for this many days.
    log_unused_days: u32 = 90;
    /// An alarm without data is stale after this many days.
    alarm_stale_days: u32 = 30;
    /// A namespace with at least this many billed metrics that nothing shows is reported.
    custom_metrics_unused: u32 = 100;
    /// A dashboard beyond the three free ones is shown when it was not changed for this many days.
    dashboard_unchanged_days: u32 = 365;
    /// A secret is unused when nobody read it for this many days.
    secret_unused_days: u32 = 90;
    /// A key is unused when it was not used for this many days.
    kms_unused_days: u32 = 90;
    /// Spare capacity that a rightsized database keeps, in percent.
    rds_headroom_percent: u32 = 20;
    /// Provisioned IOPS of a database are too many when the need is below this percentage of them.
    rds_iops_used_percent: u32 = 80;
    /// A manual database snapshot is old after this many days.
    rds_snapshot_old_days: u32 = 90;
    /// A manual snapshot without its database is reported after this many days.
    rds_snapshot_orphaned_days: u32 = 30;
    /// The end of standard support is told this many days ahead.
    rds_support_notice_days: u32 = 365;
    /// Storage of a database is over-allocated when at least this percentage of it was always free.
    rds_storage_free_percent: u32 = 50;
    /// Spare space that a smaller storage keeps over what the database uses, in percent.
    rds_storage_headroom_percent: u32 = 50;
    /// Automated backups of what is not productive are kept for this many days.
    rds_nonprod_backup_days: u32 = 7;
    /// A Redshift cluster whose busiest hour of the week stays below this CPU percentage is little used.
    redshift_low_cpu_percent: u32 = 10;
    /// The most CPU that the busiest hour may take on a smaller Redshift cluster, in percent.
    redshift_cpu_percent: u32 = 60;
    /// The most of its disk that a smaller Redshift cluster may fill, in percent.
    redshift_disk_percent: u32 = 80;
    /// A manual Redshift snapshot is old after this many days.
    redshift_snapshot_old_days: u32 = 90;
    /// Spare memory and CPU that smaller cache nodes keep over the measured peak, in percent.
    elasticache_headroom_percent: u32 = 30;
    /// The utilisation that provisioned capacity of a table is sized for, in percent.
    dynamodb_target_percent: u32 = 70;
    /// The same where nothing may follow the load: a table that leaves on-demand mode.
    dynamodb_steady_target_percent: u32 = 50;
    /// Backups on demand that are kept for each table.
    dynamodb_backups_kept: u32 = 2;
    /// A table is large enough to ask whether its items could expire, in GiB.
    dynamodb_ttl_min_gib: u32 = 10;
    /// A function with fewer invocations in the window is not judged by its usage.
    lambda_min_invocations: u32 = 50;
    /// Failed invocations, or those that run into the timeout, that are worth a look, in percent.
    lambda_failed_percent: u32 = 10;
    /// Spare memory that a rightsized function keeps, in percent.
    lambda_headroom_percent: u32 = 20;
    /// A Fargate service whose CPU and memory never reach this percentage is idle.
    ecs_idle_percent: u32 = 1;
    /// Spare capacity that a rightsized task keeps, in percent.
    ecs_headroom_percent: u32 = 20;
    /// A cluster whose daily maximum of CPU is below this percentage on average is worth a look.
    ecs_cluster_low_percent: u32 = 20;
    /// What Fargate Spot is assumed to save, in percent: AWS says up to 70, and it moves.
    fargate_spot_discount_percent: u32 = 50;
    /// An address of a stopped instance is reported once the instance is stopped for this many days.
    eip_stopped_days: u32 = 7;
    /// A NAT gateway that moves less than this many GB in the look-back window has little traffic.
    nat_low_traffic_gb: u32 = 1;
    /// A load balancer that leads nowhere is reported once it is this many days old.
    elb_unused_days: u32 = 7;
    /// A load balancer with fewer requests a day than this, on average, is idle.
    elb_idle_requests_per_day: u32 = 10;
    /// Commitments are looked at where 30 days of what they could cover cost at least this many US dollars.
    commitment_min_spend_usd: u32 = 100;
    /// A commitment is reported this many days before its end, and after it.
    commitment_expiry_days: u32 = 30;
    /// Commitments of which less than this percentage is used are reported.
    commitment_used_percent: u32 = 95;
    /// Spend of which commitments cover less than this percentage is worth a look.
    commitment_covered_percent: u32 = 80;
    /// A service is reported when its 30-day cost rises by at least this percentage …
    cost_increase_percent: u32 = 20;
    /// … and by at least this many US dollars.
    cost_increase_usd: u32 = 50;
    /// Traffic between zones is shown where it cost at least this percentage of all usage in 30 days …
    cross_zone_percent: u32 = 2;
    /// … and at least this many US dollars.
    cross_zone_usd: u32 = 50;
    /// A charge of S3 for early deletion is shown from this many US dollars in 30 days on.
    early_deletion_usd: u32 = 5;
}

fn no_such<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let near = find_near(name, known.map(String::as_str)).map(|near| format!("; did you mean {near}?"));
    format!("there is no such threshold{}", near.unwrap_or_default())
}

/// What `logs put-retention-policy` accepts, in days.
const LOG_RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

impl Thresholds {
    /// The same with one of them changed, by its name.
    pub fn with(&self, name: &str, value: &Value) -> Result<Self, String> {
        let Ok(Value::Object(mut all)) = serde_json::to_value(self) else { return Err(String::new()) };
        let Some(place) = all.get_mut(name) else { return Err(no_such(name, all.keys())) };
        place.clone_from(value);
        let changed: Self = serde_json::from_value(Value::Object(all)).map_err(|error| error.to_string())?;
        changed.validate().map(|()| changed)
    }

    /// What is wrong with these numbers, in one line.
    pub fn validate(&self) -> Result<(), String> {
        let percent = [
            ("min_datapoints_percent", self.min_datapoints_percent),
            ("ec2_idle_cpu_percent", self.ec2_idle_cpu_percent),
            ("rightsize_headroom_percent", self.rightsize_headroom_percent),
            ("rightsize_memory_headroom_percent", self.rightsize_memory_headroom_percent),
            ("ec2_low_cpu_percent", self.ec2_low_cpu_percent),
            ("ec2_gpu_idle_percent", self.ec2_gpu_idle_percent),
            ("asg_target_cpu_percent", self.asg_target_cpu_percent),
            ("schedule_idle_cpu_percent", self.schedule_idle_cpu_percent),
            ("ebs_iops_used_percent", self.ebs_iops_used_percent),
            ("rds_iops_used_percent", self.rds_iops_used_percent),
            ("rds_storage_free_percent", self.rds_storage_free_percent),
            ("redshift_low_cpu_percent", self.redshift_low_cpu_percent),
            ("redshift_cpu_percent", self.redshift_cpu_percent),
            ("redshift_disk_percent", self.redshift_disk_percent),
            ("dynamodb_target_percent", self.dynamodb_target_percent),
            ("dynamodb_steady_target_percent", self.dynamodb_steady_target_percent),
            ("lambda_failed_percent", self.lambda_failed_percent),
            ("ecs_idle_percent", self.ecs_idle_percent),
            ("ecs_cluster_low_percent", self.ecs_cluster_low_percent),
            ("commitment_used_percent", self.commitment_used_percent),
            ("commitment_covered_percent", self.commitment_covered_percent),
            ("fargate_spot_discount_percent", self.fargate_spot_discount_percent),
        ];
        if let Some((name, value)) = percent.into_iter().find(|(_, value)| *value > 100) {
            return Err(format!("thresholds.{name} is {value}; a percentage is at most 100"));
        }
        if !(1..=63).contains(&self.look_back_days) {
            return Err(format!("thresholds.look_back_days is {}; use 1 to 63", self.look_back_days));
        }
        if !(1..=42).contains(&self.asg_unchanged_days) {
            return Err(format!("thresholds.asg_unchanged_days is {}; use 1 to 42", self.asg_unchanged_days));
        }
        if !LOG_RETENTIONS.contains(&self.log_retention_days) {
            let known = LOG_RETENTIONS.map(|days| days.to_string()).join(", ");
            return Err(format!(
                "thresholds.log_retention_days is {}; AWS knows {known}",
                self.log_retention_days
            ));
        }
        Ok(())
    }

    /// Whether tags mark a resource as not productive.
    #[must_use]
    pub fn mark_nonprod(&self, tags: &Tags) -> bool {
        tags.get_any(&["env", "environment", "stage"])
            .is_some_and(|stage| self.nonprod_values.iter().any(|v| v.eq_ignore_ascii_case(stage.trim())))
    }

    /// Whether machines may be moved to a type: its family is preferred, or none is.
    #[must_use]
    pub fn prefers(&self, instance_type: &str) -> bool {
        let family = instance_type.split('.').next().unwrap_or_default();
        self.preferred_families.is_empty()
            || self.preferred_families.iter().any(|name| name.eq_ignore_ascii_case(family))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_is_changed_by_its_name() {
        let changed = Thresholds::default().with("look_back_days", &json!(30)).unwrap();
        assert_eq!(changed, Thresholds { look_back_days: 30, ..Thresholds::default() });
    }

    #[test]
    fn a_change_that_does_not_fit_says_why() {
        let refused = |name, value| Thresholds::default().with(name, &value).unwrap_err();
        assert!(refused("look_back_days", json!("x")).contains("invalid type"));
        assert!(refused("look_back_days", json!(-1)).contains("invalid value"));
        assert!(refused("look_back_days", json!(99)).contains("use 1 to 63"));
        assert!(refused("log_retention_days", json!(45)).contains("AWS knows 1, 3, 5, 7, 14, 30, 60, 90"));
        assert_eq!(
            refused("look_back_day", json!(1)),
            "there is no such threshold; did you mean look_back_days?"
        );
    }

    #[test]
    fn each_threshold_says_what_it_means() {
        for (name, value, meaning) in Thresholds::default().describe() {
            assert!(!value.is_empty() && meaning.len() > 10, "{name}");
        }
        assert!(Thresholds::default().validate().is_ok());
        assert!(Thresholds { look_back_days: 0, ..Thresholds::default() }.validate().is_err());
    }
}
