//! Schedules as people and programs set and read them: the JSON API and the command line, on both engines.

mod bad_input;
mod command_line;
mod documents;
mod overrides;
mod reads;
mod standing;
mod tenants;

use crate::support::server::{Client, Server};
use serde_json::{Value, json};
use tuner::domain::clock::Clock;

pub const SHOP: &str = "222222222222";
pub const DATA: &str = "333333333333";

pub fn office() -> Value {
    json!({
        "name": "office", "timezone": "Europe/Berlin",
        "periods": [{"begin": "07:00", "end": "19:00", "weekdays": ["mon-fri"]}],
    })
}

/// The id of what was made.
#[track_caller]
pub fn id_of(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("no {field} in {body}")).to_owned()
}

pub async fn make_schedule(client: &Client, document: Value) -> String {
    let made = client.post("/schedules", document).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
    id_of(&made.body, "scheduleId")
}

pub async fn add_account(server: &Server, account: &str) {
    let made = server.org_admin.post("/accounts", json!({"accountId": account, "name": "Shop"})).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.body);
}

/// So many hours from now, as the server will see it.
pub fn in_hours(hours: i64) -> String {
    (Clock::system().now() + jiff::SignedDuration::from_hours(hours)).to_string()
}
