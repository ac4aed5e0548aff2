//! A MySQL server for the tests: the one that `TUNER_TEST_MYSQL_URL` names, or a private MariaDB.
//!
//! The private one lives in a directory of its own, listens on a socket in it and on no port, and ends with
//! the test process (`with_parent.sh`).

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
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
    let server = SERVER.get_or_init(given_or_started);
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
    let directory = tempfile::Builder::new().prefix("tuner-mariadb-").tempdir().unwrap().keep();
    let mut server = Command::new("sh")
        .args([Path::new(WITH_PARENT), &directory, &found("mariadb-install-db"), &found("mariadbd")])
        .args(["--skip-networking", "--skip-log-bin", "--skip-name-resolve", "--max-connections=500"])
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
    Url::parse(&format!("mysql://root@localhost?socket={}/server.sock", directory.display())).unwrap()
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
fn found(program: &str) -> std::path::PathBuf {
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
