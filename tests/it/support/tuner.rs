//! The `tuner` program as a person runs it: with a clean environment and a data folder of its own.

use std::{
    path::Path,
    process::{Command, Output},
};

/// The program with nothing of the tester's environment but what it needs to start.
pub fn tuner(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuner"));
    command
        .env_clear()
        .env("TUNER_DATA_DIR", data_dir)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    command
}

/// What a run gave.
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

pub fn run(command: &mut Command) -> Run {
    command.output().expect("tuner starts").into()
}

impl Run {
    /// Failed with that code and one line on standard error that holds some words, whatever else it printed.
    #[track_caller]
    pub fn fails_saying(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{} {}", self.out, self.err);
        assert!(self.err.contains(words), "expected {words:?} in {:?}", self.err);
        assert_eq!(self.err.trim_end().lines().count(), 1, "one line: {:?}", self.err);
    }

    /// Failed with that code and one line on standard error that holds some words, and printed nothing.
    #[track_caller]
    pub fn fails(&self, code: i32, words: &str) {
        assert_eq!(self.code, code, "{}", self.err);
        assert!(self.err.contains(words), "expected {words:?} in {:?}", self.err);
        assert_eq!(self.out, "", "nothing on standard output");
        assert!(!self.err.contains("panicked"), "{}", self.err);
        // Clap's own usage errors explain the usage in a few lines more.
        if code == 1 {
            assert_eq!(self.err.trim_end().lines().count(), 1, "one line: {:?}", self.err);
        }
    }
}
