//! `tuner` on a data folder of its own, with a record of all that it says.

use crate::support::{
    stand_in,
    tuner::{Run, run, tuner},
};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

/// A data folder, and what the program is told through its environment.
pub struct Home {
    pub folder: tempfile::TempDir,
    pub env: Vec<(String, String)>,
}

impl Home {
    pub fn new(env: &[(&str, &str)]) -> Self {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { folder: tempfile::tempdir().unwrap(), env }
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tuner(self.folder.path());
        command
            .env("TUNER_AWS__ENDPOINT_URL", stand_in::url())
            .env("TUNER_SERVER__LISTEN", "127.0.0.1:0")
            // Files that are there and empty, so that the SDK has nothing to remark upon.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .args(arguments);
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    #[track_caller]
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.err);
        ran.out
    }

    /// The external ID of a new account.
    #[track_caller]
    pub fn add_account(&self, organization: &str, account: &str) -> String {
        let out =
            self.succeeds(&["account", "add", account, "--name", "Shop", "--organization", organization]);
        out.lines().find_map(|line| line.strip_prefix("External ID: ")).unwrap().to_owned()
    }

    /// The external IDs that the organisation's accounts have.
    pub fn external_ids(&self, organization: &str) -> Result<Vec<String>, String> {
        let ran = self.run(&["account", "list", "--format", "json", "--organization", organization]);
        if ran.code != 0 {
            return Err(ran.err);
        }
        let rows: Vec<serde_json::Value> = serde_json::from_str(&ran.out).unwrap();
        Ok(rows.iter().map(|row| row["externalId"].as_str().unwrap().to_owned()).collect())
    }

    pub fn serve(&self) -> Running {
        let said = File::create(self.path("stderr.txt")).unwrap();
        let mut child = self.command(&["serve"]).stdout(Stdio::piped()).stderr(said).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.ends_with("Ready.\n") {
            assert!(out.read_line(&mut text).unwrap() > 0, "tuner serve ended: {text}");
        }
        let after = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix)).map(str::to_owned);
        let (url, setup_token) = (after("Listening on ").unwrap(), after("Set-up token: "));
        let rest = std::thread::spawn(move || {
            let mut rest = text;
            while out.read_line(&mut rest).unwrap_or(0) > 0 {}
            rest
        });
        Running { child, url, setup_token, rest: Some(rest), log: self.path("stderr.txt") }
    }
}

pub struct Running {
    child: Child,
    pub url: String,
    pub setup_token: Option<String>,
    rest: Option<JoinHandle<String>>,
    log: std::path::PathBuf,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a service manager would; what it said on standard output and on standard error.
    pub fn stop(mut self) -> (String, String) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        let out = self.rest.take().unwrap().join().unwrap();
        (out, fs::read_to_string(&self.log).unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All files below a folder with their bytes.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn a_server_leaves_no_core_dump() {
    let running = Home::new(&[]).serve();
    let limits = fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
}
