//! Auto Scaling groups, judged as a whole: their members are never reported one by one.
//!
//! Groups that EKS, ECS, Batch, EMR or Elastic Beanstalk size are left alone.

mod asg_fixed_size;
mod asg_generation;
mod asg_idle;
mod asg_min_too_high;
mod asg_never_scaled;
mod asg_rightsize;
mod asg_unused_launch_configuration;
mod crew;
mod relaunch;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, ec2, generations};

pub const RULES: &[Rule] = &[
    asg_fixed_size::RULE,
    asg_generation::GRAVITON,
    asg_generation::UPGRADE,
    asg_idle::RULE,
    asg_min_too_high::RULE,
    asg_never_scaled::RULE,
    asg_rightsize::RULE,
    asg_unused_launch_configuration::RULE,
];
