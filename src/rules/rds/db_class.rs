//! What database classes offer: vCPUs and memory by family and size.
//!
//! Source: "Hardware specifications for DB instance classes" of the Amazon RDS User Guide and the Aurora
//! User Guide, read 2026-11. Oracle's `.tpc.mem` classes, `metal` and serverless are left out on purpose.

use crate::domain::inventory::family_and_size;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DbClassSpec {
    pub vcpus: i64,
    pub memory_mib: i64,
}

/// What the class offers; none where this table does not know it.
#[must_use]
pub fn find_class(class: &str) -> Option<DbClassSpec> {
    let (family, size) = family_and_size(class)?;
    if let Some((_, vcpus, memory_gib)) = burstable(family).iter().find(|(name, ..)| *name == size) {
        return Some(DbClassSpec { vcpus: *vcpus, memory_mib: memory_gib * 1024 });
    }
    sizes(family).contains(&size).then_some(())?;
    let vcpus = vcpus_of(size)?;
    Some(DbClassSpec { vcpus, memory_mib: vcpus * memory_mib_per_vcpu(family)? })
}

/// The next smaller class of the same family: `db.m5.xlarge` → `db.m5.large`.
#[must_use]
pub fn one_size_down(class: &str) -> Option<String> {
    let (family, size) = family_and_size(class)?;
    let burstable: Vec<&str> = burstable(family).iter().map(|(name, ..)| *name).collect();
    let sizes = if burstable.is_empty() { sizes(family) } else { &burstable };
    let place = sizes.iter().position(|name| *name == size)?;
    sizes.get(place.checked_sub(1)?).map(|smaller| format!("db.{family}.{smaller}"))
}

/// (size, vCPUs, memory in GiB), smallest first.
fn burstable(family: &str) -> &'static [(&'static str, i64, i64)] {
    const T2: &[(&str, i64, i64)] = &[
        ("micro", 1, 1),
        ("small", 1, 2),
        ("medium", 2, 4),
        ("large", 2, 8),
        ("xlarge", 4, 16),
        ("2xlarge", 8, 32),
    ];
    const T3: &[(&str, i64, i64)] = &[
        ("micro", 2, 1),
        ("small", 2, 2),
        ("medium", 2, 4),
        ("large", 2, 8),
        ("xlarge", 4, 16),
        ("2xlarge", 8, 32),
    ];
    match family {
        "t2" => T2,
        "t3" | "t4g" => T3,
        _ => &[],
    }
}

/// The sizes of a family, smallest first.
fn sizes(family: &str) -> &'static [&'static str] {
    const UP_TO_48: &[&str] =
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"];
    const UP_TO_32: &[&str] =
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"];
    const UP_TO_24: &[&str] =
        &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
    const UP_TO_16: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
    match family {
        "m7i" | "r7i" | "m8g" | "m8gd" | "r8g" | "r8gd" => UP_TO_48,
        "m6i" | "m6id" | "m6in" | "m6idn" | "r6i" | "r6id" | "r6in" | "r6idn" => UP_TO_32,
        "m5" | "m5d" | "r5" | "r5b" | "r5d" => UP_TO_24,
        "m6g" | "m6gd" | "m7g" | "r6g" | "r6gd" | "r7g" | "x2g" => UP_TO_16,
        "m4" => &["large", "xlarge", "2xlarge", "4xlarge", "10xlarge", "16xlarge"],
        "r4" => &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"],
        "r3" => &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge"],
        "m3" => &["medium", "large", "xlarge", "2xlarge"],
        "x2idn" => &["16xlarge", "24xlarge", "32xlarge"],
        "x2iedn" => &["xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge", "24xlarge", "32xlarge"],
        _ => &[],
    }
}

/// `large` has 2, `xlarge` 4, `4xlarge` 16: so in every family but the burstable ones.
fn vcpus_of(size: &str) -> Option<i64> {
    match size {
        "medium" => Some(1),
        "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<i64>().ok().map(|times| times * 4),
    }
}

fn memory_mib_per_vcpu(family: &str) -> Option<i64> {
    match family {
        "m3" => Some(3_840),
        "r3" | "r4" => Some(7_808),
        "x2g" | "x2idn" => Some(16_384),
        "x2iedn" => Some(32_768),
        other if other.starts_with('m') => Some(4_096),
        other if other.starts_with('r') => Some(8_192),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_the_figures_of_the_user_guide() {
        for (class, vcpus, memory_mib) in [
            ("db.m5.xlarge", 4, 16 * 1024),
            ("db.r6g.16xlarge", 64, 512 * 1024),
            ("db.r6i.32xlarge", 128, 1024 * 1024),
            ("db.r4.large", 2, 15_616),
            ("db.r3.8xlarge", 32, 244 * 1024),
            ("db.m3.medium", 1, 3_840),
            ("db.m4.10xlarge", 40, 160 * 1024),
            ("db.t2.small", 1, 2 * 1024),
            ("db.t4g.micro", 2, 1024),
            ("db.x2iedn.xlarge", 4, 128 * 1024),
        ] {
            assert_eq!(find_class(class), Some(DbClassSpec { vcpus, memory_mib }), "{class}");
        }
    }

    #[test]
    fn what_the_table_does_not_know_is_unknown() {
        for class in ["db.serverless", "db.r5.large.tpc1.mem2x", "db.m6g.24xlarge", "db.m99.large", ""] {
            assert_eq!(find_class(class), None, "{class}");
        }
    }

    #[test]
    fn one_size_down_stays_in_the_family() {
        assert_eq!(one_size_down("db.m5.xlarge").as_deref(), Some("db.m5.large"));
        assert_eq!(one_size_down("db.m4.16xlarge").as_deref(), Some("db.m4.10xlarge"));
        assert_eq!(one_size_down("db.t3.small").as_deref(), Some("db.t3.micro"));
        assert_eq!(one_size_down("db.t3.micro"), None);
        assert_eq!(one_size_down("db.m5.large"), None);
        assert_eq!(one_size_down("db.serverless"), None);
    }
}
