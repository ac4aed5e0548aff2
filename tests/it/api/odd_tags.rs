//! Tags that nobody would choose: they come out of scan, database, API and files as they went in.

use crate::support::{
    server::{Engine, Server},
    stand_in::{admin, new_account},
};
use rstest::rstest;
use serde_json::{Map, Value, json};

/// What XML can carry of what people and attackers write.
const ODD: [&str; 14] = [
    "it's \"quoted\"",
    "two\nlines\tand a tab",
    "<script>alert(1)</script>",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "$(touch /tmp/x)`id`",
    "\u{1f980}\u{1d54f}",
    "\u{202e}backwards\u{200b}",
    "\u{7f}\u{85}",
    "%00%0a",
    "' OR '1'='1",
    "{{7*7}}${7*7}",
];

/// Fifty of them: the odd texts as values, and the most that AWS allows in number and length.
fn tags() -> Map<String, Value> {
    let mut tags = Map::new();
    tags.insert("Name".into(), json!(ODD[0]));
    for (number, odd) in ODD.iter().enumerate() {
        tags.insert(format!("odd-{number:02}"), json!(odd));
        tags.insert(format!("{odd} as a key"), json!("plain"));
    }
    tags.insert("k".repeat(128), json!("v".repeat(256)));
    for number in tags.len()..50 {
        tags.insert(format!("filler-{number}"), json!(""));
    }
    tags
}

async fn make_tagged(account: &str) -> String {
    let made = json!({"accountId": account, "region": "us-east-1", "kind": "instance", "instanceType": "m4.xlarge",
                      "ageDays": 100, "tags": tags()});
    admin("POST", "resources", made).await["ids"][0].as_str().unwrap().to_owned()
}

#[rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::mysql(Engine::MySql)]
#[tokio::test]
async fn fifty_odd_tags_come_out_as_they_went_in(#[case] engine: Engine) {
    let server = Server::start(engine).await;
    let account = new_account();
    let instance = make_tagged(&account).await;
    server.link(&account).await;
    let scan = server.scan(&account, &["us-east-1"]).await;
    assert_ne!(scan["status"], "failed", "{scan}");

    let wanted = Value::Object(tags());
    let found = server.org_admin.get(&format!("/recommendations?limit=500&accountId={account}")).await;
    let of_instance: Vec<&Value> = found.items().iter().filter(|r| r["resourceId"] == *instance).collect();
    assert!(!of_instance.is_empty(), "an old type is worth a recommendation");
    for recommendation in of_instance {
        assert_eq!(recommendation["tags"], wanted);
        assert_eq!(recommendation["resourceName"], ODD[0]);
    }
    let kept = server.org_admin.get(&format!("/resources?limit=500&accountId={account}")).await;
    let kept: Vec<&Value> = kept.items().iter().filter(|r| r["resourceId"] == *instance).collect();
    assert_eq!(kept[0]["configuration"]["tags"], wanted);

    let csv = server.run(&["recommendations", "list", "--format", "csv", "--account", &account]);
    assert_eq!(csv.code, 0, "{}", csv.err);
    check_csv(&csv.out, &instance);
}

/// One row, however many lines its tags have, and no cell that a spreadsheet would calculate.
fn check_csv(text: &str, instance: &str) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let row = rows.iter().find(|row| &row[column("resourceId")] == instance).unwrap();
    assert_eq!(&row[column("resourceName")], ODD[0]);
    for odd in ODD {
        assert!(row[column("tags")].contains(odd), "{odd:?}");
    }
    for cell in rows.iter().flatten() {
        let number =
            cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
    }
}
