//! Progress of a scan on standard error: a bar on a terminal, nothing elsewhere.

use crate::{collect::Progress, domain::region::Region};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub struct Lines(ProgressBar);

impl Lines {
    #[must_use]
    pub fn new(show: bool) -> Self {
        let bar = ProgressBar::new(0);
        // The bar hides itself where standard error is not a terminal.
        bar.set_draw_target(if show { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}/{len} [{elapsed}]") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Lines {
    fn regions_chosen(&self, regions: &[Region]) {
        self.0.set_length(u64::try_from(regions.len()).unwrap_or(0));
        self.0.set_message("Regions read:");
    }

    fn region_done(&self, _region: &Region, _resources: usize) {
        self.0.inc(1);
    }

    fn note(&self, text: &str) {
        self.0.println(text);
    }
}
