//! A MySQL server for the tests: the one that `TUNER_TEST_MYSQL_URL` names, or a private MariaDB.
//!
//! The private one lives in a directory of its own, listens on a socket in it and on no port, and ends with
//! the test process (`with_parent.sh`).

use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use url::Url;

const NOT_INSTALLED: &str =
    "the tests need a MySQL server: apt-get install mariadb-server-core mariadb-client-core";
const WITH_PARENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/support/with_parent.sh");

static SERVER: OnceLock<Url> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of an empty database, and of the server without it.
pub struct Urls {
    pub database: String,
    pub server: String,
    pub name: String,
}

/// Names a database that does not exist yet.
pub fn new_urls() -> Urls {
    name_database(SERVER.get_or_init(given_or_started))
}

fn name_database(server: &Url) -> Urls {
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("tuner_test_{}_{number}", std::process::id());
    let mut database = server.clone();
    database.set_path(&name);
    Urls { database: database.into(), server: server.clone().into(), name }
}

#[allow(clippy::disallowed_methods, reason = "a test binary has no settings file")]
fn given_or_started() -> Url {
    match std::env::var("TUNER_TEST_MYSQL_URL") {
        Ok(url) => {
            Url::parse(&url).expect("TUNER_TEST_MYSQL_URL is a URL such as mysql://root@127.0.0.1:3306")
        }
        Err(_) => start(),
    }
}

/// Installs and starts a private server; returns when it takes connections.
fn start() -> Url {
    socket_url(&launch(&["--skip-networking".to_owned()]))
}

fn socket_url(directory: &Path) -> Url {
    Url::parse(&format!("mysql://root@localhost?socket={}/server.sock", directory.display())).unwrap()
}

/// A private server that a test may stop and start again on the same data.
pub struct OwnServer {
    directory: PathBuf,
    again: Option<Child>,
}

impl OwnServer {
    pub fn start() -> Self {
        Self { directory: launch(&["--skip-networking".to_owned()]), again: None }
    }

    pub fn new_urls(&self) -> Urls {
        name_database(&socket_url(&self.directory))
    }

    fn pid(&self) -> Pid {
        let text = fs::read_to_string(self.directory.join("server.pid")).unwrap();
        Pid::from_raw(text.trim().parse().unwrap()).unwrap()
    }

    /// As an update of the machine does: in order, and for a while.
    pub fn stop(&mut self) {
        let pid = self.pid();
        kill_process(pid, Signal::TERM).unwrap();
        if let Some(mut child) = self.again.take() {
            child.wait().unwrap();
        }
        // The first one's parent does not ask for its end before ours.
        let runs = || {
            let state = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero()));
            state.is_ok_and(|state| !state.contains(") Z "))
        };
        while runs() {
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn start_again(&mut self) {
        let mut server = Command::new(found("mariadbd"));
        server
            .arg("--no-defaults")
            .arg(format!("--datadir={}", self.directory.join("data").display()))
            .arg(format!("--pid-file={}", self.directory.join("server.pid").display()))
            .arg(format!("--socket={}", self.directory.join("server.sock").display()))
            .args(["--skip-networking", "--skip-log-bin", "--skip-name-resolve"])
            .arg("--innodb-use-native-aio=0")
            .env("TMPDIR", self.directory.join("tmp"))
            .args(run_as_root())
            .stderr(Stdio::piped());
        let mut child = server.spawn().expect("mariadbd starts");
        wait_until_ready(BufReader::new(child.stderr.take().unwrap()));
        self.again = Some(child);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        if let Some(mut child) = self.again.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A private server with some options of its own; its directory.
pub fn launch(options: &[String]) -> PathBuf {
    let directory = tempfile::Builder::new().prefix("tuner-mariadb-").tempdir().unwrap().keep();
    let mut server = Command::new("sh")
        .args([Path::new(WITH_PARENT), &directory, &found("mariadb-install-db"), &found("mariadbd")])
        .args(options)
        .args(["--skip-log-bin", "--skip-name-resolve", "--max-connections=500"])
        // Nothing here has to survive a power cut.
        .args([
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-innodb-doublewrite",
            "--innodb-use-native-aio=0",
        ])
        // A server that nobody has configured for us.
        .arg("--character-set-server=latin1")
        .args(run_as_root())
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh starts");
    wait_until_ready(BufReader::new(server.stderr.take().unwrap()));
    // The pipe stays open until this process ends.
    std::mem::forget(server);
    directory
}

/// The server's log goes on after it is ready: it is read so that the server never waits for us.
fn wait_until_ready(mut log: impl BufRead + Send + 'static) {
    let mut said = String::new();
    while !said.contains("ready for connections") {
        let read = log.read_line(&mut said).unwrap();
        assert!(read > 0, "the server did not start: {said}");
    }
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
}

/// Debian keeps the server where a user's PATH does not look.
fn found(program: &str) -> PathBuf {
    #[allow(clippy::disallowed_methods, reason = "a test binary has no settings file")]
    let path = std::env::var("PATH").unwrap_or_default();
    let directories = path.split(':').chain(["/usr/sbin", "/usr/local/sbin", "/usr/bin"]);
    let found = directories.map(|directory| Path::new(directory).join(program)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{NOT_INSTALLED}"))
}

/// The server refuses to run as root unless it is told to.
fn run_as_root() -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    root.then_some("--user=root")
}
