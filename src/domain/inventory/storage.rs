//! EBS volumes and snapshots.

use super::{Common, Shared};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    #[serde(flatten)]
    pub common: Common,
    pub volume_type: VolumeType,
    pub size_gib: i64,
    /// Provisioned (io1, io2, gp3) or baseline (gp2); 0 where the type has none.
    pub iops: i64,
    /// Provisioned throughput of gp3, 0 elsewhere.
    pub throughput_mibps: i64,
    pub available: bool,
    pub multi_attach: bool,
    /// Attached under a name that images give to the disk they start from.
    #[serde(default)]
    pub boot: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached_to: Vec<Box<str>>,
}

/// What a gp3 volume has without paying for it.
pub const GP3_FREE_IOPS: i64 = 3_000;
pub const GP3_FREE_MIBPS: i64 = 125;

impl Volume {
    /// A smaller one saves less than a dollar beside its snapshot, unless its performance is paid: its use is not
    /// measured, so not judged.
    pub const SMALLEST_MEASURED_GIB: i64 = 30;

    /// Made by the Kubernetes CSI driver: its claim decides about it.
    #[must_use]
    pub fn managed(&self) -> bool {
        self.common
            .tags
            .any_key(|k| k.starts_with("kubernetes.io/created-for/") || k.starts_with("ebs.csi.aws.com/"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VolumeType {
    Gp2,
    Gp3,
    Io1,
    Io2,
    St1,
    Sc1,
    Standard,
    Other,
}

impl VolumeType {
    pub const PRICED: [Self; 7] =
        [Self::Gp2, Self::Gp3, Self::Io1, Self::Io2, Self::St1, Self::Sc1, Self::Standard];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::St1 => "st1",
            Self::Sc1 => "sc1",
            Self::Standard => "standard",
            Self::Other => "other",
        }
    }

    #[must_use]
    pub const fn provisioned_iops(self) -> bool {
        matches!(self, Self::Io1 | Self::Io2)
    }
}

impl fmt::Display for VolumeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for VolumeType {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::PRICED.into_iter().find(|t| t.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    #[serde(flatten)]
    pub common: Common,
    /// AWS writes `vol-ffffffff` where the source is not known (copies).
    pub volume_id: Box<str>,
    /// Size of the source volume: what the snapshot costs at most.
    pub volume_size_gib: i64,
    pub archived: bool,
    pub description: Box<str>,
}

impl Snapshot {
    pub const UNKNOWN_SOURCE: &'static str = "vol-ffffffff";

    /// AWS Backup or Data Lifecycle Manager owns it.
    #[must_use]
    pub fn managed(&self) -> bool {
        super::backup_managed(&self.common.tags)
    }
}

/// A snapshot that AWS keeps ready in a zone, so that volumes made of it are quick at once. Billed by the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FastRestore {
    /// The id is snapshot and zone: `snap-1/us-east-1a`.
    #[serde(flatten)]
    pub common: Common,
    pub snapshot_id: Box<str>,
    pub zone: Shared,
    pub enabled_at: Option<Timestamp>,
}
