//! `tuner serve` on a fresh SQLite database with settings of the test's own, and what it says on the wire.

use super::tuner;
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

/// Nobody answers later than this, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Program {
    child: Child,
    pub url: String,
    /// None where an outside issuer signs.
    pub setup_token: Option<String>,
    folder: tempfile::TempDir,
}

impl Program {
    /// Limits are off unless the settings turn them on.
    pub fn serve(settings: &[(&str, &str)]) -> Self {
        Self::serve_in(tempfile::tempdir().unwrap(), settings)
    }

    /// In a folder that holds something already.
    pub fn serve_in(folder: tempfile::TempDir, settings: &[(&str, &str)]) -> Self {
        let mut child = tuner::tuner(&folder.path().join("data"))
            .env("TUNER_SERVER__LISTEN", "127.0.0.1:0")
            .env("TUNER_LIMITS__ENABLED", "false")
            .env("TUNER_LOG_FORMAT", "json")
            .envs(settings.iter().copied())
            .arg("serve")
            .stdout(Stdio::piped())
            .stderr(File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let (mut url, mut setup_token) = (None, None);
        for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
            url = line.strip_prefix("Listening on ").map(str::to_owned).or(url);
            setup_token = line.strip_prefix("Set-up token: ").map(str::to_owned).or(setup_token);
            if line == "Ready." {
                break;
            }
        }
        let log = || fs::read_to_string(folder.path().join("log")).unwrap();
        let url = url.unwrap_or_else(|| panic!("tuner serve ended: {}", log()));
        Self { child, url, setup_token, folder }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn port(&self) -> u16 {
        self.url.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// The first administrator's token.
    pub async fn set_up(&self) -> String {
        let body = serde_json::json!({"setupToken": self.setup_token, "name": "owner"});
        let made = http().post(format!("{}/api/v1/auth/setup", self.url)).json(&body).send().await.unwrap();
        let made: Value = made.json().await.unwrap();
        made["accessToken"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    /// The value of one line of `/metrics`, 0 where there is none yet.
    pub async fn metric(&self, series: &str) -> u64 {
        let text = http().get(format!("{}/metrics", self.url)).send().await.unwrap().text().await.unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.map_or(0, |value| value.trim().parse().unwrap_or_else(|_| panic!("{series}{value}")))
    }

    /// Sends bytes as they are; everything that comes back until the server hangs up.
    pub async fn raw(&self, bytes: impl Into<Vec<u8>>) -> String {
        let (port, bytes) = (self.port(), bytes.into());
        tokio::task::spawn_blocking(move || exchange(port, &bytes)).await.unwrap()
    }
}

fn exchange(port: u16, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that refuses early may close before it has read all.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// A client that no proxy of the environment stands before.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
