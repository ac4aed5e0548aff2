//! Reads and writes: the two sides of a capacity, which are measured, scaled and priced alike.

use super::consumption::Consumed;
use crate::domain::{
    inventory::{CapacityUnits, TableClass},
    metric::{Metric, Summary},
    price_item::Item,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Read,
    Write,
}

impl Side {
    pub const BOTH: [Self; 2] = [Self::Read, Self::Write];

    pub const fn units(self, units: CapacityUnits) -> i64 {
        match self {
            Self::Read => units.read,
            Self::Write => units.write,
        }
    }

    pub const fn with_units(self, units: CapacityUnits, changed: i64) -> CapacityUnits {
        match self {
            Self::Read => CapacityUnits { read: changed, ..units },
            Self::Write => CapacityUnits { write: changed, ..units },
        }
    }

    pub const fn consumed(self, consumed: &Consumed) -> &Summary {
        match self {
            Self::Read => &consumed.reads,
            Self::Write => &consumed.writes,
        }
    }

    pub const fn daily(self) -> Metric {
        match self {
            Self::Read => Metric::DynamoReads,
            Self::Write => Metric::DynamoWrites,
        }
    }

    pub const fn hourly(self) -> Metric {
        match self {
            Self::Read => Metric::DynamoReadsHourly,
            Self::Write => Metric::DynamoWritesHourly,
        }
    }

    /// An hour of one unit.
    pub const fn unit_hour(self, class: TableClass) -> Item {
        match (self, class) {
            (Self::Read, TableClass::Standard) => Item::DynamoReadUnitHour,
            (Self::Write, TableClass::Standard) => Item::DynamoWriteUnitHour,
            (Self::Read, TableClass::InfrequentAccess) => Item::DynamoIaReadUnitHour,
            (Self::Write, TableClass::InfrequentAccess) => Item::DynamoIaWriteUnitHour,
        }
    }

    /// A million requests on demand.
    pub const fn million(self, class: TableClass) -> Item {
        match (self, class) {
            (Self::Read, TableClass::Standard) => Item::DynamoReads,
            (Self::Write, TableClass::Standard) => Item::DynamoWrites,
            (Self::Read, TableClass::InfrequentAccess) => Item::DynamoIaReads,
            (Self::Write, TableClass::InfrequentAccess) => Item::DynamoIaWrites,
        }
    }

    /// What Application Auto Scaling calls it.
    pub const fn dimension(self) -> &'static str {
        match self {
            Self::Read => "dynamodb:table:ReadCapacityUnits",
            Self::Write => "dynamodb:table:WriteCapacityUnits",
        }
    }

    pub const fn utilisation(self) -> &'static str {
        match self {
            Self::Read => "DynamoDBReadCapacityUtilization",
            Self::Write => "DynamoDBWriteCapacityUtilization",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}
