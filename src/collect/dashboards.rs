//! Dashboards, and whose metrics they show. An account has one list for all regions: it is read where money is
//! asked about, and filed there. A dashboard's text is dropped once its namespaces are known.

use super::{
    Collector, Listing, Turn,
    detail::all_complete,
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Dashboard, ResourceKind},
    region::Region,
    tags::Tags,
};
use aws_sdk_cloudwatch::{operation::list_dashboards::ListDashboardsOutput, types as sdk};
use serde_json::Value;
use std::collections::BTreeSet;

const LIST: &str = "cloudwatch:ListDashboards";
const GET: &str = "cloudwatch:GetDashboard";

pub(super) const COLLECTOR: Collector = Collector {
    name: "dashboards",
    actions: &[LIST, GET],
    listing: Some(Listing {
        kind: ResourceKind::Dashboard,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, &mut found.dashboards)),
    }),
};

/// Elsewhere nothing is known of them; nothing is missing, either.
async fn fetch(scope: &Scope<'_>, found: &mut Vec<Dashboard>) -> Result<(), Incomplete> {
    if scope.region != scope.session.billing_region() {
        return Err(Incomplete);
    }
    let client = scope.session.cloudwatch(&scope.region);
    let fetch = |token| client.list_dashboards().set_next_token(token).send();
    let take = |page: ListDashboardsOutput| {
        let entries = page.dashboard_entries.unwrap_or_default().into_iter();
        found.extend(entries.filter_map(|entry| map(entry, &scope.region)));
        page.next_token
    };
    let listed = scope.page_through(LIST, fetch, take).await;
    let reads = found.iter_mut().map(|dashboard| fetch_namespaces(scope, dashboard)).collect();
    listed.and(all_complete(reads).await)
}

/// AWS tells when it was changed last, not when it was made.
fn map(entry: sdk::DashboardEntry, region: &Region) -> Option<Dashboard> {
    let common = wire::common(region, entry.dashboard_name, Tags::default(), entry.last_modified)?;
    Some(Dashboard { common, namespaces: Vec::new() })
}

async fn fetch_namespaces(scope: &Scope<'_>, dashboard: &mut Dashboard) -> Result<(), Incomplete> {
    let client = scope.session.cloudwatch(&scope.region);
    let call = Box::pin(client.get_dashboard().dashboard_name(&*dashboard.common.id).send());
    match scope.call(GET, call).await {
        Ok(reply) => {
            dashboard.namespaces = namespaces_in(&reply.dashboard_body.unwrap_or_default());
            Ok(())
        }
        // Deleted since it was listed: it shows nothing.
        Err(failure) if failure.code.ends_with("ResourceNotFound") => Ok(()),
        Err(failure) => Err(scope.missing(GET, failure)),
    }
}

/// A metric is written as a list that begins with its namespace; searches and queries name it in their text.
fn namespaces_in(body: &str) -> Vec<Box<str>> {
    let mut found = BTreeSet::new();
    if let Ok(body) = serde_json::from_str::<Value>(body) {
        add_namespaces(&body, &mut found);
    }
    found.into_iter().map(String::into_boxed_str).collect()
}

fn add_namespaces(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            let first = items.first().and_then(Value::as_str).filter(|text| !matches!(*text, "." | "..."));
            found.extend(first.map(str::to_owned));
            for item in items {
                add_namespaces(item, found);
            }
        }
        Value::Object(fields) => fields.values().for_each(|field| add_namespaces(field, found)),
        Value::String(text) => found.extend(searched(text)),
        _ => {}
    }
}

/// `SEARCH('{Shop,Host} …')`, `SELECT AVG(x) FROM SCHEMA("Shop", Host)`: whatever stands first in braces or quotes.
pub(super) fn searched(text: &str) -> impl Iterator<Item = String> {
    let query = text.contains("SEARCH") || text.contains("SELECT");
    let parts = text.split(['{', '"', '\'']).skip(1);
    parts.filter(move |_| query).filter_map(|part| {
        let name = part.split([',', '}', '"', '\'']).next()?.trim();
        (!name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &Value) -> Vec<String> {
        namespaces_in(&body.to_string()).into_iter().map(String::from).collect()
    }

    #[test]
    fn namespaces_are_found_however_they_are_written() {
        let widget = |metrics: Value| serde_json::json!({"widgets": [{"properties": {"metrics": metrics}}]});
        let plain =
            widget(serde_json::json!([["Shop", "Orders", "Host", "a"], ["...", "b"], [".", "Errors"]]));
        assert!(found(&plain).contains(&"Shop".to_owned()));
        assert!(!found(&plain).contains(&".".to_owned()));
        let search = widget(serde_json::json!([[{"expression": "SEARCH('{Shop,Host} Orders', 'Sum')"}]]));
        assert!(found(&search).contains(&"Shop".to_owned()));
        let query =
            widget(serde_json::json!([[{"expression": "SELECT AVG(x) FROM SCHEMA(\"My Shop\", Host)"}]]));
        assert!(found(&query).contains(&"My Shop".to_owned()));
        assert!(namespaces_in("not json").is_empty());
    }
}
