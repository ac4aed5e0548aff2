//! `tuner audit` and `tuner retention` on the server's machine.

use crate::support::{
    database::TestDatabase,
    stand_in,
    tuner::{Run, run, tuner},
};
use rstest::rstest;
use serde_json::Value;
use std::{fs, path::PathBuf};

struct Machine {
    folder: tempfile::TempDir,
    database: TestDatabase,
}

impl Machine {
    /// With an account that was added and one that could not be.
    async fn new(mysql: bool) -> Self {
        let database =
            if mysql { TestDatabase::empty_mysql().await } else { TestDatabase::empty_sqlite().await };
        let machine = Self { folder: tempfile::tempdir().unwrap(), database };
        let account = stand_in::new_account();
        let add = ["account", "add", &account, "--name", "Shop", "--organization", "main"];
        assert_eq!(machine.run(&add).code, 0);
        assert_eq!(machine.run(&add).code, 1, "it is there already");
        machine
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = tuner(self.folder.path());
        command
            .env("TUNER_DATABASE__URL", &self.database.url)
            .env("TUNER_AWS__ENDPOINT_URL", stand_in::url())
            .args(arguments);
        run(&mut command)
    }

    fn verify(&self) -> Run {
        self.run(&["audit", "verify"])
    }

    fn checkpoint(&self) -> PathBuf {
        self.folder.path().join("audit-checkpoints.ndjson")
    }
}

#[rstest]
#[case::sqlite(false)]
#[case::mysql(true)]
#[tokio::test]
async fn commands_that_change_something_are_audited(#[case] mysql: bool) {
    let machine = Machine::new(mysql).await;
    let exported = machine.run(&["audit", "export", "--organization", "main"]);
    let entries: Vec<Value> = serde_json::from_str(&exported.out).unwrap();
    let told: Vec<_> =
        entries.iter().map(|e| (e["phase"].as_str().unwrap(), e["outcome"].as_str().unwrap())).collect();
    assert_eq!(
        told,
        [("intent", "pending"), ("outcome", "succeeded"), ("intent", "pending"), ("outcome", "failed")]
    );
    for entry in &entries {
        assert_eq!(
            (&entry["action"], &entry["actor"]["kind"]),
            (&"create_account".into(), &"operator".into())
        );
    }
    let verified = machine.verify();
    assert_eq!(verified.code, 0, "{}", verified.err);
    assert!(
        verified.out.contains("main: 4 entries verified up to number 4, checkpoint at 4"),
        "{}",
        verified.out
    );
    let lines = machine.run(&["audit", "export", "--format", "ndjson"]);
    assert_eq!(lines.out.lines().count(), 4);
    let table = machine.run(&["audit", "export", "--format", "table"]);
    assert!(table.out.contains("operator") && table.out.contains("failed (conflict)"), "{}", table.out);
    let none = machine.run(&["audit", "export", "--to", "2020-01-01T00:00:00Z"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&none.out).unwrap().len(), 0);
    machine.database.remove().await;
}

#[rstest]
#[case::edited("UPDATE audit_entry SET account_id = 5 WHERE sequence = 2", "entry 2 was edited")]
#[case::deleted("DELETE FROM audit_entry WHERE sequence = 2", "entry 2 was missing")]
#[case::truncated("DELETE FROM audit_entry WHERE sequence > 2", "entry 3 was truncated")]
#[case::inserted(
    "INSERT INTO audit_entry SELECT org_id, 5, at_micros, actor_kind, user_id, api_key_id, action, account_id, target, phase, outcome, status, code, detail, request_id, intent, origin, hash FROM audit_entry WHERE sequence = 4",
    "entry 5 was inserted"
)]
#[tokio::test]
async fn what_was_changed_is_named(
    #[values(false, true)] mysql: bool,
    #[case] change: &'static str,
    #[case] told: &str,
) {
    let machine = Machine::new(mysql).await;
    machine.database.run(change).await;
    machine.verify().fails_saying(1, told);
    machine.database.remove().await;
}

#[tokio::test]
async fn entries_that_changed_places_are_named() {
    let machine = Machine::new(false).await;
    for sql in [
        "SET sequence = 9 WHERE sequence = 2",
        "SET sequence = 2 WHERE sequence = 3",
        "SET sequence = 3 WHERE sequence = 9",
    ] {
        machine.database.run_text(format!("UPDATE audit_entry {sql}")).await;
    }
    machine.verify().fails_saying(1, "entry 2 was reordered");
}

/// Whoever sets the head back, too, is found by what lies outside of the database.
#[tokio::test]
async fn a_checkpoint_finds_what_the_chain_cannot() {
    let machine = Machine::new(false).await;
    let copy = machine.folder.path().join("copy");
    fs::copy(machine.checkpoint(), &copy).unwrap();
    machine.database.run("DELETE FROM audit_entry WHERE sequence > 2").await;
    machine
        .database
        .run("UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_entry WHERE sequence = 2)")
        .await;
    machine.verify().fails_saying(1, "entry 3 was truncated");
    fs::remove_file(machine.checkpoint()).unwrap();
    let blind = machine.run(&["audit", "verify", "--checkpoint", "/nonexistent"]);
    assert_eq!(blind.code, 0, "without it nobody can tell: {}", blind.err);
    machine.run(&["audit", "verify", "--checkpoint", copy.to_str().unwrap()]).fails_saying(1, "entry 3 was");
}

#[tokio::test]
async fn an_export_into_a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let machine = Machine::new(false).await;
    let path = machine.folder.path().join("audit.ndjson");
    let exported =
        machine.run(&["audit", "export", "--format", "ndjson", "--output", path.to_str().unwrap()]);
    assert_eq!((exported.code, exported.out.as_str()), (0, ""), "{}", exported.err);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 4);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
}

#[rstest]
#[case::sqlite(false)]
#[case::mysql(true)]
#[tokio::test]
async fn retention_keeps_seven_years_of_audit(#[case] mysql: bool) {
    let machine = Machine::new(mysql).await;
    let dry = machine.run(&["retention", "run", "--dry-run"]);
    assert_eq!((dry.code, dry.out.as_str()), (0, "Done.\n"), "{}", dry.err);
    // Two of them are made eight years old. What is hashed no longer fits, but they are gone before anybody looks.
    machine
        .database
        .run("UPDATE audit_entry SET at_micros = at_micros - 8 * 31557600000000 WHERE sequence <= 2")
        .await;
    fs::remove_file(machine.checkpoint()).unwrap();
    let dry = machine.run(&["retention", "run", "--dry-run"]);
    assert_eq!(dry.out, "main: 2 audit entries would be deleted\nDone.\n", "{}", dry.err);
    let done = machine.run(&["retention", "run"]);
    assert_eq!(done.out, "main: 2 audit entries deleted\nDone.\n", "{}", done.err);
    let verified = machine.verify();
    assert_eq!(verified.code, 0, "{}", verified.err);
    let exported = machine.run(&["audit", "export", "--organization", "main"]);
    let entries: Vec<Value> = serde_json::from_str(&exported.out).unwrap();
    let last = entries.last().unwrap();
    assert_eq!((&last["action"], &last["detail"]), (&"retention.run".into(), &"2 deleted".into()));
    machine.database.remove().await;
}

/// The database user of the server may not be able to change the audit at all (docs/audit.md).
#[tokio::test]
async fn a_database_user_without_update_and_delete_suffices() {
    let machine = Machine::new(true).await;
    let url = machine.database.url_of_user_without_audit_rights().await;
    let run_as = |arguments: &[&str]| {
        let mut command = tuner(machine.folder.path());
        command
            .env("TUNER_DATABASE__URL", &url)
            .env("TUNER_AWS__ENDPOINT_URL", stand_in::url())
            .args(arguments);
        run(&mut command)
    };
    let added = run_as(&["account", "add", &stand_in::new_account(), "--name", "x"]);
    assert_eq!(added.code, 0, "{}", added.err);
    assert_eq!(run_as(&["audit", "verify"]).code, 0);
    fs::remove_file(machine.checkpoint()).unwrap();
    machine.database.run("UPDATE audit_entry SET at_micros = 0 WHERE sequence = 1").await;
    let refused = run_as(&["retention", "run"]);
    refused.fails_saying(1, "not everything could be deleted");
    assert_eq!(machine.run(&["retention", "run"]).code, 0, "another user may");
    machine.database.remove().await;
}
