//! Whether a chain is as it was written: a fold over its entries, one at a time, that names the first break.
//!
//! The chain alone shows what was changed in it. Whoever can write to the database could write a whole new
//! one, or cut its end off: marks that are kept outside of it show that.

use super::{AuditEntry, AuditEvent, ChainPoint, Hash, link};
use crate::domain::{finding::text_enum, ids::OrgKey};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

text_enum! {
    BreakKind {
        /// The entry is not what was written, or where it came from was changed.
        Edited = "edited",
        Missing = "missing",
        Inserted = "inserted",
        Reordered = "reordered",
        /// The end of the chain was cut off.
        Truncated = "truncated",
        /// The chain holds together, but it is not the one that the checkpoint saw.
        Rewritten = "rewritten",
    }
}

/// The first entry that is not right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    pub sequence: i64,
    pub kind: BreakKind,
}

/// A place of the chain as it was seen from outside of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub hash: Hash,
    pub at: Timestamp,
}

/// What a chain that verifies holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intact {
    pub entries: u64,
    /// What is older was deleted when its time was over; 0 where nothing was.
    pub floor: i64,
    pub head: ChainPoint,
    /// The newest mark that the chain was compared with.
    pub marked: Option<i64>,
}

/// A mark is written some time after the entry that it names.
const MARK_DELAY: SignedDuration = SignedDuration::from_hours(24);

pub struct ChainCheck {
    org: OrgKey,
    floor: i64,
    last: ChainPoint,
    entries: u64,
    marks: BTreeMap<i64, Mark>,
    suspect: Option<Suspect>,
    broken: Option<Break>,
}

/// An entry that does not fit, until the ones behind it tell what happened.
struct Suspect {
    /// The place of which it claims to be, and the hash before that place.
    sequence: i64,
    previous: Hash,
    found: AuditEntry,
}

impl ChainCheck {
    /// `floor` is the last entry that was deleted because of its age; nothing younger than `keep_since` may be.
    #[must_use]
    pub fn new(org: OrgKey, floor: ChainPoint, marks: BTreeMap<i64, Mark>, keep_since: Timestamp) -> Self {
        let early = |mark: &&Mark| mark.at > keep_since + MARK_DELAY;
        let deleted = marks.range(..=floor.sequence).find(|(_, mark)| early(mark));
        let broken = deleted.map(|(sequence, _)| Break { sequence: *sequence, kind: BreakKind::Missing });
        Self { org, floor: floor.sequence, last: floor, entries: 0, marks, suspect: None, broken }
    }

    /// The next entry, in the order of their sequence.
    pub fn add(&mut self, entry: &AuditEntry) {
        if self.broken.is_some() {
            return;
        }
        if let Some(suspect) = &self.suspect {
            self.broken = suspect.explained_by(self.org, entry);
            return;
        }
        let expected = self.last.sequence + 1;
        let hash = link(self.org, expected, &self.last.hash, &entry.event);
        if entry.sequence > expected {
            self.breaks(expected, BreakKind::Missing);
        } else if entry.sequence < expected {
            self.breaks(entry.sequence, BreakKind::Inserted);
        } else if hash != entry.hash {
            let (previous, found) = (self.last.hash, entry.clone());
            self.suspect = Some(Suspect { sequence: expected, previous, found });
        } else if self.marks.get(&expected).is_some_and(|mark| mark.hash != hash) {
            self.breaks(expected, BreakKind::Rewritten);
        } else {
            self.last = ChainPoint { sequence: expected, hash };
            self.entries += 1;
        }
    }

    fn breaks(&mut self, sequence: i64, kind: BreakKind) {
        self.broken = Some(Break { sequence, kind });
    }

    /// An entry that cannot be read any more, or whose origin, kept beside it, is not the one that was hashed.
    pub fn add_edited(&mut self, sequence: i64) {
        if self.suspect.is_none() && self.broken.is_none() {
            self.breaks(sequence, BreakKind::Edited);
        }
    }

    /// Further entries would change nothing.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.broken.is_some()
    }

    /// All entries were given; `head` is what the database holds for the end of the chain.
    pub fn finish(self, head: ChainPoint) -> Result<Intact, Break> {
        let suspected = self.suspect.map(|s| Break { sequence: s.sequence, kind: BreakKind::Edited });
        if let Some(broken) = self.broken.or(suspected) {
            // Behind the end that we wrote, others wrote.
            let behind = broken.sequence > head.sequence;
            return Err(Break { kind: if behind { BreakKind::Inserted } else { broken.kind }, ..broken });
        }
        let last = self.last;
        let newest = self.marks.keys().next_back().copied();
        let breaks = |sequence, kind| Err(Break { sequence, kind });
        if head.sequence > last.sequence || newest.is_some_and(|mark| mark > last.sequence) {
            breaks(last.sequence + 1, BreakKind::Truncated)
        } else if head.sequence < last.sequence {
            breaks(head.sequence + 1, BreakKind::Inserted)
        } else if head.hash != last.hash {
            breaks(last.sequence, BreakKind::Edited)
        } else {
            let marked = newest.filter(|mark| *mark > self.floor);
            Ok(Intact { entries: self.entries, floor: self.floor, head: last, marked })
        }
    }
}

impl Suspect {
    /// What the entry behind it tells; none where that tells nothing.
    fn explained_by(&self, org: OrgKey, next: &AuditEntry) -> Option<Break> {
        let fits = |sequence, previous: &Hash, event: &AuditEvent, hash: &Hash| {
            link(org, sequence, previous, event) == *hash
        };
        let (at, found) = (self.sequence, &self.found);
        let is_next = next.sequence == at + 1;
        let kind = if is_next && fits(at + 1, &found.hash, &next.event, &next.hash) {
            BreakKind::Edited
        } else if is_next && fits(at + 2, &found.hash, &next.event, &next.hash) {
            // One was deleted and those behind it were moved up.
            BreakKind::Missing
        } else if fits(at, &self.previous, &next.event, &next.hash) {
            // This is the one that belongs here: it was moved down, or changed its place with another.
            let swapped = !is_next || fits(at + 1, &next.hash, &found.event, &found.hash);
            if swapped { BreakKind::Reordered } else { BreakKind::Inserted }
        } else {
            return None;
        };
        Some(Break { sequence: at, kind })
    }
}
