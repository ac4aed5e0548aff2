//! No core dump of this process: it would hold the keys that the memory holds.

use super::CliError;
use rustix::process::{Resource, Rlimit, setrlimit};

/// For good: the hard limit cannot be raised again. On Linux a debugger of another user is kept out, too.
pub fn forbid() -> Result<(), CliError> {
    let failed = |error| CliError::new(format!("core dumps cannot be turned off: {error}"));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).map_err(failed)?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable).map_err(failed)?;
    Ok(())
}
