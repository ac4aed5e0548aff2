//! What the tests share: databases of both engines, the AWS stand-in, the program itself.

pub mod app;
pub mod browser;
pub mod database;
pub mod fleet;
pub mod forger;
pub mod in_process;
pub mod mysql;
pub mod oidc_provider;
pub mod program;
pub mod second_emulator;
pub mod server;
pub mod stand_in;
pub mod tuner;
