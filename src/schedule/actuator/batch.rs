//! What goes into one call: one region, kind and action; starts of instances by type and zone.

use super::super::Order;
use crate::domain::{
    region::Region,
    schedule::{Action, TargetKind},
};
use std::collections::BTreeMap;

/// EC2 documents no number; more in one call makes one bad id dearer.
const INSTANCES_A_CALL: usize = 50;

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub region: Region,
    pub kind: TargetKind,
    pub action: Action,
    pub orders: Vec<Order>,
}

impl Batch {
    pub fn with(&self, orders: Vec<Order>) -> Self {
        Self { region: self.region.clone(), orders, ..*self }
    }

    pub fn halves(&self) -> Option<(Self, Self)> {
        let (first, second) = self.orders.split_at(self.orders.len().div_ceil(2));
        (!second.is_empty()).then(|| (self.with(first.to_vec()), self.with(second.to_vec())))
    }

    /// What IAM calls it.
    pub const fn iam_action(&self) -> &'static str {
        match (self.kind, self.action) {
            (TargetKind::Instance, Action::Start) => "ec2:StartInstances",
            (TargetKind::Instance, Action::Stop) => "ec2:StopInstances",
            (TargetKind::DbInstance, Action::Start) => "rds:StartDBInstance",
            (TargetKind::DbInstance, Action::Stop) => "rds:StopDBInstance",
            (TargetKind::DbCluster, Action::Start) => "rds:StartDBCluster",
            (TargetKind::DbCluster, Action::Stop) => "rds:StopDBCluster",
        }
    }
}

/// All orders, in batches: stops first, since they save and free capacity.
pub(super) fn batches(orders: Vec<Order>) -> Vec<Batch> {
    let mut groups: BTreeMap<(bool, Region, TargetKind, Box<str>), Vec<Order>> = BTreeMap::new();
    for order in orders {
        let (target, action) = (order.proof().target(), order.proof().action());
        let starts = action == Action::Start;
        let group: Box<str> = if starts { order.proof().group().into() } else { Box::default() };
        groups.entry((starts, target.region.clone(), target.kind, group)).or_default().push(order);
    }
    groups
        .into_iter()
        .flat_map(|((starts, region, kind, _), orders)| cut(starts, &region, kind, &orders))
        .collect()
}

fn cut(starts: bool, region: &Region, kind: TargetKind, orders: &[Order]) -> Vec<Batch> {
    let action = if starts { Action::Start } else { Action::Stop };
    let size = if kind == TargetKind::Instance { INSTANCES_A_CALL } else { 1 };
    let batch = |orders: &[Order]| Batch { region: region.clone(), kind, action, orders: orders.to_vec() };
    orders.chunks(size).map(batch).collect()
}
