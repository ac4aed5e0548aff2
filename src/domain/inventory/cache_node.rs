//! What the node types of `ElastiCache` offer, and which replaces which.
//!
//! Source: "Supported node types" of the Amazon `ElastiCache` User Guide, read 2026-11. A size that a family lacks has no
//! specification. Nodes with data tiering (`r6gd`) and bandwidth-optimised ones (`c7gn`) are left out on purpose.

/// Size, vCPUs, memory in hundredths of a GiB.
type Size = (&'static str, i64, i64);

const T2: &[Size] = &[("micro", 1, 55), ("small", 1, 155), ("medium", 2, 322)];
const T3: &[Size] = &[("micro", 2, 50), ("small", 2, 137), ("medium", 2, 309)];
const M3: &[Size] = &[("medium", 1, 278), ("large", 2, 605), ("xlarge", 4, 1_330), ("2xlarge", 8, 2_790)];
const M4: &[Size] = &[
    ("large", 2, 642),
    ("xlarge", 4, 1_428),
    ("2xlarge", 8, 2_970),
    ("4xlarge", 16, 6_078),
    ("10xlarge", 40, 15_464),
];
const M5: &[Size] = &[
    ("large", 2, 638),
    ("xlarge", 4, 1_293),
    ("2xlarge", 8, 2_604),
    ("4xlarge", 16, 5_226),
    ("12xlarge", 48, 15_712),
    ("24xlarge", 96, 31_432),
];
const M_GRAVITON: &[Size] = &[
    ("large", 2, 638),
    ("xlarge", 4, 1_293),
    ("2xlarge", 8, 2_604),
    ("4xlarge", 16, 5_226),
    ("8xlarge", 32, 10_368),
    ("12xlarge", 48, 15_712),
    ("16xlarge", 64, 20_955),
];
const R3: &[Size] = &[
    ("large", 2, 1_350),
    ("xlarge", 4, 2_840),
    ("2xlarge", 8, 5_820),
    ("4xlarge", 16, 11_800),
    ("8xlarge", 32, 23_700),
];
const R4: &[Size] = &[
    ("large", 2, 1_230),
    ("xlarge", 4, 2_505),
    ("2xlarge", 8, 5_047),
    ("4xlarge", 16, 10_138),
    ("8xlarge", 32, 20_326),
    ("16xlarge", 64, 40_700),
];
const R5: &[Size] = &[
    ("large", 2, 1_307),
    ("xlarge", 4, 2_632),
    ("2xlarge", 8, 5_282),
    ("4xlarge", 16, 10_581),
    ("12xlarge", 48, 31_777),
    ("24xlarge", 96, 63_561),
];
const R_GRAVITON: &[Size] = &[
    ("large", 2, 1_307),
    ("xlarge", 4, 2_632),
    ("2xlarge", 8, 5_282),
    ("4xlarge", 16, 10_581),
    ("8xlarge", 32, 20_955),
    ("12xlarge", 48, 31_777),
    ("16xlarge", 64, 41_909),
];

/// The sizes of a family, smallest first.
fn sizes(family: &str) -> &'static [Size] {
    match family {
        "t2" => T2,
        "t3" | "t4g" => T3,
        "m3" => M3,
        "m4" => M4,
        "m5" => M5,
        "m6g" | "m7g" => M_GRAVITON,
        "r3" => R3,
        "r4" => R4,
        "r5" => R5,
        "r6g" | "r7g" => R_GRAVITON,
        _ => &[],
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheNodeSpec {
    pub vcpus: i64,
    pub memory_mib: i64,
    /// How much of its CPU a node may use all the time: burstable ones have a baseline.
    pub cpu_percent: i64,
}

/// What a node type offers; none where this table does not know it.
#[must_use]
pub fn find_cache_node(node_type: &str) -> Option<CacheNodeSpec> {
    let (family, size) = parts(node_type)?;
    let (_, vcpus, hundredths) = sizes(family).iter().find(|(name, ..)| *name == size)?;
    let cpu_percent = match (family.starts_with('t'), size) {
        (false, _) => 100,
        (true, "micro") => 10,
        (true, _) => 20,
    };
    Some(CacheNodeSpec { vcpus: *vcpus, memory_mib: hundredths * 1_024 / 100, cpu_percent })
}

/// The next smaller node type of the same family: `cache.m5.xlarge` → `cache.m5.large`.
#[must_use]
pub fn smaller_cache_node(node_type: &str) -> Option<String> {
    let (family, size) = parts(node_type)?;
    let place = sizes(family).iter().position(|(name, ..)| *name == size)?;
    let (smaller, ..) = sizes(family).get(place.checked_sub(1)?)?;
    Some(format!("cache.{family}.{smaller}"))
}

/// The same size with a Graviton processor.
#[must_use]
pub fn arm_cache_node(node_type: &str) -> Option<String> {
    in_family(node_type, |family| match family {
        "t2" | "t3" => Some("t4g"),
        "m3" | "m4" | "m5" => Some("m6g"),
        "r3" | "r4" | "r5" => Some("r6g"),
        _ => None,
    })
}

/// The same size in the present generation of the same processor, for those of an old one.
#[must_use]
pub fn newer_cache_node(node_type: &str) -> Option<String> {
    in_family(node_type, |family| match family {
        "t2" => Some("t3"),
        "m3" | "m4" => Some("m5"),
        "r3" | "r4" => Some("r5"),
        _ => None,
    })
}

fn in_family(node_type: &str, newer: fn(&str) -> Option<&'static str>) -> Option<String> {
    let (family, size) = parts(node_type)?;
    let target = format!("cache.{}.{size}", newer(family)?);
    find_cache_node(&target).map(|_| target)
}

fn parts(node_type: &str) -> Option<(&str, &str)> {
    node_type.strip_prefix("cache.")?.split_once('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_what_aws_lists() {
        let of = |name| find_cache_node(name).map(|spec| (spec.vcpus, spec.memory_mib, spec.cpu_percent));
        assert_eq!(of("cache.r6g.large"), Some((2, 13_383, 100)));
        assert_eq!(of("cache.t4g.micro"), Some((2, 512, 10)));
        assert_eq!(of("cache.m5.8xlarge"), None);
        assert_eq!(of("db.m5.large"), None);
    }

    #[test]
    fn families_skip_sizes() {
        assert_eq!(smaller_cache_node("cache.m5.12xlarge").as_deref(), Some("cache.m5.4xlarge"));
        assert_eq!(smaller_cache_node("cache.m6g.large"), None);
    }

    #[test]
    fn a_replacement_has_the_same_size() {
        assert_eq!(arm_cache_node("cache.r5.xlarge").as_deref(), Some("cache.r6g.xlarge"));
        assert_eq!(newer_cache_node("cache.m4.large").as_deref(), Some("cache.m5.large"));
        for none in ["cache.m3.medium", "cache.m5.24xlarge", "cache.r7g.large", "nonsense"] {
            assert_eq!(arm_cache_node(none), None, "{none}");
        }
    }
}
