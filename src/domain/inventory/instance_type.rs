//! What an instance type offers; the catalogue of one region's types.

use super::{Architecture, Shared};
use crate::domain::region::Region;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceTypeSpec {
    pub name: Shared,
    pub vcpus: i64,
    pub memory_mib: i64,
    pub architectures: Vec<Architecture>,
    pub current_generation: bool,
    pub burstable: bool,
    /// A GPU or another accelerator.
    pub gpu: bool,
    /// How many GPUs of NVIDIA and the like; none of the other accelerators.
    #[serde(default)]
    pub gpus: i64,
    pub instance_storage: bool,
    pub bare_metal: bool,
    /// `nitro`, `xen` or empty.
    pub hypervisor: Shared,
    /// Baseline network bandwidth in Mbit/s, 0 where AWS gives none.
    pub network_baseline_mbps: i64,
    /// Baseline EBS throughput in Mbit/s, 0 where AWS gives none.
    pub ebs_baseline_mbps: i64,
    /// Baseline EBS operations a second, 0 where AWS gives none.
    #[serde(default)]
    pub ebs_baseline_iops: i64,
}

/// The types offered in each region, as far as they can matter to the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InstanceTypeCatalog(BTreeMap<Region, BTreeMap<Shared, InstanceTypeSpec>>);

impl InstanceTypeCatalog {
    pub fn insert(&mut self, region: Region, spec: InstanceTypeSpec) {
        self.0.entry(region).or_default().insert(spec.name.clone(), spec);
    }

    #[must_use]
    pub fn get(&self, region: &Region, name: &str) -> Option<&InstanceTypeSpec> {
        self.0.get(region)?.get(name)
    }

    /// All types of a region, by name.
    pub fn in_region(&self, region: &Region) -> impl Iterator<Item = &InstanceTypeSpec> {
        self.0.get(region).into_iter().flat_map(BTreeMap::values)
    }
}

/// `m5.large` → (`m5`, `large`); also of a database class without its `db.`.
#[must_use]
pub fn family_and_size(instance_type: &str) -> Option<(&str, &str)> {
    instance_type.strip_prefix("db.").unwrap_or(instance_type).split_once('.')
}
