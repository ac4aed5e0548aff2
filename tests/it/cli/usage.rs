//! Wrong usage and wrong settings: one clear line, the right exit code, nothing left behind.

use crate::support::tuner::{run, tuner};
use rstest::rstest;
use std::fs;

#[rstest]
#[case::no_such_flag(&["scan", "--frobnicate"], "--frobnicate")]
#[case::no_such_command(&["frobnicate"], "frobnicate")]
#[case::region(&["scan", "--regions", "us-east"], "'us-east' is not an AWS region")]
#[case::a_host_is_no_region(&["scan", "--regions", "evil.example.com"], "is not an AWS region")]
#[case::role(&["scan", "--role-arn", "arn:aws:iam::12:role/x"], "is not an IAM role ARN")]
#[case::external_id_without_role(&["scan", "--external-id", "x"], "--role-arn")]
#[case::format(&["scan", "--format", "pdf"], "pdf")]
#[case::amount(&["scan", "--fail-on", "ten"], "is not an amount of US dollars")]
#[case::rule(&["scan", "--rules", "ebs-volume-gp2"], "there is no rule 'ebs-volume-gp2'; did you mean")]
#[case::account(&["external-id", "new", "--account", "12345", "--organization", "acme"], "write its 12 digits")]
#[case::organization(&["external-id", "new", "--account", "123456789012", "--organization", "a|b"], "visible ASCII")]
#[case::unknown_rule(&["rules", "explain", "nothing-like-it"], "see 'tuner rules list'")]
fn wrong_usage_is_said_with_exit_code_2(#[case] arguments: &[&str], #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    run(tuner(folder.path()).args(arguments)).fails(2, words);
}

#[rstest]
#[case::unknown_variable("TUNER_SERVER__LISTN", "127.0.0.1:1", "TUNER_SERVER__LISTN")]
#[case::address("TUNER_SERVER__LISTEN", "somewhere", "TUNER_SERVER__LISTEN")]
#[case::threshold("TUNER_THRESHOLDS__LOOK_BACK_DAYS", "0", "look_back_days")]
#[case::not_a_number("TUNER_THRESHOLDS__LOOK_BACK_DAYS", "many", "TUNER_THRESHOLDS__LOOK_BACK_DAYS")]
#[case::endpoint("TUNER_AWS__ENDPOINT_URL", "not a url", "TUNER_AWS__ENDPOINT_URL")]
#[case::region("TUNER_AWS__HOME_REGION", "mars", "TUNER_AWS__HOME_REGION")]
fn a_wrong_setting_is_named(#[case] key: &str, #[case] value: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    run(tuner(folder.path()).args(["config", "check"]).env(key, value)).fails(1, words);
}

#[test]
fn a_malformed_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tuner.toml");
    fs::write(&file, "[server]\nlisten = \n").unwrap();
    run(tuner(folder.path()).arg("--config").arg(&file).args(["config", "check"])).fails(1, "tuner.toml:2");
    fs::write(&file, "[server]\nlissten = \"127.0.0.1:80\"\n").unwrap();
    run(tuner(folder.path()).arg("--config").arg(&file).args(["config", "check"])).fails(1, "lissten");
}

#[test]
fn settings_are_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let shown = run(tuner(folder.path())
        .args(["config", "show"])
        .env("TUNER_EXTERNAL_ID__SECRET", "canary-canary-canary-canary-canary-1")
        .env("TUNER_DATABASE__URL", "mysql://tuner:canary-password@127.0.0.1/tuner"));
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(!shown.out.contains("canary"), "{}", shown.out);
    assert!(shown.out.contains("TUNER_EXTERNAL_ID__SECRET") || shown.out.contains("external_id.secret"));
}

#[rstest]
#[case::mysql("mysql://root:canary@127.0.0.1:1/tuner", "cannot reach the database at 127.0.0.1:1")]
#[case::sqlite(
    "sqlite:///nonexistent/folder/tuner.db",
    "cannot reach the database at /nonexistent/folder/tuner.db"
)]
#[case::other("postgres://localhost/tuner", "TUNER_DATABASE__URL")]
fn an_unreachable_database_is_one_line(#[case] url: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let failed = run(tuner(folder.path()).args(["db", "status"]).env("TUNER_DATABASE__URL", url));
    failed.fails(1, words);
    assert!(!failed.err.contains("canary"), "no password: {}", failed.err);
}

#[test]
fn external_ids_are_made_and_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let for_acme = ["--account", "123456789012", "--organization", "acme"];
    let made = run(tuner(folder.path()).args(["external-id", "new"]).args(for_acme));
    let id = made.out.trim();
    assert_eq!(id.len(), 53, "{}", made.err);
    assert_eq!(run(tuner(folder.path()).args(["external-id", "check"]).args(for_acme).arg(id)).code, 0);
    let for_evil = ["--account", "123456789012", "--organization", "evil"];
    run(tuner(folder.path()).args(["external-id", "check"]).args(for_evil).arg(id))
        .fails(1, "was not made by this server");
}

#[test]
fn policies_are_printed_as_they_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in [("read-only", "read-only.json"), ("scheduler", "scheduler.json")] {
        let printed = run(tuner(folder.path()).args(["policy", name]));
        let kept = fs::read_to_string(format!("{}/iam-policies/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(printed.out.trim(), kept.trim(), "{name}");
    }
}

#[test]
fn rules_explain_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run(tuner(folder.path()).args(["rules", "list", "--format", "json"]));
    let rules: Vec<serde_json::Value> = serde_json::from_str(&listed.out).unwrap();
    assert!(rules.len() >= 30, "{} rules", rules.len());
    let explained = run(tuner(folder.path()).args(["rules", "explain", "ec2-instance-idle"]));
    for word in ["CPUUtilization", "ec2_idle_cpu_percent = 5", "ec2:DescribeInstances"] {
        assert!(explained.out.contains(word), "{word} in {}", explained.out);
    }
}
