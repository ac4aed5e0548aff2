//! Secret files in the data folder: made once, readable by their owner alone.
//!
//! Invariant: a file appears whole or not at all, and of several processes that start at once one makes it
//! while the others wait and read. For Unix file systems only.

use super::KeyError;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

const LOCK: &str = ".keys.lock";
/// Reading and writing by the owner; anything beyond is an exposure.
const OWNER_ONLY: u32 = 0o600;
const MAX_FILE_BYTES: u64 = 64 * 1024;

pub(super) struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The content of a file and its path. A missing file is filled by `generate`.
    pub fn load_or_create(
        &self,
        name: &str,
        generate: impl FnOnce() -> Result<SecretString, KeyError>,
    ) -> Result<(SecretString, PathBuf), KeyError> {
        let path = self.path.join(name);
        if let Some(secret) = read(&path)? {
            return Ok((secret, path));
        }
        let _lock = self.lock()?;
        // Another process may have made it while we waited.
        if let Some(secret) = read(&path)? {
            return Ok((secret, path));
        }
        let secret = generate()?;
        write(&path, &secret).map_err(io_error("write", &path))?;
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(io_error("write", &self.path))?;
        Ok((secret, path))
    }

    /// Held until the file is closed.
    fn lock(&self) -> Result<File, KeyError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.path)
            .map_err(io_error("create", &self.path))?;
        let path = self.path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(OWNER_ONLY)
            .open(&path)
            .map_err(io_error("open", &path))?;
        lock.lock().map_err(io_error("lock", &path))?;
        Ok(lock)
    }
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyError {
    let path = path.to_owned();
    move |source| KeyError::Io { action, path, source }
}

fn read(path: &Path) -> Result<Option<SecretString>, KeyError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("read", path)(error)),
    };
    let mode = file.metadata().map_err(io_error("read", path))?.permissions().mode() & 0o7777;
    if mode & !OWNER_ONLY != 0 {
        return Err(KeyError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(io_error("read", path))?;
    let empty = text.trim().is_empty();
    let reason = "the file is empty; remove it to have a new one made";
    if empty { Err(super::unusable(path.display().to_string(), reason)) } else { Ok(Some(text.into())) }
}

/// Under the lock: a temporary file that is there was left by a crash.
fn write(path: &Path, secret: &SecretString) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(OWNER_ONLY).open(&temporary)?;
    file.write_all(secret.expose_secret().as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}
