//! What the tests share: databases of both engines.

pub mod database;
pub mod mysql;
