//! What the tests share: databases of both engines, the AWS stand-in, the program itself.

pub mod database;
pub mod in_process;
pub mod mysql;
pub mod second_emulator;
pub mod server;
pub mod stand_in;
pub mod tuner;
