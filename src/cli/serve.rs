//! stub
use super::{CliError, Context, Exit};
#[derive(Debug, clap::Args)]
pub struct Arguments {}
pub async fn run(_: &Context, _: Arguments) -> Result<Exit, CliError> {
    Ok(Exit::Fine)
}
