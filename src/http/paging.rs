//! Pages of a list: at most 500 items, then a cursor that names the last one.
//!
//! A cursor is a position, not a permission: the list behind it is read under the caller's own scope.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};
use utoipa::ToSchema;

const DEFAULT_LIMIT: u16 = 50;
pub const MAX_LIMIT: u16 = 500;
const MAX_CURSOR_CHARS: usize = 1024;

/// How many items a page has. In a query struct: `#[serde(default)] #[param(inline)] limit: Limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(value_type = u16, minimum = 1, maximum = 500, default = 50)]
pub struct Limit(u16);

impl Limit {
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(DEFAULT_LIMIT)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom(format!("limit must be a number from 1 to {MAX_LIMIT}"));
        let limit = u16::deserialize(deserializer).map_err(|_| wrong())?;
        if (1..=MAX_LIMIT).contains(&limit) { Ok(Self(limit)) } else { Err(wrong()) }
    }
}

/// The key of the last item seen, as opaque text. In a query struct: `cursor: Option<Cursor<(i64, Id)>>` with
/// `#[param(value_type = Option<String>)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor<K>(pub K);

impl<K: Serialize> Cursor<K> {
    /// A key of plain values always fits into JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_vec(&self.0).map(|json| URL_SAFE_NO_PAD.encode(json)).unwrap_or_default()
    }
}

impl<K: Serialize> Serialize for Cursor<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de, K: DeserializeOwned> Deserialize<'de> for Cursor<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        read(&text).map(Self).ok_or_else(|| D::Error::custom("the cursor is not one that this list gave"))
    }
}

fn read<K: DeserializeOwned>(text: &str) -> Option<K> {
    let bytes = URL_SAFE_NO_PAD.decode(Some(text).filter(|text| text.len() <= MAX_CURSOR_CHARS)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// From one item more than `limit`, if there are so many: `key` names the last one shown.
    #[must_use]
    pub fn cut<K: Serialize>(mut items: Vec<T>, limit: Limit, key: impl FnOnce(&T) -> K) -> Self {
        let more = items.len() > usize::from(limit.get());
        items.truncate(usize::from(limit.get()));
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| Cursor(key(item)).to_text());
        Self { items, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cursor(text: &str) -> Result<Cursor<(i64, String)>, String> {
        serde_json::from_value(json!(text)).map_err(|e| e.to_string())
    }

    #[test]
    fn a_cursor_survives_its_way_through_the_client() {
        let sent = Cursor((-5_i64, "ümläut/+".to_owned()));
        assert_eq!(cursor(&sent.to_text()).unwrap(), sent);
    }

    #[test]
    fn garbage_is_no_cursor() {
        let other_shape = Cursor("text").to_text();
        for bad in ["", "!", "AAAA", &other_shape, &"A".repeat(1025)] {
            assert_eq!(cursor(bad).unwrap_err(), "the cursor is not one that this list gave", "{bad}");
        }
    }

    #[test]
    fn a_limit_is_one_to_five_hundred() {
        let limit = |value| serde_json::from_value::<Limit>(value).map(Limit::get).ok();
        assert_eq!((limit(json!(1)), limit(json!(500))), (Some(1), Some(500)));
        assert_eq!((limit(json!(0)), limit(json!(501)), limit(json!("x"))), (None, None, None));
        assert_eq!(Limit::default().get(), 50);
    }

    #[test]
    fn only_a_full_page_names_the_next() {
        let page = Page::cut(vec![1, 2, 3], Limit(2), |item| *item);
        assert_eq!((page.items, page.next_cursor), (vec![1, 2], Some(Cursor(2).to_text())));
        let last = Page::cut(vec![1, 2], Limit(2), |item| *item);
        assert_eq!((last.items, last.next_cursor), (vec![1, 2], None));
    }
}
