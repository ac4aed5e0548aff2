//! Secrets at rest, driven through the program: master keys, AWS KMS, AWS Secrets Manager, canaries.

mod canaries;
mod kms;
mod master_key;
pub mod process;
mod rotation;
mod secrets_manager;
