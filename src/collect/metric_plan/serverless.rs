//! DynamoDB, Lambda and ECS: daily sums first, hours and percentiles only where they can still change a verdict.

use super::{Dimension, Plan, Request, compute::CPU_WORTH_A_PERCENTILE};
use crate::domain::{
    inventory::{CapacityMode, DynamoIndex, DynamoTable, EcsCluster, EcsService, LambdaFunction, is_roomy},
    metric::{Metric, MetricStore, Summary},
};
use std::collections::HashMap;

/// A day that is this much busier than the average leaves nothing to gain from a fixed capacity.
const MOST_UNEVEN: f64 = 2.0;
/// Lambda's smallest memory.
const LEAST_MEMORY_MB: i64 = 128;

type Named<'a> = &'a [(&'static str, &'a str)];

impl Plan<'_> {
    pub(super) fn want_serverless(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        let tables = &self.inventory.dynamo_tables;
        for table in tables {
            self.want_table(table, known, wanted);
        }
        let by_name: HashMap<&str, &DynamoTable> = tables.iter().map(|t| (&*t.common.id, t)).collect();
        for index in &self.inventory.dynamo_indexes {
            if let Some(table) = by_name.get(&*index.table) {
                self.want_index(index, table, known, wanted);
            }
        }
        for function in &self.inventory.lambda_functions {
            self.want_function(function, known, wanted);
        }
        for service in &self.inventory.ecs_services {
            self.want_service(service, known, wanted);
        }
        for cluster in &self.inventory.ecs_clusters {
            want_cluster(cluster, wanted);
        }
    }

    fn seen<'k>(&self, known: &'k MetricStore, metric: Metric, id: &str) -> Option<&'k Summary> {
        known.summary(metric, self.region, id)
    }

    fn judges_table(&self, table: &DynamoTable) -> bool {
        let alone = table.replica_regions.is_empty();
        table.active && alone && self.window.covers_all_of(table.common.created_at)
    }

    fn want_table(&self, table: &DynamoTable, known: &MetricStore, wanted: &mut Vec<Request>) {
        use Metric::{DynamoProvisioned, DynamoReads, DynamoReadsHourly, DynamoWrites, DynamoWritesHourly};
        if !self.judges_table(table) {
            return;
        }
        let id = &*table.common.id;
        let mut want = |metrics: &[Metric]| wanted.extend(requests(metrics, id, &[("TableName", id)]));
        want(&[DynamoReads, DynamoWrites]);
        let seen = |metric| self.seen(known, metric, id);
        let (Some(reads), Some(writes)) = (seen(DynamoReads), seen(DynamoWrites)) else { return };
        if table.capacity_mode == CapacityMode::OnDemand {
            if is_even(reads) || is_even(writes) {
                want(&[DynamoReadsHourly, DynamoWritesHourly]);
            }
            return;
        }
        if reads.found == 0 && writes.found == 0 {
            want(&[DynamoProvisioned]);
        } else if reads.sum + writes.sum > 0.0 {
            let target = self.thresholds.dynamodb_target_percent;
            let roomy = |units, days: &Summary| is_roomy(units, days.max.max(0.0), target);
            let sides = [
                (table.units.read, reads, DynamoReadsHourly),
                (table.units.write, writes, DynamoWritesHourly),
            ];
            for (units, days, hours) in sides {
                want(if roomy(units, days) { std::slice::from_ref(&hours) } else { &[] });
            }
        }
    }

    fn want_index(
        &self,
        index: &DynamoIndex,
        table: &DynamoTable,
        known: &MetricStore,
        wanted: &mut Vec<Request>,
    ) {
        use Metric::{DynamoReads, DynamoReadsHourly, DynamoWrites, DynamoWritesHourly};
        if !self.judges_table(table) {
            return;
        }
        let id = &*index.common.id;
        let named: Named<'_> =
            &[("TableName", &table.common.id), ("GlobalSecondaryIndexName", &index.index_name)];
        let mut want = |metrics: &[Metric]| wanted.extend(requests(metrics, id, named));
        want(&[DynamoReads]);
        let of_table = |metric| self.seen(known, metric, &table.common.id);
        let (Some(reads), Some(writes)) = (of_table(DynamoReads), of_table(DynamoWrites)) else { return };
        if reads.sum + writes.sum > 0.0 {
            want(&[DynamoWrites]);
            if table.capacity_mode == CapacityMode::OnDemand && (is_even(reads) || is_even(writes)) {
                want(&[DynamoReadsHourly, DynamoWritesHourly]);
            }
        }
    }

    fn want_function(&self, function: &LambdaFunction, known: &MetricStore, wanted: &mut Vec<Request>) {
        if function.edge_replica || !self.window.covers_all_of(function.common.created_at) {
            return;
        }
        let id = &*function.common.id;
        let named: Named<'_> = &[("FunctionName", id)];
        wanted.extend(requests(&[Metric::LambdaInvocations], id, named));
        for provisioned in &function.provisioned {
            let resource = provisioned.resource_of(id);
            let named: Named<'_> = &[("FunctionName", id), ("Resource", &resource)];
            wanted.extend(requests(&[Metric::LambdaProvisionedUse], &resource, named));
        }
        let least = f64::from(self.thresholds.lambda_min_invocations);
        if self.seen(known, Metric::LambdaInvocations, id).is_none_or(|seen| seen.sum < least) {
            return;
        }
        let metrics = [Metric::LambdaDuration, Metric::LambdaDurationMax, Metric::LambdaErrors];
        wanted.extend(requests(&metrics, id, named));
        if (function.insights || function.is_image()) && function.memory_mb > LEAST_MEMORY_MB {
            let metrics = [Metric::LambdaMemoryMax, Metric::LambdaCpuTime];
            wanted.extend(requests(&metrics, id, &[("function_name", id)]));
        }
        let longest = self.seen(known, Metric::LambdaDurationMax, id).map_or(0.0, |seen| seen.max);
        if longest >= function.timeout_ms() {
            wanted.extend(requests(&[Metric::LambdaDurationP90], id, named));
        }
    }

    fn want_service(&self, service: &EcsService, known: &MetricStore, wanted: &mut Vec<Request>) {
        if service.fargate_task().is_none() || !self.window.covers_all_of(service.common.created_at) {
            return;
        }
        let id = &*service.common.id;
        let named: Named<'_> = &[("ClusterName", &service.cluster), ("ServiceName", &service.service_name)];
        wanted.extend(requests(&[Metric::EcsCpuMax, Metric::EcsMemoryMax], id, named));
        if self.seen(known, Metric::EcsCpuMax, id).is_some_and(|cpu| cpu.max > CPU_WORTH_A_PERCENTILE) {
            wanted.extend(requests(&[Metric::EcsCpuP995], id, named));
        }
    }
}

/// Only machines of one's own can be too many.
fn want_cluster(cluster: &EcsCluster, wanted: &mut Vec<Request>) {
    if cluster.active && cluster.container_instances > 0 {
        let id = &*cluster.common.id;
        wanted.extend(requests(&[Metric::EcsCpuMax, Metric::EcsMemoryMax], id, &[("ClusterName", id)]));
    }
}

/// Consumption without days that stand out.
fn is_even(days: &Summary) -> bool {
    days.sum > 0.0 && days.sum * MOST_UNEVEN >= days.max * f64::from(days.expected)
}

fn requests(metrics: &[Metric], id: &str, named: Named<'_>) -> impl Iterator<Item = Request> {
    let dimensions: Vec<Dimension> =
        named.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    metrics.iter().map(move |metric| Request {
        metric: *metric,
        id: id.into(),
        dimensions: dimensions.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        collect::window::Window,
        domain::{
            inventory::{Architecture, CapacityUnits, Common, TableClass},
            metric::Series,
            region::Region,
            snapshot::Inventory,
            thresholds::Thresholds,
        },
    };

    fn common(id: &str) -> Common {
        let created_at = Some("2026-01-01T00:00:00Z".parse().unwrap());
        Common { created_at, ..Common::new(Region::global(), id) }
    }

    fn table(capacity_mode: CapacityMode) -> Inventory {
        let table = DynamoTable {
            common: common("orders"),
            active: true,
            capacity_mode,
            units: CapacityUnits { read: 100, write: 100 },
            table_class: TableClass::Standard,
            size_bytes: 0,
            replica_regions: vec![],
            deletion_protection: false,
            time_key: None,
            expires_items: None,
            point_in_time_recovery: None,
            class_changed_at: None,
        };
        Inventory { dynamo_tables: vec![table], ..Inventory::default() }
    }

    fn function() -> LambdaFunction {
        LambdaFunction {
            common: common("checkout"),
            runtime: Some("python3.12".into()),
            architecture: Architecture::X86_64,
            memory_mb: 1_024,
            timeout_seconds: 3,
            layers: 0,
            insights: false,
            edge_replica: false,
            provisioned: vec![],
        }
    }

    /// What is asked for once some metrics are known; a value for each of 14 days.
    fn asked(inventory: &Inventory, seen: &[(Metric, &str, &[f64])]) -> Vec<Metric> {
        let mut known = MetricStore::default();
        for (metric, id, days) in seen {
            known.insert(*metric, &Region::global(), id, Series::Summary(Summary::of(days, 14)));
        }
        let mut plan = Plan {
            inventory,
            thresholds: &Thresholds::default(),
            window: Window::ending_at("2026-07-01T12:00:00Z".parse().unwrap(), 14),
            region: &Region::global(),
            asked: seen.iter().map(|(metric, id, _)| (*metric, Box::from(*id))).collect(),
        };
        plan.next_round(&known).into_iter().map(|request| request.metric).collect()
    }

    #[test]
    fn hours_of_a_table_are_asked_for_where_its_days_leave_room() {
        use Metric::{DynamoReads, DynamoReadsHourly, DynamoWrites, DynamoWritesHourly};
        let provisioned = table(CapacityMode::Provisioned);
        assert_eq!(asked(&provisioned, &[]), [DynamoReads, DynamoWrites]);
        let day = |units_a_second: f64| [units_a_second * 86_400.0; 14];
        let days = |reads: &[f64], writes: &[f64]| {
            asked(&provisioned, &[(DynamoReads, "orders", reads), (DynamoWrites, "orders", writes)])
        };
        assert_eq!(days(&day(90.0), &day(10.0)), [DynamoWritesHourly]);
        assert_eq!(days(&day(0.0), &day(0.0)), [], "unused: no hour can add to that");
        assert_eq!(days(&[], &[]), [Metric::DynamoProvisioned], "nothing at all: is it published?");
        let on_demand = table(CapacityMode::OnDemand);
        let burst = [0.0, 0.0, 0.0, 9e9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let quiet = asked(&on_demand, &[(DynamoReads, "orders", &burst), (DynamoWrites, "orders", &burst)]);
        assert_eq!(quiet, []);
        let even = [(DynamoReads, "orders", &day(9.0)[..]), (DynamoWrites, "orders", &burst)];
        assert_eq!(asked(&on_demand, &even), [DynamoReadsHourly, DynamoWritesHourly]);
    }

    #[test]
    fn a_function_that_is_hardly_called_is_not_measured() {
        use Metric::{LambdaDuration, LambdaDurationMax, LambdaDurationP90, LambdaErrors, LambdaInvocations};
        let of = |function: LambdaFunction, seen: &[(Metric, &str, &[f64])]| {
            asked(&Inventory { lambda_functions: vec![function], ..Inventory::default() }, seen)
        };
        assert_eq!(of(function(), &[]), [LambdaInvocations]);
        assert_eq!(of(function(), &[(LambdaInvocations, "checkout", &[49.0])]), []);
        let called = (LambdaInvocations, "checkout", &[50.0][..]);
        let usual = [LambdaDuration, LambdaDurationMax, LambdaErrors];
        assert_eq!(of(function(), &[called]), usual);
        let insights = of(LambdaFunction { insights: true, ..function() }, &[called]);
        assert_eq!(insights[3..], [Metric::LambdaMemoryMax, Metric::LambdaCpuTime]);
        let slow = of(function(), &[called, (LambdaDurationMax, "checkout", &[3_000.0])]);
        assert!(slow.contains(&LambdaDurationP90));
        assert_eq!(of(LambdaFunction { edge_replica: true, ..function() }, &[]), []);
    }
}
