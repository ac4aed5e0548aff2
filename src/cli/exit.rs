//! How the process ends: its exit codes and its one line of error.

use crate::error::Error;
use std::{fmt, process::ExitCode};

/// The exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Fine,
    /// Savings are above `--fail-on`.
    SavingsAboveLimit,
    /// Something could not be read; the report says what.
    Partial,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::SavingsAboveLimit => 3,
            Exit::Partial => 4,
        })
    }
}

/// What went wrong and what to do, in one line. Exit code 1, or 2 for wrong usage.
#[derive(Debug)]
pub struct CliError {
    line: String,
    usage: bool,
    broken_pipe: bool,
}

impl CliError {
    #[must_use]
    pub fn new(what: impl fmt::Display) -> Self {
        Self { line: one_line(&what.to_string()), usage: false, broken_pipe: false }
    }

    /// Here, unlike over HTTP, whoever reads it may know the cause.
    #[must_use]
    pub fn caused(error: &Error) -> Self {
        match error.chain() {
            chain if chain.is_empty() => Self::new(error),
            chain => Self::new(format!("{error}: {chain}")),
        }
    }

    #[must_use]
    pub fn usage(what: impl fmt::Display) -> Self {
        Self { usage: true, ..Self::new(what) }
    }

    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        self.broken_pipe
    }

    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(if self.usage { 2 } else { 1 })
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self { broken_pipe: error.kind() == std::io::ErrorKind::BrokenPipe, ..Self::new(error) }
    }
}

/// A library's message may hold line breaks and, from a remote side, control characters.
fn one_line(text: &str) -> String {
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_printable_line() {
        assert_eq!(CliError::new("a\n  b\u{1b}[2J").to_string(), "a b [2J");
    }
}
