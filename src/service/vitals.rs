//! What the process has in use, measured now and then: for graphs and alarms, not for decisions.

use crate::app::App;
use std::{sync::Arc, time::Duration};

const EVERY: Duration = Duration::from_secs(10);

/// Until the server stops.
pub async fn watch_vitals(app: Arc<App>) {
    loop {
        let connections = app.database.connections();
        metrics::gauge!("tuner_db_connections", "state" => "busy").set(f64::from(connections.busy));
        metrics::gauge!("tuner_db_connections", "state" => "idle").set(f64::from(connections.idle));
        if app.stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
            return;
        }
    }
}
