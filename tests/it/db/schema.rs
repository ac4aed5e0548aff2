//! The schema: migrated under a lock, the same on both engines, and every statement fits it.

use crate::support::database::{TestDatabase, noon, on_both_engines};
use tuner::db::{SchemaStatus, statements};

on_both_engines! { every_statement_is_prepared, many_migrate_at_once }

async fn every_statement_is_prepared(db: &TestDatabase) {
    let refused = db.refused_statements(&statements()).await;
    assert!(refused.is_empty(), "{refused:#?}");
}

async fn many_migrate_at_once(db: &TestDatabase) {
    let (a, b) = (db.another().await, db.another().await);
    let (a, b, c) = tokio::join!(a.migrate(noon()), b.migrate(noon()), db.migrate(noon()));
    for status in [a, b, c] {
        let SchemaStatus { applied, known } = status.unwrap();
        assert_eq!(applied, known);
    }
}
