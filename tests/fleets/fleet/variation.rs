//! Fields altered: to what another resource of the kind has there, or to what nobody expects.

use super::samples::{Resource, SAMPLES};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use tuner::domain::inventory::ResourceKind;

/// Where a resource stands is not altered: it would be another one.
const FIXED: [&str; 2] = ["/id", "/region"];

/// What the samples have in each field, by kind and place.
static SEEN: LazyLock<BTreeMap<(ResourceKind, String), Vec<Value>>> = LazyLock::new(|| {
    let mut seen: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for resource in SAMPLES.groups.iter().flatten() {
        for (place, value) in fields(&resource.body) {
            seen.entry((resource.kind, place)).or_default().insert(value.to_string());
        }
    }
    let read =
        |texts: BTreeSet<String>| texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    seen.into_iter().map(|(place, texts)| (place, read(texts))).collect()
});

/// Every field with its place, those inside of others, too.
fn fields(body: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect(body, String::new(), &mut found);
    found
}

fn collect(value: &Value, place: String, found: &mut Vec<(String, Value)>) {
    let Value::Object(object) = value else { return };
    for (name, value) in object {
        let here = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
        collect(value, here.clone(), found);
        found.push((here, value.clone()));
    }
}

/// What an API could send, and what it never should.
fn odd(value: &Value) -> Vec<Value> {
    let far = |text: &str| json!(text);
    match value {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            let n = number.as_i64().unwrap_or(i64::MAX);
            [0, 1, -1, 7, n.saturating_mul(10), n / 10, 1_000_000_000, u32::MAX.into(), i64::MAX, i64::MIN]
                .map(|n| json!(n))
                .to_vec()
        }
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => vec![
            far("2027-12-31T23:59:59Z"),
            far("9999-12-30T22:00:00Z"),
            far("1970-01-01T00:00:00Z"),
            far("-009999-01-02T01:59:59Z"),
            far("2026-11-24T00:00:00Z"),
            far("2024-02-29T00:00:00Z"),
        ],
        Value::String(_) => {
            vec![far(""), far("x9.huge"), far("'; rm -rf \"$HOME\" #\n<b>𝔘</b>"), far("999.999"), far("keep")]
        }
        Value::Array(items) => {
            vec![json!([]), json!(items.iter().take(1).collect::<Vec<_>>()), json!(["gone-1"])]
        }
        Value::Object(_) => {
            vec![json!({}), json!({"keep": "true", "env": "dev"}), json!({"Name": "\u{7}=1+1"})]
        }
        _ => Vec::new(),
    }
}

/// Alters the resources at will; what Tuner could not have stored stays as it was.
pub fn alter(resources: &mut [Resource], changes: &[(u16, u16)]) {
    for (place, what) in changes {
        let all = resources.len().max(1);
        let Some(resource) = resources.get_mut(usize::from(*place) % all) else { return };
        let places: Vec<_> =
            fields(&resource.body).into_iter().filter(|(name, _)| !FIXED.contains(&&**name)).collect();
        let Some((name, value)) = places.get(usize::from(*place) / all % places.len().max(1)) else {
            continue;
        };
        let other = with(resource, name, value, usize::from(*what));
        if other.is_readable() {
            *resource = other;
        }
    }
}

fn with(resource: &Resource, place: &str, value: &Value, what: usize) -> Resource {
    let mut choices = SEEN.get(&(resource.kind, place.to_owned())).cloned().unwrap_or_default();
    choices.extend(odd(value));
    let mut changed = resource.clone();
    // One more than there are: then the field is not there.
    match choices.get(what % (choices.len() + 1)) {
        Some(choice) => *changed.body.pointer_mut(place).unwrap() = choice.clone(),
        None => remove(&mut changed.body, place),
    }
    changed
}

fn remove(body: &mut Value, place: &str) {
    let (inside, name) = place.rsplit_once('/').unwrap();
    let name = name.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(fields)) = body.pointer_mut(inside) {
        fields.remove(&name);
    }
}
