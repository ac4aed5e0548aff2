//! From when RDS charges for an engine version past its standard support.
//!
//! RDS's own dates come with a scan. The table here has what they lack: the start of the higher rate, and all of it
//! where RDS was not asked. Source: the release calendars of the RDS for MySQL, RDS for PostgreSQL, Aurora MySQL and
//! Aurora PostgreSQL guides, as of 2026-09 ("start of Extended Support year 1 pricing" and "year 3 pricing"). RDS for
//! PostgreSQL and Aurora PostgreSQL share their dates. Until 2026-08 Aurora MySQL 5.7 had no higher rate; since then the
//! calendar gives it one.

use super::{Case, engine_version::is_of_major};
use crate::domain::inventory::{DbCluster, DbEngine, DbInstance, EngineCalendar};
use jiff::{
    ToSpan,
    civil::{Date, date},
};

/// A major version that is, or will be, charged for.
#[derive(Debug, PartialEq, Eq)]
struct ExtendedVersion {
    engine: DbEngine,
    major: &'static str,
    charged_from: Date,
    /// From here on the higher rate.
    third_year_from: Option<Date>,
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

/// A database or a cluster, as far as its version is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Versioned<'a> {
    pub engine: DbEngine,
    pub version: &'a str,
    lifecycle_support: Option<&'a str>,
}

impl<'a> From<&'a DbInstance> for Versioned<'a> {
    fn from(db: &'a DbInstance) -> Self {
        let lifecycle_support = db.lifecycle_support.as_deref();
        Self { engine: db.engine, version: &db.engine_version, lifecycle_support }
    }
}

impl<'a> From<&'a DbCluster> for Versioned<'a> {
    fn from(cluster: &'a DbCluster) -> Self {
        let lifecycle_support = cluster.lifecycle_support.as_deref();
        Self { engine: cluster.engine, version: &cluster.engine_version, lifecycle_support }
    }
}

/// When extended support of a version begins, and when it costs more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    pub major: Box<str>,
    pub charged_from: Date,
    third_year_from: Option<Date>,
}

/// What a database is charged for today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surcharge {
    pub major: Box<str>,
    pub since: Date,
    pub third_year: bool,
}

/// The surcharge of today; none for what is in standard support, opted out, or of a version without extended support.
#[must_use]
pub fn find_surcharge<'a>(case: &Case<'_>, of: impl Into<Versioned<'a>>) -> Option<Surcharge> {
    let today = case.today();
    let support = find_support(&case.snapshot.engine_calendar, of.into())?;
    (support.charged_from <= today).then_some(Surcharge {
        third_year: support.third_year_from.is_some_and(|from| from <= today),
        since: support.charged_from,
        major: support.major,
    })
}

/// What will be charged for within some days, and is not yet.
#[must_use]
pub fn find_upcoming<'a>(case: &Case<'_>, of: impl Into<Versioned<'a>>) -> Option<Support> {
    let today = case.today();
    let horizon = today.saturating_add(i64::from(case.thresholds.rds_support_notice_days.min(36_500)).days());
    let support = find_support(&case.snapshot.engine_calendar, of.into())?;
    (support.charged_from > today && support.charged_from <= horizon).then_some(support)
}

fn find_support(calendar: &EngineCalendar, of: Versioned<'_>) -> Option<Support> {
    if of.lifecycle_support.is_some_and(|support| support.ends_with("-disabled")) {
        return None;
    }
    let own = find_own(of);
    match calendar.of(of.engine).find(|(major, _)| is_of_major(of.version, major)) {
        Some((major, from)) => {
            let from = from?;
            // The charge may begin later than the support: the table knows when.
            let charged_from = own.as_ref().map_or(from, |own| from.max(own.charged_from));
            // Aurora MySQL has a third year by exception only.
            let third_year = (of.engine != DbEngine::AuroraMysql).then(|| from.saturating_add(2.years()));
            let third_year_from = own.map_or(third_year, |own| own.third_year_from);
            Some(Support { major: major.into(), charged_from, third_year_from })
        }
        None => own,
    }
}

fn find_own(of: Versioned<'_>) -> Option<Support> {
    let engine = if of.engine == DbEngine::AuroraPostgresql { DbEngine::Postgres } else { of.engine };
    let version = VERSIONS.iter().find(|v| v.engine == engine && is_of_major(of.version, v.major))?;
    let ExtendedVersion { major, charged_from, third_year_from, .. } = *version;
    Some(Support { major: major.into(), charged_from, third_year_from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, db};

    fn lab(today: Date) -> Lab {
        let mut lab = Lab::new();
        lab.snapshot.taken_at = today.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
        lab
    }

    fn surcharge(lab: &Lab, db: &DbInstance) -> Option<Surcharge> {
        let meta = crate::rules::RULES[0].meta;
        find_surcharge(&Case::new(meta, &lab.snapshot, &lab.thresholds), db)
    }

    fn of(engine: DbEngine, version: &str) -> DbInstance {
        DbInstance { engine, engine_version: version.into(), ..db("db-1") }
    }

    fn at(engine: DbEngine, version: &str, today: Date) -> Option<(Date, bool)> {
        surcharge(&lab(today), &of(engine, version)).map(|s| (s.since, s.third_year))
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
    fn dates_that_rds_gives_move_those_of_the_table_later_only() {
        let read = |from| {
            let mut lab = lab(date(2026, 9, 1));
            lab.snapshot.engine_calendar.insert(DbEngine::Mysql, "8.0", from);
            surcharge(&lab, &of(DbEngine::Mysql, "8.0.39")).map(|s| s.since)
        };
        assert_eq!(read(Some(date(2026, 7, 1))), Some(date(2026, 8, 1)), "support begins before its charge");
        assert_eq!(read(Some(date(2027, 8, 1))), None, "put off");
        assert_eq!(read(None), None, "no extended support");
    }

    #[test]
    fn versions_that_only_rds_knows_rise_after_two_years() {
        let at = |today| {
            let mut lab = lab(today);
            lab.snapshot.engine_calendar.insert(DbEngine::Postgres, "18", Some(date(2031, 3, 1)));
            surcharge(&lab, &of(DbEngine::Postgres, "18.1")).map(|s| s.third_year)
        };
        assert_eq!(at(date(2031, 2, 28)), None);
        assert_eq!(at(date(2031, 3, 1)), Some(false));
        assert_eq!(at(date(2033, 3, 1)), Some(true));
    }

    #[test]
    fn other_engines_and_opted_out_databases_pay_nothing() {
        let today = date(2026, 7, 1);
        assert_eq!(at(DbEngine::Mariadb, "10.4.34", today), None);
        assert_eq!(at(DbEngine::Postgres, "9.6.24", today), None);
        let disabled = DbInstance {
            lifecycle_support: Some("open-source-rds-extended-support-disabled".into()),
            ..of(DbEngine::Postgres, "11.22")
        };
        assert_eq!(surcharge(&lab(today), &disabled), None);
    }
}
