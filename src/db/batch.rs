//! Many rows in few statements: a batch is sent when it is full.

use super::value::Value;

/// Rows of one statement: within both engines' limits on bound values for every table.
pub(super) const ROWS: usize = 500;
/// Well below `max_allowed_packet` of every supported server.
const BYTES: usize = 1 << 20;

/// Rows on their way into one table.
#[derive(Default)]
pub(super) struct Batch {
    values: Vec<Value>,
    rows: usize,
    bytes: usize,
}

impl Batch {
    pub(super) fn push(&mut self, row: Vec<Value>) {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.rows += 1;
        self.values.extend(row);
    }

    pub(super) const fn is_full(&self) -> bool {
        self.rows >= ROWS || self.bytes >= BYTES
    }

    /// Its rows and their number; the batch is empty afterwards.
    pub(super) fn take(&mut self) -> (usize, Vec<Value>) {
        let Self { values, rows, .. } = std::mem::take(self);
        (rows, values)
    }
}
