//! The schema: migrated under a lock, the same on both engines, and every statement fits it.

use crate::support::database::{TestDatabase, noon, on_both_engines};
use std::{collections::BTreeSet, fs};
use tuner::db::{DbError, SchemaStatus, statements};

on_both_engines! {
    every_statement_is_prepared,
    many_migrate_at_once,
    a_newer_schema_is_refused,
    a_changed_migration_is_refused,
    a_migration_that_broke_off_goes_on,
}

async fn every_statement_is_prepared(db: &TestDatabase) {
    let refused = db.refused_statements(&statements()).await;
    assert!(refused.is_empty(), "{refused:#?}");
}

async fn many_migrate_at_once(db: &TestDatabase) {
    let (a, b) = (db.another().await, db.another().await);
    let (a, b, c) = tokio::join!(a.migrate(noon()), b.migrate(noon()), db.migrate(noon()));
    for status in [a, b, c] {
        assert!(status.unwrap().is_current());
    }
}

async fn a_newer_schema_is_refused(db: &TestDatabase) {
    let known = db.schema_status().await.unwrap().known;
    db.run(
        "INSERT INTO schema_migration (version, name, checksum, statements_done, applied_at) \
         SELECT 999, name, checksum, statements_done, applied_at FROM schema_migration WHERE version = 1",
    )
    .await;
    assert_eq!(db.schema_status().await.unwrap(), SchemaStatus { applied: 999, known });
    let expected = format!(
        "the database has schema version 999, this tuner knows versions up to {known}: \
         start the tuner that wrote it, or a newer one"
    );
    assert_eq!(db.check_schema().await.unwrap_err().to_string(), expected);
    assert_eq!(db.migrate(noon()).await.unwrap_err().to_string(), expected);
}

async fn a_changed_migration_is_refused(db: &TestDatabase) {
    db.check_schema().await.unwrap();
    db.run("UPDATE schema_migration SET checksum = (SELECT X'00000000000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF') WHERE version = 1").await;
    let error = db.migrate(noon()).await.unwrap_err();
    assert!(matches!(error, DbError::MigrationChanged { version: 1 }), "{error}");
}

/// On MySQL a table may be there without being counted. On SQLite all or nothing is.
async fn a_migration_that_broke_off_goes_on(db: &TestDatabase) {
    if !db.is_mysql() {
        return;
    }
    db.run("DROP TABLE setup_token").await;
    db.run("DROP TABLE price").await;
    // The last counted statement but two: daily_cost's is there and not counted.
    db.run("UPDATE schema_migration SET applied_at = NULL, statements_done = statements_done - 3 WHERE version = 1")
        .await;
    assert!(db.migrate(noon()).await.unwrap().is_current());
    assert!(db.refused_statements(&statements()).await.is_empty());
}

#[tokio::test]
async fn an_empty_database_has_version_0() {
    for db in [TestDatabase::empty_sqlite().await, TestDatabase::empty_mysql().await] {
        let status = db.schema_status().await.unwrap();
        assert_eq!(status.applied, 0);
        let expected = format!(
            "the database has schema version 0, this tuner needs {}: run `tuner db migrate`",
            status.known
        );
        assert_eq!(db.check_schema().await.unwrap_err().to_string(), expected);
        db.remove().await;
    }
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let (sqlite, mysql) = (TestDatabase::sqlite().await, TestDatabase::mysql().await);
    assert_eq!(parts(&sqlite, SQLITE_PARTS).await, parts(&mysql, MYSQL_PARTS).await);
    mysql.remove().await;
}

/// Each query gives lines about columns, keys or references; all of them together are the schema.
async fn parts(db: &TestDatabase, queries: &[&str]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for query in queries {
        let found = db.texts((*query).to_owned()).await;
        assert!(!found.is_empty(), "{query}");
        lines.extend(found);
    }
    lines
}

const SQLITE_PARTS: &[&str] = &[
    "SELECT m.name || '.' || c.name || CASE c.type WHEN 'BLOB' THEN ' bytes' WHEN 'INTEGER' THEN ' number' ELSE ' text' END \
     || CASE c.\"notnull\" WHEN 1 THEN ' required' ELSE ' optional' END \
     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    "SELECT m.name || ' key ' || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(m.name) WHERE pk > 0 ORDER BY pk)) \
     FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
    "SELECT m.name || CASE i.\"unique\" WHEN 1 THEN ' unique ' ELSE ' index ' END \
     || (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) \
     FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin <> 'pk'",
    "SELECT child || ' refers to ' || parent || ' by ' || group_concat(pair, ',') FROM \
     (SELECT m.name AS child, f.id AS id, f.\"table\" AS parent, f.\"from\" || '=' || f.\"to\" AS pair \
     FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY m.name, f.id, f.seq) \
     GROUP BY child, id, parent",
];

const MYSQL_PARTS: &[&str] = &[
    "SELECT CONVERT(CONCAT(table_name, '.', column_name, CASE WHEN data_type IN ('binary', 'varbinary', 'mediumblob') THEN ' bytes' \
     WHEN data_type IN ('bigint', 'tinyint') THEN ' number' ELSE ' text' END, \
     CASE is_nullable WHEN 'NO' THEN ' required' ELSE ' optional' END) USING utf8mb4) \
     FROM information_schema.columns WHERE table_schema = DATABASE()",
    "SELECT CONVERT(CONCAT(table_name, ' key ', GROUP_CONCAT(column_name ORDER BY seq_in_index)) USING utf8mb4) \
     FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = 'PRIMARY' GROUP BY table_name",
    "SELECT CONVERT(CONCAT(table_name, CASE non_unique WHEN 0 THEN ' unique ' ELSE ' index ' END, \
     GROUP_CONCAT(column_name ORDER BY seq_in_index)) USING utf8mb4) FROM information_schema.statistics \
     WHERE table_schema = DATABASE() AND index_name <> 'PRIMARY' GROUP BY table_name, index_name, non_unique",
    "SELECT CONVERT(CONCAT(table_name, ' refers to ', referenced_table_name, ' by ', \
     GROUP_CONCAT(CONCAT(column_name, '=', referenced_column_name) ORDER BY ordinal_position)) USING utf8mb4) \
     FROM information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL \
     GROUP BY table_name, constraint_name, referenced_table_name",
];

/// Tables that belong to no organisation, or to none yet.
const OF_NOBODY: [&str; 8] = [
    "organization",
    "price",
    "setup_token",
    "sign_in_attempt",
    "timer",
    "oidc_login",
    "installation_stop",
    "scheduler_shard",
];

#[test]
fn tenant_keys_begin_with_the_organisation() {
    let folder = format!("{}/migrations/mysql", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    for sql in files {
        for table in sql.split("CREATE TABLE ").skip(1) {
            let name = table.split(' ').next().unwrap();
            if OF_NOBODY.contains(&name) {
                continue;
            }
            assert!(table.contains("PRIMARY KEY (org_id"), "{name}");
            for line in table.lines().filter(|line| line.contains("FOREIGN KEY")) {
                assert!(line.contains("FOREIGN KEY (org_id"), "{name}: {line}");
            }
        }
    }
}

#[test]
fn no_statement_is_left_out_of_the_list() {
    let mut declared = 0;
    for directory in ["src/db", "src/db/store", "src/db/store/ledger"] {
        for file in fs::read_dir(format!("{}/{directory}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() || path.ends_with("stmt.rs") {
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            let is_statement =
                |line: &&str| line.starts_with("    scoped ") || line.starts_with("    global ");
            declared += text.lines().filter(is_statement).count();
        }
    }
    assert_eq!(statements().len(), declared);
}
