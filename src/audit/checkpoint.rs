//! Where the chains ended, in a file outside of the database: whoever can rewrite the one cannot rewrite the other.
//!
//! One line for each chain that grew, at most once a minute and when the process ends; lines are only ever
//! appended. Copy the file elsewhere now and then: `tuner audit verify --checkpoint FILE` takes any copy.

use crate::domain::{
    audit::{ChainPoint, Mark},
    ids::OrgKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

const EVERY: Duration = Duration::from_mins(1);
/// Marks that are held of one chain: then every second is left out. The newest always stays.
const MAX_MARKS: usize = 10_000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    at: Timestamp,
    chain: OrgKey,
    sequence: i64,
    hash: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BadCheckpoint {
    #[error("cannot read {path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("line {line} of {path} tells another hash of an entry than a line before it")]
    Contradiction { path: PathBuf, line: usize },
}

/// The ends of chains that are not in the file yet.
pub struct Checkpoints {
    path: PathBuf,
    grown: BTreeMap<OrgKey, ChainPoint>,
    written: Option<Instant>,
}

impl Checkpoints {
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, grown: BTreeMap::new(), written: None }
    }

    pub(super) fn note(&mut self, chain: OrgKey, end: ChainPoint) {
        self.grown.insert(chain, end);
    }

    pub(super) fn due(&self) -> Option<Instant> {
        let next = self.written.map_or_else(Instant::now, |written| written + EVERY);
        (!self.grown.is_empty()).then_some(next)
    }

    pub(super) async fn write_if_due(&mut self, now: Timestamp) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.write(now).await;
        }
    }

    /// The service goes on where the file cannot be written; the log and a counter tell.
    pub(super) async fn write(&mut self, now: Timestamp) {
        self.written = Some(Instant::now());
        if self.grown.is_empty() {
            return;
        }
        let (path, text) = (self.path.clone(), self.lines(now));
        let written = tokio::task::spawn_blocking(move || append(&path, &text)).await;
        match written.map_err(io::Error::other).and_then(|written| written) {
            Ok(()) => self.grown.clear(),
            Err(error) => {
                metrics::counter!("tuner_audit_checkpoint_failures_total").increment(1);
                tracing::error!(%error, path = %self.path.display(), "the audit's checkpoint could not be written");
            }
        }
    }

    pub(super) fn lines(&self, at: Timestamp) -> String {
        let line = |(chain, end): (&OrgKey, &ChainPoint)| {
            let line = Line { at, chain: *chain, sequence: end.sequence, hash: hex::encode(end.hash) };
            serde_json::to_string(&line).unwrap_or_default() + "\n"
        };
        self.grown.iter().map(line).collect()
    }
}

/// In one write: several processes may share the file. A line that broke off (a full disk) is ended first.
pub(super) fn append(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let broke_off = file.seek(SeekFrom::End(-1)).is_ok() && {
        let mut last = [0];
        file.read_exact(&mut last)?;
        last != *b"\n"
    };
    let lead = if broke_off { "\n" } else { "" };
    file.write_all(format!("{lead}{text}").as_bytes())?;
    file.sync_all()
}

/// What a checkpoint file tells of one chain.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub marks: BTreeMap<i64, Mark>,
    /// Lines that broke off or were changed. Whoever can change lines can delete them, too: worth a warning.
    pub unreadable: u64,
}

/// No file: no marks.
pub fn read_marks(path: &Path, chain: OrgKey) -> Result<Marks, BadCheckpoint> {
    let failed = |source| BadCheckpoint::Io { path: path.to_owned(), source };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Marks::default()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Marks::default();
    let (mut reader, mut text) = (BufReader::new(file), String::new());
    for line in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(failed)? == 0 {
            break;
        }
        let Some((of, sequence, mark)) = parse(&text) else {
            found.unreadable += 1;
            continue;
        };
        let before = if of == chain { found.marks.insert(sequence, mark) } else { None };
        if before.is_some_and(|before| before.hash != mark.hash) {
            return Err(BadCheckpoint::Contradiction { path: path.to_owned(), line });
        }
        thin_out(&mut found.marks);
    }
    Ok(found)
}

fn parse(text: &str) -> Option<(OrgKey, i64, Mark)> {
    let line: Line = serde_json::from_str(text).ok()?;
    let hash = hex::decode(&line.hash).ok()?.try_into().ok()?;
    Some((line.chain, line.sequence, Mark { hash, at: line.at }))
}

fn thin_out(marks: &mut BTreeMap<i64, Mark>) {
    if marks.len() <= MAX_MARKS {
        return;
    }
    let newest = marks.keys().next_back().copied();
    let mut odd = false;
    marks.retain(|sequence, _| {
        odd = !odd;
        odd || Some(*sequence) == newest
    });
}
