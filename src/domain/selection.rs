//! One list from many findings.
