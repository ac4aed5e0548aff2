//! Deleting a database with its last state kept as a snapshot.

use super::command::aws;
use crate::domain::{finding::Remediation, inventory::DbInstance};

#[must_use]
pub fn final_snapshot_name(db: &DbInstance) -> String {
    format!("{}-final", db.common.id)
}

/// The given commands, and how to bring the database back from its final snapshot.
#[must_use]
pub fn remove_db(db: &DbInstance, commands: Vec<String>) -> Remediation {
    let restore = aws(
        "rds restore-db-instance-from-db-snapshot",
        &db.common.region,
        &[
            ("--db-instance-identifier", &db.common.id),
            ("--db-snapshot-identifier", &final_snapshot_name(db)),
            ("--db-instance-class", &db.class),
        ],
    );
    Remediation {
        commands,
        rollback_commands: vec![restore],
        notes: vec![
            "Automated backups go with the database; the final snapshot stays and costs up to its size."
                .into(),
            "With deletion protection on, switch that off first.".into(),
        ],
    }
}
