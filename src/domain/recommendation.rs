//! A finding as it is kept.
