//! The only place where SQL is put together at run time: filters of a list, and many rows in one statement.
//!
//! Invariant: every piece is text of this program (`&'static str`); whatever comes from outside is bound. A
//! list starts from a checked tenant statement, so the organisation stays its first condition.

use super::{
    pool::{Engine, Query},
    stmt::{Scoped, Text},
    value::Value,
};
use crate::domain::{ids::OrgKey, scope::AccountAccess};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// A SELECT whose conditions depend on what was asked.
pub(super) struct Listing {
    engine: Engine,
    operation: &'static str,
    sql: String,
    values: Vec<Value>,
    /// What a grouped statement ends in; conditions go before it.
    grouping: &'static str,
}

impl Listing {
    /// The statement ends in its condition on the organisation, or in a GROUP BY behind it.
    pub(super) fn new(engine: Engine, org: OrgKey, head: Scoped) -> Self {
        Self::with(engine, org, head, Vec::new())
    }

    /// `bound` are the values of further conditions that the head has itself.
    pub(super) fn with(engine: Engine, org: OrgKey, head: Scoped, bound: Vec<Value>) -> Self {
        let text = engine.text(&head.text);
        let (sql, grouping) = text.split_at(text.find(" GROUP BY ").unwrap_or(text.len()));
        let (operation, mut values) = (head.text.name, vec![org.into()]);
        values.extend(bound);
        Self { engine, operation, sql: sql.to_owned(), values, grouping }
    }

    pub(super) const fn engine(&self) -> Engine {
        self.engine
    }

    /// One more condition, its question marks matching the values.
    pub(super) fn and(&mut self, condition: &'static str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        self.then(condition, values);
    }

    /// Nothing, where there is nothing to compare with.
    pub(super) fn and_equal(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, [value.into()]);
        }
    }

    /// Only rows of accounts that the caller may see.
    pub(super) fn and_visible(&mut self, column: &'static str, access: &AccountAccess) {
        if let AccountAccess::Only(accounts) = access {
            self.and_any_of(column, accounts.iter().map(|account| Value::from(*account)));
        }
    }

    /// One of some values; with none of them, no row at all.
    pub(super) fn and_any_of(&mut self, column: &'static str, values: impl Iterator<Item = Value>) {
        self.and(column, []);
        self.then_any_of(values);
    }

    /// The list of such a condition, behind its column.
    pub(super) fn then_any_of(&mut self, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        let count = self.values.len() - before;
        self.sql.push_str(if count == 0 { " IN (NULL" } else { " IN (?" });
        self.sql.push_str(&", ?".repeat(count.saturating_sub(1)));
        self.sql.push(')');
    }

    /// What follows the conditions: order and limit.
    pub(super) fn then(&mut self, tail: &'static str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(tail);
        self.values.extend(values);
    }

    pub(super) fn into_query(self) -> Query {
        let Self { operation, mut sql, values, grouping, .. } = self;
        sql.push_str(grouping);
        Query { operation, sql: AssertSqlSafe(sql).into_sql_str(), values, cached: true }
    }
}

/// Repeats the row of an INSERT's `VALUES (…)`, or the `?` of an `IN (?)`.
pub(super) fn repeated(engine: Engine, text: &Text, times: usize, values: Vec<Value>) -> Query {
    let sql = engine.text(text);
    let repeated = spread(sql, "VALUES ", times).or_else(|| spread(sql, " IN ", times));
    Query {
        operation: text.name,
        sql: AssertSqlSafe(repeated.unwrap_or_else(|| sql.to_owned())).into_sql_str(),
        values,
        cached: times == super::batch::ROWS,
    }
}

fn spread(sql: &str, before: &str, times: usize) -> Option<String> {
    let row = if before == "VALUES " { "(" } else { "(?)" };
    let open = sql.find(&format!("{before}{row}"))? + before.len();
    let (head, rest) = sql.split_at_checked(open)?;
    let (row, tail) = rest.split_at_checked(rest.find(')')? + 1)?;
    let rows = if row == "(?)" {
        format!("(?{})", ", ?".repeat(times.saturating_sub(1)))
    } else {
        format!("{row}{}", format!(", {row}").repeat(times.saturating_sub(1)))
    };
    Some(format!("{head}{rows}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn rows_and_lists_are_repeated() {
        assert_eq!(
            spread(
                "INSERT INTO t (org_id, a) VALUES (?, ?) ON DUPLICATE KEY UPDATE a = VALUES(a)",
                "VALUES ",
                3
            )
            .unwrap(),
            "INSERT INTO t (org_id, a) VALUES (?, ?), (?, ?), (?, ?) ON DUPLICATE KEY UPDATE a = VALUES(a)"
        );
        assert_eq!(
            spread("DELETE FROM t WHERE org_id = ? AND a IN (?)", " IN ", 2).unwrap(),
            "DELETE FROM t WHERE org_id = ? AND a IN (?, ?)"
        );
    }
}
