//! What the tests share: databases of both engines, the AWS stand-in, the program itself.

pub mod browser;
pub mod database;
pub mod mysql;
pub mod oidc_provider;
pub mod server;
pub mod stand_in;
pub mod tuner;
