//! The scheduler when processes are killed and paused, the database goes away, the clock jumps, and everything is
//! due at once: afterwards everything was done once, and nothing was undone.
//!
//! The witness is the stand-in's list of starts and stops. Processes run by the system's clock, and what is due
//! is due since ten minutes, so that nobody waits for a minute to begin; later ticks are the test's own.

mod clock;
mod crowd;
mod database_gone;
mod hold;
mod killed;
mod late_refusals;
mod paused;
mod processes;
mod stage;
