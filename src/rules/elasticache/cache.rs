//! What is made, changed, billed and deleted as one: a replication group with its nodes, or a cluster that stands alone.

use super::{Amounts, Bill, Case, Judgement, cache_support::find_surcharge, case::key};
use crate::domain::{
    figure::{Figure, Rate},
    finding::{Finding, UnknownReason, Verdicts},
    inventory::{CacheCluster, CacheEngine, Common, ReplicationGroup},
    price::PriceKey,
    price_item::Item,
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// All nodes are of one type and engine.
pub struct Cache<'a> {
    pub owner: Owner<'a>,
    /// One of them, for what all have in common.
    pub node: &'a CacheCluster,
    pub members: Vec<&'a CacheCluster>,
}

#[derive(Clone, Copy)]
pub enum Owner<'a> {
    Group(&'a ReplicationGroup),
    Alone(&'a CacheCluster),
}

/// Asks the judge about each cache that is up and not part of a global datastore, which changes as a whole.
pub fn judge_caches(case: &Case<'_>, judge: impl Fn(&Case<'_>, &Cache<'_>) -> Judgement) -> Verdicts {
    let inventory = &case.snapshot.inventory;
    let mut members: HashMap<_, Vec<&CacheCluster>> = HashMap::new();
    for cluster in &inventory.cache_clusters {
        if let Some(group) = &cluster.group_id {
            members.entry((&cluster.common.region, &**group)).or_default().push(cluster);
        }
    }
    let mut verdicts = case.judge_each(&inventory.replication_groups, |case, group| {
        if &*group.status != "available" || group.global {
            return Ok(None);
        }
        let mut members = members.get(&key(&group.common)).cloned().unwrap_or_default();
        members.sort_by(|a, b| a.common.id.cmp(&b.common.id));
        let whole = members.len() == group.member_ids.len();
        let node = *members.first().filter(|_| whole).ok_or(UnknownReason::InventoryIncomplete)?;
        judge(case, &Cache { owner: Owner::Group(group), node, members })
    });
    verdicts.merge(case.judge_each(&inventory.cache_clusters, |case, cluster| {
        if cluster.group_id.is_some() || &*cluster.status != "available" {
            return Ok(None);
        }
        judge(case, &Cache { owner: Owner::Alone(cluster), node: cluster, members: vec![cluster] })
    }));
    verdicts
}

impl<'a> Cache<'a> {
    pub fn common(&self) -> &'a Common {
        match self.owner {
            Owner::Group(group) => &group.common,
            Owner::Alone(cluster) => &cluster.common,
        }
    }

    pub fn engine(&self) -> CacheEngine {
        self.node.engine
    }

    pub fn nodes(&self) -> i64 {
        self.members.iter().fold(0, |nodes, member| member.nodes.max(0).saturating_add(nodes))
    }

    pub fn finding(&self, case: &Case<'_>, amounts: Amounts<'_>) -> Finding {
        match self.owner {
            Owner::Group(group) => case.finding(group, amounts),
            Owner::Alone(cluster) => case.finding(cluster, amounts),
        }
    }

    /// An hour of one node of that type and engine.
    pub fn node_hour(
        &self,
        bill: &mut Bill<'_>,
        node_type: &str,
        engine: CacheEngine,
    ) -> Result<Rate, UnknownReason> {
        let name = format!("{node_type}/{engine}");
        bill.price(PriceKey::named(Item::CacheNode, &self.common().region, &name))
    }

    /// A month of all nodes as they are.
    pub fn cost(&self, bill: &mut Bill<'_>) -> Result<Figure, UnknownReason> {
        Ok(self.node_hour(bill, &self.node.node_type, self.engine())?.monthly(self.nodes()))
    }

    /// What is charged on top of all nodes for an engine that is past its standard support.
    pub fn surcharge(&self, case: &Case<'_>, bill: &mut Bill<'_>) -> Result<Option<Figure>, UnknownReason> {
        let Some(surcharge) = find_surcharge(self.node, case.today()) else { return Ok(None) };
        let item = if surcharge.third_year { Item::CacheSupportYear3 } else { Item::CacheSupport };
        let key = PriceKey::named(item, &self.common().region, &self.node.node_type);
        Ok(Some(bill.price(key)?.monthly(self.nodes())))
    }

    pub fn describe(&self) -> Value {
        self.as_if(&self.node.node_type, self.engine())
    }

    /// The same with other nodes.
    pub fn as_if(&self, node_type: &str, engine: CacheEngine) -> Value {
        json!({"engine": engine.as_str(), "nodeType": node_type, "nodes": self.nodes()})
    }
}
