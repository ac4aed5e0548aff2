//! The time that limits run by: the machine's uptime, which nobody sets back. Tests wind their own.

use governor::{clock::Clock, nanos::Nanos};
use std::time::Instant;

#[derive(Clone, Debug)]
pub(in crate::http) struct Ticks(Source);

#[derive(Clone, Debug)]
enum Source {
    Since(Instant),
    #[cfg(test)]
    Wound(governor::clock::FakeRelativeClock),
}

impl Ticks {
    pub fn running() -> Self {
        Self(Source::Since(Instant::now()))
    }

    #[cfg(test)]
    pub fn wound(by: &governor::clock::FakeRelativeClock) -> Self {
        Self(Source::Wound(by.clone()))
    }
}

impl Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        match &self.0 {
            Source::Since(start) => start.elapsed().into(),
            #[cfg(test)]
            Source::Wound(clock) => clock.now(),
        }
    }
}
