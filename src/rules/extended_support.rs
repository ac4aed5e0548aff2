//! From when RDS charges for an engine version past its standard support.
//!
//! Source: the release calendars of the RDS for MySQL, RDS for PostgreSQL, Aurora MySQL and Aurora
//! PostgreSQL guides, as of 2026-09 ("start of Extended Support year 1 pricing" and "year 3 pricing"). RDS
//! for PostgreSQL and Aurora PostgreSQL share their dates. Until 2026-08 Aurora MySQL 5.7 had no higher
//! rate; since then the calendar gives it one.

use super::engine_version::is_of_major;
use crate::domain::inventory::{DbEngine, DbInstance};
use jiff::civil::{Date, date};

/// A major version that is, or will be, charged for.
#[derive(Debug, PartialEq, Eq)]
pub struct ExtendedVersion {
    pub engine: DbEngine,
    pub major: &'static str,
    pub charged_from: Date,
    /// From here on the higher rate.
    pub third_year_from: Option<Date>,
}

const fn version(
    engine: DbEngine,
    major: &'static str,
    charged_from: Date,
    third_year_from: Option<Date>,
) -> ExtendedVersion {
    ExtendedVersion { engine, major, charged_from, third_year_from }
}

static VERSIONS: &[ExtendedVersion] = &[
    version(DbEngine::Mysql, "5.7", date(2024, 3, 1), Some(date(2026, 3, 1))),
    version(DbEngine::Mysql, "8.0", date(2026, 8, 1), Some(date(2028, 8, 1))),
    version(DbEngine::Mysql, "8.4", date(2029, 8, 1), Some(date(2031, 8, 1))),
    version(DbEngine::Postgres, "11", date(2024, 4, 1), Some(date(2026, 4, 1))),
    version(DbEngine::Postgres, "12", date(2025, 3, 1), Some(date(2027, 3, 1))),
    version(DbEngine::Postgres, "13", date(2026, 3, 1), Some(date(2028, 3, 1))),
    version(DbEngine::Postgres, "14", date(2027, 3, 1), Some(date(2029, 3, 1))),
    version(DbEngine::Postgres, "15", date(2028, 3, 1), Some(date(2030, 3, 1))),
    version(DbEngine::Postgres, "16", date(2029, 3, 1), Some(date(2031, 3, 1))),
    version(DbEngine::Postgres, "17", date(2030, 3, 1), Some(date(2032, 3, 1))),
    version(DbEngine::AuroraMysql, "5.7", date(2024, 12, 1), Some(date(2026, 12, 1))),
    version(DbEngine::AuroraMysql, "8.0", date(2028, 5, 1), None),
];

/// What a database is charged for today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surcharge {
    pub major: &'static str,
    pub since: Date,
    pub third_year: bool,
}

/// The surcharge on a database at a date; none for what is in standard support, opted out, or not in the
/// table.
#[must_use]
pub fn find_surcharge(db: &DbInstance, today: Date) -> Option<Surcharge> {
    if db.lifecycle_support.as_deref().is_some_and(|support| support.ends_with("-disabled")) {
        return None;
    }
    let engine = if db.engine == DbEngine::AuroraPostgresql { DbEngine::Postgres } else { db.engine };
    let version = VERSIONS.iter().find(|v| v.engine == engine && is_of_major(&db.engine_version, v.major))?;
    (version.charged_from <= today).then_some(Surcharge {
        major: version.major,
        since: version.charged_from,
        third_year: version.third_year_from.is_some_and(|from| from <= today),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::db;

    fn at(engine: DbEngine, version: &str, today: Date) -> Option<(Date, bool)> {
        let db = DbInstance { engine, engine_version: version.into(), ..db("db-1") };
        find_surcharge(&db, today).map(|s| (s.since, s.third_year))
    }

    #[test]
    fn charges_begin_and_rise_on_their_day() {
        let since = date(2024, 3, 1);
        assert_eq!(at(DbEngine::Mysql, "5.7.44", date(2024, 2, 29)), None);
        assert_eq!(at(DbEngine::Mysql, "5.7.44", since), Some((since, false)));
        assert_eq!(at(DbEngine::Mysql, "5.7.44", date(2026, 3, 1)), Some((since, true)));
        assert_eq!(at(DbEngine::Mysql, "8.0.39", date(2026, 7, 31)), None);
        assert_eq!(at(DbEngine::Mysql, "8.0.39", date(2026, 8, 1)), Some((date(2026, 8, 1), false)));
    }

    #[test]
    fn aurora_has_its_own_calendar() {
        let aurora = |today| at(DbEngine::AuroraMysql, "5.7.mysql_aurora.2.11.4", today);
        assert_eq!(aurora(date(2024, 11, 30)), None);
        assert_eq!(aurora(date(2026, 11, 30)), Some((date(2024, 12, 1), false)));
        assert_eq!(aurora(date(2026, 12, 1)), Some((date(2024, 12, 1), true)));
        let today = date(2027, 6, 1);
        assert_eq!(at(DbEngine::AuroraMysql, "8.0.mysql_aurora.3.04.0", today), None);
        assert_eq!(at(DbEngine::AuroraPostgresql, "12.22", today), Some((date(2025, 3, 1), true)));
    }

    #[test]
    fn other_engines_and_opted_out_databases_pay_nothing() {
        let today = date(2026, 7, 1);
        assert_eq!(at(DbEngine::Mariadb, "10.4.34", today), None);
        assert_eq!(at(DbEngine::Postgres, "9.6.24", today), None);
        let disabled = DbInstance {
            engine_version: "11.22".into(),
            lifecycle_support: Some("open-source-rds-extended-support-disabled".into()),
            ..db("db-1")
        };
        assert_eq!(find_surcharge(&disabled, today), None);
    }
}
