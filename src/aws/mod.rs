//! Everything between Tuner and AWS's API: sessions, guards, throttles, errors and policies.
//!
//! What is read through it is `collect`'s and `pricing`'s matter; here is only how. It knows nothing of
//! organisations' data beyond the [`RoleLink`] that it is given.
//!
//! Invariants: no client is built outside this module; every client carries the guard and the counter;
//! every `AssumeRole` carries a session policy; an external ID is checked before STS hears of it.

mod assume;
mod brake;
mod connector;
mod counter;
mod error;
mod guard;
mod kms;
mod parts;
mod policy;
mod refusal;
mod role_credentials;
mod secrets;
mod session;
mod template;
mod throttle;
mod verify;
mod write_session;

pub use assume::{Purpose, RoleLink};
pub use connector::{AwsSettings, Connector};
pub use counter::{COST_EXPLORER_REQUEST, CallCounter, METRIC_REQUESTED};
pub use error::{Failure, SessionError, classify};
pub use kms::Kms;
pub use parts::{Part, Parts};
pub use policy::{
    QuickCreate, SESSION_POLICY_LIMIT, account_principal, quick_create_url, read_only_policy,
    scheduler_policy, session_policy, trust_policy,
};
pub use refusal::{Reach, Refusal};
pub use secrets::read_secrets;
pub use session::{ReadSession, Sessions};
pub use template::{SchedulerRole, TemplateFormat, template};
pub use throttle::{AccountThrottle, INSTANCES_STARTED, INSTANCES_STOPPED, METRIC_POINTS};
#[cfg(test)]
pub(crate) use write_session::lab;
pub use write_session::{SCHEDULER_READS, START_STOP, Switch, WriteSession};

/// What the pricing client is for. `pricing` makes the call, collecting sessions allow it.
pub const PRICING_ACTIONS: &[&str] = &["pricing:GetProducts"];

/// The service's part of an IAM action, by the name that the SDK gives to the service.
fn iam_prefix(sdk_service: &str) -> &'static str {
    match sdk_service {
        "EC2" => "ec2",
        "RDS" => "rds",
        "CloudWatch" => "cloudwatch",
        "Auto Scaling" => "autoscaling",
        "Cost Explorer" => "ce",
        "Pricing" => "pricing",
        "STS" => "sts",
        "Application Auto Scaling" => "application-autoscaling",
        "CloudWatch Logs" => "logs",
        "Compute Optimizer" => "compute-optimizer",
        "Cost Optimization Hub" => "cost-optimization-hub",
        "DynamoDB" => "dynamodb",
        "ECS" => "ecs",
        "ElastiCache" => "elasticache",
        "Elastic Load Balancing" | "Elastic Load Balancing v2" => "elasticloadbalancing",
        "Lambda" => "lambda",
        "Organizations" => "organizations",
        "Redshift" => "redshift",
        "S3" => "s3",
        "savingsplans" => "savingsplans",
        "KMS" => "kms",
        "Secrets Manager" => "secretsmanager",
        _ => "unknown",
    }
}

/// The IAM action that an operation needs, where it does not bear the operation's name.
fn iam_action_name<'a>(prefix: &str, operation: &'a str) -> &'a str {
    match (prefix, operation) {
        ("s3", "ListBuckets") => "ListAllMyBuckets",
        ("s3", "GetBucketLifecycleConfiguration") => "GetLifecycleConfiguration",
        ("s3", "GetBucketEncryption") => "GetEncryptionConfiguration",
        ("s3", "ListBucketIntelligentTieringConfigurations") => "GetIntelligentTieringConfiguration",
        ("s3", "ListBucketMetricsConfigurations") => "GetMetricsConfiguration",
        (_, operation) => operation,
    }
}
