//! What differs between two documents, for people who look before they apply.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// `options.enforce`, `periods[0].begin`
    pub field: String,
    /// Null: it was not there.
    #[schema(value_type = Object)]
    pub before: Value,
    /// Null: it is not there any more.
    #[schema(value_type = Object)]
    pub after: Value,
}

/// Between two texts in JSON, in the order of their fields.
pub(super) fn differences(before: &str, after: &str) -> Vec<Difference> {
    let read = |text| serde_json::from_str(text).unwrap_or(Value::Null);
    let mut found = Vec::new();
    compare("", &read(before), &read(after), &mut found);
    found
}

fn compare(field: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let inner = if field.is_empty() { name.clone() } else { format!("{field}.{name}") };
                let at =
                    |object: &serde_json::Map<String, Value>| object.get(name).cloned().unwrap_or_default();
                compare(&inner, &at(old), &at(new), found);
            }
        }
        // Lists of objects are compared by position, lists of words as a whole.
        (Value::Array(old), Value::Array(new)) if old.iter().chain(new).any(Value::is_object) => {
            for index in 0..old.len().max(new.len()) {
                let at = |list: &[Value]| list.get(index).cloned().unwrap_or_default();
                compare(&format!("{field}[{index}]"), &at(old), &at(new), found);
            }
        }
        _ if before != after => {
            let (before, after) = (before.clone(), after.clone());
            found.push(Difference { field: field.to_owned(), before, after });
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"name": "a", "periods": [{"begin": "07:00", "weekdays": ["mon"]}], "options": {"enforce": false}});
        let after = json!({"name": "a", "periods": [{"begin": "08:00", "weekdays": ["mon"]}, {"end": "20:00"}], "options": {"enforce": false}});
        let told = differences(&before.to_string(), &after.to_string());
        let told: Vec<String> =
            told.iter().map(|d| format!("{}: {} -> {}", d.field, d.before, d.after)).collect();
        assert_eq!(
            told,
            [r#"periods[0].begin: "07:00" -> "08:00""#, r#"periods[1]: null -> {"end":"20:00"}"#]
        );
    }
}
