//! Statements as constants: one text for both engines, a second one only where they differ.
//!
//! Invariant: a `scoped` statement binds the organisation first, or it does not compile: it inserts
//! `org_id` as its first column, or its first condition is `WHERE org_id = ?`. Blind to what follows
//! (a later OR, a JOIN): for that, keys and foreign keys include `org_id`, and the tests use two organisations.

/// A statement's name and its texts.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    pub name: &'static str,
    pub sqlite: &'static str,
    pub mysql: &'static str,
}

/// A statement on one organisation's rows; only `OrgDb` runs it.
#[derive(Clone, Copy, Debug)]
pub struct Scoped {
    pub(super) text: Text,
    /// How many values are bound before the organisation: those of an UPDATE's SET.
    pub(super) org_at: usize,
}

impl Scoped {
    /// Fails to compile where the organisation is not bound first.
    pub(super) const fn checked(text: Text) -> Self {
        match (org_position(text.sqlite), org_position(text.mysql)) {
            (Some(org_at), Some(in_mysql)) if org_at == in_mysql => Self { text, org_at },
            _ => panic!("a tenant statement must bind org_id first"),
        }
    }
}

/// A statement on rows that belong to no organisation, or to all.
#[derive(Clone, Copy, Debug)]
pub struct Global(pub(super) Text);

/// Whether `needle` stands at a position of `text`.
const fn stands_at(text: &[u8], position: usize, needle: &[u8]) -> bool {
    let Some((_, mut rest)) = text.split_at_checked(position) else { return false };
    let mut needle = needle;
    while let [wanted, needle_rest @ ..] = needle {
        match rest {
            [found, rest_rest @ ..] if *found == *wanted => rest = rest_rest,
            _ => return false,
        }
        needle = needle_rest;
    }
    true
}

/// The number of values bound before the organisation, if it is bound where it must be.
pub const fn org_position(sql: &str) -> Option<usize> {
    let text = sql.as_bytes();
    let (inserts, updates) = (stands_at(text, 0, b"INSERT"), stands_at(text, 0, b"UPDATE"));
    let (mut at, mut bound) = (0, 0);
    while at < text.len() {
        if inserts && stands_at(text, at, b"(org_id, ") {
            return Some(bound);
        }
        if !inserts
            && (stands_at(text, at, b"WHERE org_id = ?") || stands_at(text, at, b"WHERE r.org_id = ?"))
        {
            return Some(bound);
        }
        if stands_at(text, at, b"?") {
            if !updates || inserts {
                return None;
            }
            bound += 1;
        }
        at += 1;
    }
    None
}

/// Declares statements and the list of them that the prepare test reads.
macro_rules! statements {
    ($( $kind:ident $name:ident { $($body:tt)* } )*) => {
        $( $crate::db::stmt::statements!(@one $kind $name $($body)*); )*
        pub const ALL: &[$crate::db::stmt::Text] = &[$($crate::db::stmt::statements!(@text $name $($body)*)),*];
    };
    (@text $name:ident $sql:literal) => {
        $crate::db::stmt::Text { name: stringify!($name), sqlite: $sql, mysql: $sql }
    };
    (@text $name:ident sqlite: $sqlite:literal, mysql: $mysql:literal) => {
        $crate::db::stmt::Text { name: stringify!($name), sqlite: $sqlite, mysql: $mysql }
    };
    (@one scoped $name:ident $($body:tt)*) => {
        const $name: $crate::db::stmt::Scoped =
            $crate::db::stmt::Scoped::checked($crate::db::stmt::statements!(@text $name $($body)*));
    };
    (@one global $name:ident $($body:tt)*) => {
        const $name: $crate::db::stmt::Global =
            $crate::db::stmt::Global($crate::db::stmt::statements!(@text $name $($body)*));
    };
}
pub(super) use statements;

#[cfg(test)]
mod tests {
    use super::org_position;

    #[test]
    fn the_organisation_is_bound_first() {
        assert_eq!(org_position("SELECT a FROM t WHERE org_id = ? AND b = ?"), Some(0));
        assert_eq!(org_position("SELECT r.a FROM t r WHERE r.org_id = ?"), Some(0));
        assert_eq!(org_position("DELETE FROM t WHERE org_id = ?"), Some(0));
        assert_eq!(org_position("INSERT INTO t (org_id, a) VALUES (?, ?)"), Some(0));
        assert_eq!(org_position("UPDATE t SET a = ?, b = ? WHERE org_id = ? AND c = ?"), Some(2));
    }

    #[test]
    fn everything_else_is_refused() {
        for sql in [
            "SELECT a FROM t WHERE b = ?",
            "SELECT a FROM t WHERE b = ? AND org_id = ?",
            "SELECT a FROM t WHERE a > ? OR 1 = 1 WHERE org_id = ?",
            "SELECT a FROM t",
            "INSERT INTO t (a, org_id) VALUES (?, ?)",
            "INSERT INTO t (a, b) SELECT a, b FROM t WHERE org_id = ?",
            "UPDATE t SET a = ? WHERE c = ? AND org_id = ?",
            "DELETE FROM t WHERE a = ?",
            "",
        ] {
            assert_eq!(org_position(sql), None, "{sql}");
        }
    }
}
