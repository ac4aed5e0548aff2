//! The command line as a person or a script meets it.

mod audit;
mod commands;
mod demo_fleet;
mod faults;
mod people;
mod recompute;
mod rule_settings;
mod schedule;
mod schedule_mistakes;
mod usage;
