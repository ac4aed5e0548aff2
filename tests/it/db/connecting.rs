//! Connections: what a user reads when there is none, and that both engines are equally strict.

use super::sample::{account, link, scope};
use crate::support::database::{TestDatabase, on_both_engines, small_pool};
use std::os::unix::fs::PermissionsExt;
use tuner::db::{Database, DbError};

on_both_engines! { a_text_that_does_not_fit_is_refused, a_database_answers }

async fn refusal(url: &str) -> String {
    Database::connect(url, &small_pool()).await.err().unwrap().to_string()
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    // Port 1 takes no connections.
    let said = refusal("mysql://tuner:secret@127.0.0.1:1/tuner").await;
    assert!(said.starts_with("cannot reach the database at 127.0.0.1:1/tuner: "), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_named() {
    let said = refusal("sqlite:///nowhere/at/all/tuner.db").await;
    assert!(said.starts_with("cannot reach the database at /nowhere/at/all/tuner.db: "), "{said}");
}

#[tokio::test]
async fn a_wrong_url_says_how_it_is_written() {
    for url in ["", "tuner.db", "postgres://localhost/tuner"] {
        let said = refusal(url).await;
        assert_eq!(
            said,
            "the database URL is wrong: write it as sqlite:///path/tuner.db or mysql://user:password@host:3306/database"
        );
    }
}

#[tokio::test]
async fn the_file_belongs_to_its_owner_alone() {
    let db = TestDatabase::sqlite().await;
    let mode = std::fs::metadata(db.place()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_database_in_memory_serves_a_command() {
    let db = Database::connect("sqlite::memory:", &small_pool()).await.unwrap();
    db.migrate(crate::support::database::noon()).await.unwrap();
    db.check_schema().await.unwrap();
    assert_eq!(db.place(), "memory");
}

async fn a_text_that_does_not_fit_is_refused(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let org = db.scoped(&scope);
    org.rename_account(account(1), &"é".repeat(190)).await.unwrap();
    let error = org.rename_account(account(1), &"é".repeat(191)).await.unwrap_err();
    assert!(matches!(error, DbError::Query { operation: "RENAME", .. }), "{error:?}");
}

async fn a_database_answers(db: &TestDatabase) {
    db.ping().await.unwrap();
}
