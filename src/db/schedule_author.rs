//! Who set or decided something of the scheduler is kept by name; an erased person's name goes from there.

use super::{error::DbError, handle::OrgTx, stmt::statements, value::values};

statements! {
    scoped SCHEDULE { "UPDATE schedule SET updated_by = ? WHERE org_id = ? AND updated_by = ?" }
    scoped CALENDAR { "UPDATE schedule_calendar SET updated_by = ? WHERE org_id = ? AND updated_by = ?" }
    scoped ASSIGNMENT { "UPDATE schedule_assignment SET created_by = ? WHERE org_id = ? AND created_by = ?" }
    scoped OVERRIDE { "UPDATE schedule_override SET actor_name = ? WHERE org_id = ? AND actor_name = ?" }
    scoped STOP { "UPDATE scheduler_stop SET stopped_by = ? WHERE org_id = ? AND stopped_by = ?" }
    scoped SUSPENSION { "UPDATE account_suspension SET suspended_by = ? WHERE org_id = ? AND suspended_by = ?" }
    scoped APPROVAL { "UPDATE scheduler_approval SET decided_by = ? WHERE org_id = ? AND decided_by = ?" }
    scoped RUN { "UPDATE scheduler_run SET actor_name = ? WHERE org_id = ? AND actor_name = ?" }
}

/// Puts a pseudonym in the place of a name.
pub(super) async fn forget(tx: &mut OrgTx, name: &str, pseudonym: &str) -> Result<(), DbError> {
    for statement in [SCHEDULE, CALENDAR, ASSIGNMENT, OVERRIDE, STOP, SUSPENSION, APPROVAL, RUN] {
        tx.execute(statement, values![pseudonym, name]).await?;
    }
    Ok(())
}
