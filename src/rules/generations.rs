//! Which family replaces which, and in which sizes.
//!
//! Sources: the instance types of the Amazon EC2 User Guide and "Supported DB engines for DB instance
//! classes" of the Amazon RDS and Aurora User Guides, read 2026-11. A size is named only where the
//! replacement has at least as many vCPUs and as much memory.

use super::engine_version::is_at_least;
use crate::domain::inventory::{DbEngine, family_and_size};

/// nano to 2xlarge: T3 and T4g; without nano they are database classes.
const BURSTABLE: &[&str] = &["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"];
const INTEL_6: &[&str] =
    &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const GRAVITON_2: &[&str] =
    &["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];

/// Types whose namesake in the newer family is smaller: 8 vCPUs against 4, 36 against 32.
const SHRINKING: &[&str] = &["c1.xlarge", "c4.8xlarge"];

/// The type of the present generation in the same size: `m4.large` → `m6i.large`.
#[must_use]
pub fn newer_instance_type(instance_type: &str) -> Option<String> {
    let (family, size) = family_and_size(instance_type)?;
    let (newer, sizes) = match family {
        "t1" | "t2" => ("t3", BURSTABLE),
        "m1" | "m3" | "m4" => ("m6i", INTEL_6),
        "c1" | "c3" | "c4" => ("c6i", INTEL_6),
        "m2" | "r3" | "r4" => ("r6i", INTEL_6),
        _ => return None,
    };
    named(instance_type, newer, size, sizes)
}

/// The Graviton type of the same size: `m5.large` → `m6g.large`.
#[must_use]
pub fn arm_instance_type(instance_type: &str) -> Option<String> {
    let (family, size) = family_and_size(instance_type)?;
    let (arm, sizes) = match family {
        "t2" | "t3" | "t3a" => ("t4g", BURSTABLE),
        "m4" | "m5" | "m5a" | "m6i" | "m6a" => ("m6g", GRAVITON_2),
        "c4" | "c5" | "c5a" | "c6i" | "c6a" => ("c6g", GRAVITON_2),
        "r4" | "r5" | "r5a" | "r6i" | "r6a" => ("r6g", GRAVITON_2),
        _ => return None,
    };
    named(instance_type, arm, size, sizes)
}

/// The type of the same size with an AMD processor: `m6i.large` → `m6a.large`.
#[must_use]
pub fn amd_instance_type(instance_type: &str) -> Option<String> {
    let (family, size) = family_and_size(instance_type)?;
    let amd = match family {
        "t3" => "t3a",
        "m5" => "m5a",
        "c5" => "c5a",
        "r5" => "r5a",
        "m6i" => "m6a",
        "c6i" => "c6a",
        "r6i" => "r6a",
        _ => return None,
    };
    // c5 has sizes of its own (9xlarge, 18xlarge); a bare machine is another machine.
    (size != "metal").then(|| format!("{amd}.{size}"))
}

fn named(from: &str, family: &str, size: &str, sizes: &[&str]) -> Option<String> {
    (sizes.contains(&size) && !SHRINKING.contains(&from)).then(|| format!("{family}.{size}"))
}

/// Families whose types have local disks, which a move to the newer family loses.
#[must_use]
pub fn has_local_disks(instance_type: &str) -> bool {
    family_and_size(instance_type)
        .is_some_and(|(family, _)| matches!(family, "m1" | "m2" | "m3" | "c1" | "c3" | "r3"))
}

/// The database class of the present generation in the same size, if the engine's version runs on it.
#[must_use]
pub fn newer_db_class(class: &str, engine: DbEngine, version: &str) -> Option<String> {
    let (family, size) = family_and_size(class)?;
    let (newer, sizes) = match family {
        "t2" => ("t3", BURSTABLE),
        "m3" | "m4" => ("m6i", INTEL_6),
        "r3" | "r4" => ("r6i", INTEL_6),
        _ => return None,
    };
    // Aurora's r6i and t3 run on every version that is still to be had.
    let supported = newer == "t3"
        || match engine {
            DbEngine::Mysql => is_at_least(version, &[8, 0]),
            DbEngine::Mariadb => is_at_least(version, &[10, 4]),
            DbEngine::Postgres => is_at_least(version, &[11]),
            _ => true,
        };
    let target = named(class, newer, size, sizes)?;
    (supported && size != "nano").then(|| format!("db.{target}"))
}

/// The Graviton class of the same size, if the engine's version runs on it.
#[must_use]
pub fn arm_db_class(class: &str, engine: DbEngine, version: &str) -> Option<String> {
    let (family, size) = family_and_size(class)?;
    let (arm, sizes) = match family {
        "t3" => ("t4g", BURSTABLE),
        "m5" | "m6i" => ("m6g", GRAVITON_2),
        "r5" | "r6i" => ("r6g", GRAVITON_2),
        _ => return None,
    };
    let supported = match engine {
        DbEngine::Mysql => is_at_least(version, &[8, 0]),
        DbEngine::Mariadb => is_at_least(version, &[10, 4]),
        DbEngine::Postgres => is_at_least(version, &[12, 7]),
        // Aurora has t4g in medium and large only.
        DbEngine::AuroraMysql => is_at_least(version, &[2, 9, 2]) && aurora_has(arm, size),
        DbEngine::AuroraPostgresql => is_at_least(version, &[11, 9]) && aurora_has(arm, size),
        DbEngine::SqlServer | DbEngine::Oracle | DbEngine::Other => false,
    };
    let target = named(class, arm, size, sizes)?;
    (supported && size != "nano").then(|| format!("db.{target}"))
}

fn aurora_has(family: &str, size: &str) -> bool {
    family != "t4g" || matches!(size, "medium" | "large")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instance_types_keep_their_size() {
        assert_eq!(newer_instance_type("m4.large").as_deref(), Some("m6i.large"));
        assert_eq!(newer_instance_type("m2.xlarge").as_deref(), Some("r6i.xlarge"));
        assert_eq!(newer_instance_type("t1.micro").as_deref(), Some("t3.micro"));
        assert_eq!(arm_instance_type("t3.nano").as_deref(), Some("t4g.nano"));
        assert_eq!(arm_instance_type("c5.4xlarge").as_deref(), Some("c6g.4xlarge"));
    }

    #[test]
    fn a_size_that_is_missing_or_smaller_there_has_no_successor() {
        for old in ["m3.medium", "m4.10xlarge", "c1.xlarge", "c4.8xlarge", "m5.large", "nonsense"] {
            assert_eq!(newer_instance_type(old), None, "{old}");
        }
        for x86 in ["c5.9xlarge", "m5.24xlarge", "c4.8xlarge", "m6g.large", "m5.metal"] {
            assert_eq!(arm_instance_type(x86), None, "{x86}");
        }
    }

    #[test]
    fn a_database_class_needs_an_engine_that_runs_on_it() {
        use DbEngine as E;
        assert_eq!(newer_db_class("db.m4.large", E::Mysql, "8.0.39").as_deref(), Some("db.m6i.large"));
        assert_eq!(newer_db_class("db.m4.large", E::Mysql, "5.7.44"), None);
        assert_eq!(newer_db_class("db.t2.micro", E::Mysql, "5.7.44").as_deref(), Some("db.t3.micro"));
        assert_eq!(arm_db_class("db.r5.large", E::Postgres, "12.7").as_deref(), Some("db.r6g.large"));
        assert_eq!(arm_db_class("db.r5.large", E::Postgres, "12.6"), None);
        assert_eq!(arm_db_class("db.t3.small", E::AuroraPostgresql, "16.4"), None);
        let aurora = arm_db_class("db.t3.medium", E::AuroraMysql, "8.0.mysql_aurora.3.04.0");
        assert_eq!(aurora.as_deref(), Some("db.t4g.medium"));
        assert_eq!(arm_db_class("db.m5.large", E::SqlServer, "15.00"), None);
    }
}
