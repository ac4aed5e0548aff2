//! Where a process that writes is made to hang: a trigger that does not come to an end.
//!
//! Nothing in the product knows of it. What was written before is there, what follows is not, however fast or
//! slow the machine is.

use crate::support::database::TestDatabase;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Intents are audited, their rows are not written.
    Rows,
    /// Rows are written, calls are not admitted.
    Admission,
    /// AWS was called, what it answered is not written.
    Outcome,
    /// It is written and not audited.
    AuditOfOutcome,
    /// The state was seen, and that is not written.
    Verification,
}

/// Far more rows than anybody counts.
const ENDLESS: &str = "SELECT count(*) FROM held a, held b, held c, held d, held e, held f, held g, held h";

impl Hold {
    /// The event, and when it is held.
    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Rows => ("INSERT ON scheduler_action", "NEW.status = 'intended'"),
            Self::Admission => ("UPDATE ON scheduler_action", "NEW.status = 'called'"),
            Self::Outcome => {
                ("UPDATE ON scheduler_action", "OLD.status = 'called' AND NEW.status <> 'called'")
            }
            Self::AuditOfOutcome => {
                ("INSERT ON audit_entry", "NEW.phase = 'outcome' AND NEW.action = 'stop_instance'")
            }
            Self::Verification => ("UPDATE ON scheduler_action", "NEW.status = 'verified'"),
        }
    }

    pub async fn set(self, db: &TestDatabase) {
        let (event, when) = self.place();
        if db.is_mysql() {
            db.run_text(format!(
                "CREATE TRIGGER held BEFORE {event} FOR EACH ROW IF {when} THEN DO SLEEP(3600); END IF"
            ))
            .await;
            return;
        }
        db.run("CREATE TABLE held (n INTEGER)").await;
        db.run("INSERT INTO held SELECT 1 FROM sqlite_master a, sqlite_master b LIMIT 1000").await;
        db.run_text(format!("CREATE TRIGGER holding BEFORE {event} WHEN {when} BEGIN {ENDLESS}; END")).await;
    }

    /// After the process that hung there was killed.
    pub async fn lift(self, db: &TestDatabase) {
        if !db.is_mysql() {
            db.run("DROP TRIGGER holding").await;
            db.run("DROP TABLE held").await;
            return;
        }
        // The server would find out by itself that nobody listens any more, after some seconds.
        let asleep = "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE db = DATABASE() AND state = 'User sleep'";
        for id in db.texts(asleep.to_owned()).await {
            db.try_text(format!("KILL {id}")).await;
        }
        db.run("DROP TRIGGER held").await;
    }
}
