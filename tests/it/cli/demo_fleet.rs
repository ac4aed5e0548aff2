//! The main job on the demo's two accounts: everything that was planted is found, nothing else is.

use crate::support::{
    stand_in::{admin, make_role, trust_with_external_id, url},
    tuner::{Run, run, tuner},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const DEMO_ACCOUNTS: [&str; 2] = ["222222222222", "333333333333"];

pub async fn scan(account: &str, more: &[&str]) -> Run {
    let role = make_role(account, &trust_with_external_id("given-by-hand")).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = tuner(folder.path());
    command.env("TUNER_AWS__ENDPOINT_URL", url());
    command.args(["scan", "--role-arn", &role, "--external-id", "given-by-hand"]).args(more);
    tokio::task::spawn_blocking(move || run(&mut command)).await.unwrap()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// What a finding is known by, on both sides.
fn identity(value: &Value) -> (String, String, String) {
    (text(value, "rule"), text(value, "region"), text(value, "resourceId"))
}

fn role(recommendation: &Value) -> &'static str {
    if recommendation["savingsBasis"] == "exposure" {
        "exposure"
    } else if recommendation["isBestForResource"] == true {
        "best"
    } else {
        "alternative"
    }
}

/// What the seeder says of one account: some entries stand for one of several resources, some are optional.
struct Planted {
    entries: Vec<Value>,
}

impl Planted {
    /// Takes out what a finding fulfils and answers its role; None if nobody planted it.
    fn take(&mut self, found: &Value) -> Option<String> {
        let (rule, region, id) = identity(found);
        let at = self.entries.iter().position(|p| {
            let one_of = p["anyOf"].as_array().is_some_and(|ids| ids.iter().any(|one| *one == *id));
            text(p, "rule") == rule
                && (text(p, "region") == region || text(p, "region").is_empty())
                && (text(p, "resourceId") == id || one_of)
        })?;
        // The other members of a chain are alternatives to the one that is counted.
        if self.entries[at]["anyOf"].is_array() {
            if role(found) != "best" {
                return Some(role(found).to_owned());
            }
            let was = text(&self.entries[at], "role");
            self.entries[at]["optional"] = json!(true);
            return Some(was);
        }
        Some(text(&self.entries.remove(at), "role"))
    }

    fn missing(self) -> impl Iterator<Item = Value> {
        // An alternative in a chain is fulfilled by any of its members.
        self.entries
            .into_iter()
            .filter(|p| p["optional"] != true && !(p["anyOf"].is_array() && p["role"] != "best"))
    }
}

#[tokio::test]
async fn everything_planted_is_found_and_nothing_else() {
    let planted = admin("GET", "planted", Value::Null).await;
    let mut wrong = Vec::new();
    for account in DEMO_ACCOUNTS {
        let scanned = scan(account, &["--format", "json", "--rules", "all"]).await;
        let report: Value = serde_json::from_str(&scanned.out).unwrap();
        assert_eq!(report["gaps"], json!([]));
        assert_eq!(scanned.code, 0, "{}", scanned.err);
        let of_account = planted.as_array().unwrap().iter().filter(|p| p["accountId"] == account);
        let mut expected = Planted { entries: of_account.cloned().collect() };
        for found in report["recommendations"].as_array().unwrap() {
            match expected.take(found) {
                Some(planted) if planted == role(found) => {}
                Some(planted) => {
                    wrong.push(format!(
                        "{account} {:?}: {} instead of {planted}",
                        identity(found),
                        role(found)
                    ));
                }
                None => {
                    wrong.push(format!("{account} {:?}: {}, but not planted", identity(found), role(found)));
                }
            }
        }
        wrong.extend(
            expected
                .missing()
                .map(|p| format!("{account} {:?}: planted as {}, not found", identity(&p), p["role"])),
        );
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn every_rule_is_planted() {
    let planted = admin("GET", "planted", Value::Null).await;
    let planted: BTreeSet<String> = planted.as_array().unwrap().iter().map(|p| text(p, "rule")).collect();
    // What is required is for the organisation to say: `required_tags_are_looked_for_once_they_are_named`.
    let planted_by_settings = |id: &str| id == "resource-untagged";
    let missing: Vec<&str> = tuner::rules::RULES
        .iter()
        .map(|r| r.meta.id)
        .filter(|id| !planted.contains(*id) && !planted_by_settings(id))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[tokio::test]
async fn totals_add_up_and_every_saving_says_its_price() {
    let report: Value =
        serde_json::from_str(&scan(DEMO_ACCOUNTS[0], &["--format", "json"]).await.out).unwrap();
    let micro = |value: &Value| value.as_str().unwrap().parse::<tuner::domain::money::MicroUsd>().unwrap();
    let rows = report["recommendations"].as_array().unwrap();
    let counted: tuner::domain::money::MicroUsd =
        rows.iter().map(|r| micro(&r["countedMonthlySavings"])).sum();
    assert_eq!(counted, micro(&report["summary"]["estimatedMonthlySavings"]));
    for row in rows.iter().filter(|r| r["savingsBasis"] != "exposure") {
        // What AWS promises has AWS's amount: nobody is told the prices behind it.
        let by_tuner = row["sources"][0] == "tuner";
        assert!(!by_tuner || !row["prices"].as_array().unwrap().is_empty(), "{} says no price", row["rule"]);
        assert!(!row["evidence"].as_array().unwrap().is_empty(), "{} has no evidence", row["rule"]);
        assert!(!row["remediation"]["commands"].as_array().unwrap().is_empty(), "{} has no fix", row["rule"]);
        assert!(micro(&row["estimatedMonthlySavings"]) <= micro(&row["estimatedMonthlyCost"]), "{row}");
    }
}

#[tokio::test]
async fn the_report_comes_in_three_formats_and_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.csv");
    let to_file = scan(
        DEMO_ACCOUNTS[0],
        &["--format", "csv", "--output", file.to_str().unwrap(), "--regions", "us-east-1"],
    )
    .await;
    assert_eq!((to_file.code, to_file.out.as_str()), (0, ""), "{}", to_file.err);
    let mut reader = csv::Reader::from_path(&file).unwrap();
    assert!(reader.headers().unwrap().iter().any(|h| h == "estimatedMonthlySavings"));
    assert!(reader.records().count() > 5);
    let table = scan(DEMO_ACCOUNTS[0], &["--regions", "us-east-1"]).await;
    assert!(table.out.contains("Total, each resource once"), "{}", table.out);
    assert!(!table.out.contains('\u{1b}'), "no colour in a pipe");
}

#[tokio::test]
async fn exit_codes_tell_scripts_what_happened() {
    let above = scan(DEMO_ACCOUNTS[0], &["--regions", "us-east-1", "--fail-on", "1"]).await;
    assert_eq!(above.code, 3);
    let below = scan(DEMO_ACCOUNTS[0], &["--regions", "us-east-1", "--fail-on", "1000000"]).await;
    assert_eq!(below.code, 0, "{}", below.err);
    let only = scan(DEMO_ACCOUNTS[0], &["--format", "json", "--rules", "eip-unassociated"]).await;
    let report: Value = serde_json::from_str(&only.out).unwrap();
    assert!(report["recommendations"].as_array().unwrap().iter().all(|r| r["rule"] == "eip-unassociated"));
}
