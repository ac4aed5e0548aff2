//! AWS's services as people filter by them.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The services that findings are filed and filtered under.
macro_rules! services {
    ($($service:ident $text:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Service { $(#[serde(rename = $text)] $service),* }

        impl Service {
            pub const ALL: &'static [Self] = &[$(Self::$service),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$service => $text),* }
            }
        }
    };
}

services! {
    Ec2 "EC2",
    Ebs "EBS",
    Vpc "VPC",
    Rds "RDS",
    CostExplorer "CostExplorer",
    AutoScaling "AutoScaling",
    ElasticLoadBalancing "ElasticLoadBalancing",
    S3 "S3",
    DynamoDb "DynamoDB",
    Redshift "Redshift",
    ElastiCache "ElastiCache",
    Ecs "ECS",
    Lambda "Lambda",
    CloudWatch "CloudWatch",
    SecretsManager "SecretsManager",
    Kms "KMS",
    SavingsPlans "SavingsPlans",
    Organizations "Organizations",
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Service {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|s| s.as_str().eq_ignore_ascii_case(text)).ok_or(())
    }
}
