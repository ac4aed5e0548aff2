//! Savings Plans and reservations: what to buy, what ends, what is not used.

mod commitment_use;
mod offer;
mod purchases;
mod ri_expiring;
mod sp_expiring;
mod tied;

pub use purchases::resize as resize_purchase;
pub use ri_expiring::ID as RI_EXPIRING;
pub use tied::warn;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command};

pub const RULES: &[Rule] = &[
    commitment_use::COVERAGE_LOW,
    commitment_use::UNDERUTILIZED,
    purchases::COMPUTE_PLANS,
    purchases::DATABASE_PLANS,
    purchases::DYNAMODB,
    purchases::EC2,
    purchases::EC2_PLANS,
    purchases::ELASTICACHE,
    purchases::MEMORYDB,
    purchases::OPENSEARCH,
    purchases::RDS,
    purchases::REDSHIFT,
    purchases::SAGEMAKER_PLANS,
    ri_expiring::RULE,
    sp_expiring::RULE,
];
