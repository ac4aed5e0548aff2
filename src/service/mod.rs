//! The use cases. HTTP, the command line and background work call these and nothing below them.

pub mod advice;
pub mod collection;
pub mod report;
pub mod standalone;
