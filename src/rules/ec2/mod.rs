//! EC2 instances and their types.

mod ec2_bill;
mod ec2_instance_graviton;
mod ec2_instance_idle;
mod ec2_instance_previous_gen;
mod ec2_instance_rightsize;
mod ec2_instance_schedule;
mod ec2_instance_stopped_long;
mod ec2_need;
mod ec2_shelf;
mod ec2_usage;

use super::{Amounts, Bill, Case, Judgement, Meta, Rule, case, command, generations, quantity, resize, week};

pub const RULES: &[Rule] = &[
    ec2_instance_graviton::RULE,
    ec2_instance_idle::RULE,
    ec2_instance_previous_gen::RULE,
    ec2_instance_rightsize::RULE,
    ec2_instance_schedule::RULE,
    ec2_instance_stopped_long::RULE,
];
