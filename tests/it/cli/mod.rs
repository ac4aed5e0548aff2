//! The command line as a person or a script meets it.

mod audit;
mod commands;
mod demo_fleet;
mod faults;
mod people;
mod schedule;
mod schedule_mistakes;
mod usage;
