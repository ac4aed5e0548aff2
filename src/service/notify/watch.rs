//! The loop that empties the outbox while the server runs.
//!
//! Each webhook has a task of its own, so one that hangs holds up nobody; there are only so many at a time.

use super::courier::{AT_A_TIME, carry};
use crate::{
    app::App,
    db::DueWebhook,
    domain::ids::{OrgKey, WebhookId},
    error::Error,
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::task::{Id, JoinSet};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a server that stops waits for answers. What was cut off is sent again by the next one.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which webhooks this process serves at the moment.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    webhooks: HashMap<Id, (OrgKey, WebhookId)>,
}

impl UnderWay {
    fn forget_ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            self.webhooks.remove(&id);
        }
    }

    fn room(&self) -> usize {
        AT_A_TIME.saturating_sub(self.webhooks.len())
    }

    fn has(&self, due: &DueWebhook) -> bool {
        self.webhooks.values().any(|served| *served == (due.scope.key(), due.id))
    }

    fn begin(&mut self, app: &Arc<App>, due: DueWebhook) {
        let (app, key) = (Arc::clone(app), (due.scope.key(), due.id));
        let task = self.tasks.spawn(async move {
            carry(&app, &due).await;
        });
        self.webhooks.insert(task.id(), key);
    }

    /// Those that are served already may be due with something else: so twice as many are looked at.
    async fn begin_due(&mut self, app: &Arc<App>) -> Result<(), Error> {
        self.forget_ended();
        if self.room() == 0 {
            return Ok(());
        }
        let limit = u32::try_from(2 * AT_A_TIME).unwrap_or(u32::MAX);
        let due = app.database.list_due_webhooks(app.clock.now(), limit).await?;
        let fresh: Vec<_> = due.into_iter().filter(|due| !self.has(due)).take(self.room()).collect();
        for due in fresh {
            self.begin(app, due);
        }
        Ok(())
    }
}

/// Until the server stops.
pub async fn watch_deliveries(app: Arc<App>) {
    let mut under_way = UnderWay::default();
    loop {
        if let Err(error) = under_way.begin_due(&app).await {
            tracing::warn!(%error, source = error.chain(), "the outbox of webhooks cannot be read");
        }
        if app.stopping.run_until_cancelled(tokio::time::sleep(LOOK_EVERY)).await.is_none() {
            break;
        }
    }
    let _ = tokio::time::timeout(PATIENCE, under_way.tasks.join_all()).await;
}
