//! ECS clusters, their services and, for Fargate, what each task is given.
//!
//! AWS lists names only; they are described by the hundred (clusters) and by ten (services), and each revision of a
//! task definition once. Environment, secrets and commands of containers come with it; they are dropped here, unread.

use super::{
    Collector, Listing, Turn,
    detail::{Detail, all_complete},
    scope::{Incomplete, Scope},
    wire,
};
use crate::domain::{
    inventory::{Architecture, EcsCapacity, EcsCluster, EcsService, ResourceKind, TaskSize},
    region::Region,
    snapshot::Inventory,
    tags::Tags,
};
use aws_sdk_ecs::{
    Client,
    operation::{list_clusters::ListClustersOutput, list_services::ListServicesOutput},
    types as sdk,
};
use std::collections::BTreeMap;

const CLUSTERS: &str = "ecs:ListClusters";
const CLUSTER_DETAILS: &str = "ecs:DescribeClusters";
const SERVICES: &str = "ecs:ListServices";
const SERVICE_DETAILS: &str = "ecs:DescribeServices";
const TASKS: &str = "ecs:DescribeTaskDefinition";

pub(super) const COLLECTOR: Collector = Collector {
    name: "ecs clusters and services",
    actions: &[CLUSTERS, CLUSTER_DETAILS, SERVICES, SERVICE_DETAILS, TASKS],
    listing: Some(Listing {
        kind: ResourceKind::EcsCluster,
        turn: Turn::First,
        fetch: |scope, found| Box::pin(fetch(scope, found)),
    }),
};

/// AWS's limits for one call.
const MOST_CLUSTERS: usize = 100;
const MOST_SERVICES: usize = 10;

struct Details<'a> {
    client: Client,
    scope: &'a Scope<'a>,
    clusters: Detail<'a>,
    services: Detail<'a>,
    tasks: Detail<'a>,
}

/// A service with the ARN of the revision that it runs.
type Running = (Option<String>, EcsService);

async fn fetch(scope: &Scope<'_>, found: &mut Inventory) -> Result<(), Incomplete> {
    let client = scope.session.ecs(&scope.region);
    let mut arns = Vec::new();
    let fetch = |token| client.list_clusters().max_results(100).set_next_token(token).send();
    let take = |page: ListClustersOutput| {
        arns.extend(page.cluster_arns.unwrap_or_default());
        page.next_token
    };
    let listed = scope.page_through(CLUSTERS, fetch, take).await;
    let detail = |action| Detail::new(scope, action);
    let (clusters, services, tasks) = (detail(CLUSTER_DETAILS), detail(SERVICE_DETAILS), detail(TASKS));
    let details = Details { client, scope, clusters, services, tasks };
    let (described, services) =
        tokio::join!(details.read_clusters(&arns, &mut found.ecs_clusters), details.read_all_services(&arns));
    let (read, mut services) = services;
    let sized = details.read_tasks(&mut services).await;
    found.ecs_services.extend(services.into_iter().map(|(_, service)| service));
    listed.and(described).and(read).and(sized)
}

impl Details<'_> {
    async fn read_clusters(&self, arns: &[String], found: &mut Vec<EcsCluster>) -> Result<(), Incomplete> {
        for arns in arns.chunks(MOST_CLUSTERS) {
            let call = self.client.describe_clusters().set_clusters(Some(arns.to_vec()));
            let reply = self.clusters.ask(call.include(sdk::ClusterField::Tags).send()).await?;
            let clusters = reply.and_then(|reply| reply.clusters).unwrap_or_default().into_iter();
            found.extend(clusters.filter_map(|cluster| map_cluster(cluster, &self.scope.region)));
        }
        Ok(())
    }

    async fn read_all_services(&self, clusters: &[String]) -> (Result<(), Incomplete>, Vec<Running>) {
        let mut read: Vec<(&String, Vec<Running>)> = clusters.iter().map(|arn| (arn, Vec::new())).collect();
        let reads = read.iter_mut().map(|(arn, found)| self.read_services(arn, found)).collect();
        let complete = all_complete(reads).await;
        (complete, read.into_iter().flat_map(|(_, found)| found).collect())
    }

    async fn read_services(&self, cluster: &str, found: &mut Vec<Running>) -> Result<(), Incomplete> {
        let mut arns = Vec::new();
        let fetch = |token| {
            self.client.list_services().cluster(cluster).max_results(100).set_next_token(token).send()
        };
        let take = |page: ListServicesOutput| {
            arns.extend(page.service_arns.unwrap_or_default());
            page.next_token
        };
        let listed = self.scope.page_through(SERVICES, fetch, take).await;
        for arns in arns.chunks(MOST_SERVICES) {
            let call = self.client.describe_services().cluster(cluster).set_services(Some(arns.to_vec()));
            let reply = self.services.ask(call.include(sdk::ServiceField::Tags).send()).await?;
            let services = reply.and_then(|reply| reply.services).unwrap_or_default().into_iter();
            found.extend(services.filter_map(|service| map_service(service, &self.scope.region)));
        }
        listed
    }

    /// Many services may run one revision.
    async fn read_tasks(&self, services: &mut [Running]) -> Result<(), Incomplete> {
        let on_fargate = services.iter().filter(|(_, service)| service.capacity != EcsCapacity::Other);
        let mut sizes: BTreeMap<String, Option<TaskSize>> =
            on_fargate.filter_map(|(revision, _)| Some((revision.clone()?, None))).collect();
        let reads = sizes.iter_mut().map(|(revision, size)| self.read_task(revision, size)).collect();
        let complete = all_complete(reads).await;
        for (revision, service) in services {
            service.task = revision.as_ref().and_then(|revision| sizes.get(revision).cloned().flatten());
        }
        complete
    }

    async fn read_task(&self, revision: &str, size: &mut Option<TaskSize>) -> Result<(), Incomplete> {
        let call = self.client.describe_task_definition().task_definition(revision);
        let reply = self.tasks.ask(call.send()).await?;
        *size = reply.and_then(|reply| map_task(reply.task_definition?));
        Ok(())
    }
}

fn tags(list: Option<Vec<sdk::Tag>>) -> Tags {
    wire::tags(list, |tag| (tag.key, tag.value))
}

/// What stands behind the last slash of an ARN.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn map_cluster(cluster: sdk::Cluster, region: &Region) -> Option<EcsCluster> {
    Some(EcsCluster {
        common: wire::common(region, cluster.cluster_name, tags(cluster.tags), None)?,
        active: cluster.status.as_deref() == Some("ACTIVE"),
        container_instances: cluster.registered_container_instances_count.into(),
        running_tasks: cluster.running_tasks_count.into(),
        pending_tasks: cluster.pending_tasks_count.into(),
        active_services: cluster.active_services_count.into(),
    })
}

fn map_service(service: sdk::Service, region: &Region) -> Option<Running> {
    let (cluster, name) = (service.cluster_arn?, service.service_name?);
    let id = format!("{}/{name}", last_part(&cluster));
    let strategy = service.capacity_provider_strategy.unwrap_or_default();
    let reachable = service.load_balancers.is_some_and(|all| !all.is_empty())
        || service.service_registries.is_some_and(|all| !all.is_empty());
    let mapped = EcsService {
        common: wire::common(region, Some(id), tags(service.tags), service.created_at)?,
        cluster: last_part(&cluster).into(),
        service_name: name.into(),
        active: service.status.as_deref() == Some("ACTIVE"),
        desired_count: service.desired_count.into(),
        capacity: capacity_of(service.launch_type.as_ref(), &strategy),
        reachable,
        task: None,
    };
    Some((service.task_definition, mapped))
}

/// A strategy stands in for the launch type where there is one.
fn capacity_of(
    launch_type: Option<&sdk::LaunchType>,
    strategy: &[sdk::CapacityProviderStrategyItem],
) -> EcsCapacity {
    let uses = |name: &str| strategy.iter().any(|item| item.capacity_provider == name);
    let only_fargate =
        !strategy.is_empty() && strategy.iter().all(|item| item.capacity_provider.starts_with("FARGATE"));
    if launch_type == Some(&sdk::LaunchType::Fargate) {
        return EcsCapacity::Fargate;
    }
    match launch_type {
        None if only_fargate && uses("FARGATE_SPOT") => EcsCapacity::FargateSpot,
        None if only_fargate => EcsCapacity::Fargate,
        _ => EcsCapacity::Other,
    }
}

fn map_task(task: sdk::TaskDefinition) -> Option<TaskSize> {
    let platform = task.runtime_platform;
    let system = platform.as_ref().and_then(|platform| platform.operating_system_family.as_ref());
    let arm = platform.as_ref().and_then(|platform| platform.cpu_architecture.as_ref())
        == Some(&sdk::CpuArchitecture::Arm64);
    Some(TaskSize {
        revision: last_part(&task.task_definition_arn?).into(),
        cpu_units: task.cpu?.parse().ok()?,
        memory_mib: task.memory?.parse().ok()?,
        architecture: if arm { Architecture::Arm64 } else { Architecture::X86_64 },
        windows: system.is_some_and(|system| system.as_str().starts_with("WINDOWS")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str) -> sdk::CapacityProviderStrategyItem {
        sdk::CapacityProviderStrategyItem::builder().capacity_provider(name).build().unwrap()
    }

    #[test]
    fn a_service_is_named_with_its_cluster() {
        let service = sdk::Service::builder()
            .service_name("web")
            .cluster_arn("arn:aws:ecs:us-east-1:123456789012:cluster/shop")
            .status("ACTIVE")
            .desired_count(3)
            .launch_type(sdk::LaunchType::Fargate)
            .task_definition("arn:aws:ecs:us-east-1:123456789012:task-definition/web:7")
            .build();
        let (revision, service) = map_service(service, &Region::global()).unwrap();
        assert!(revision.unwrap().ends_with("web:7"));
        assert_eq!((&*service.common.id, service.desired_count), ("shop/web", 3));
        assert_eq!((service.capacity, service.reachable), (EcsCapacity::Fargate, false));
    }

    #[test]
    fn a_strategy_decides_where_there_is_no_launch_type() {
        assert_eq!(capacity_of(None, &[provider("FARGATE")]), EcsCapacity::Fargate);
        let mixed = [provider("FARGATE"), provider("FARGATE_SPOT")];
        assert_eq!(capacity_of(None, &mixed), EcsCapacity::FargateSpot);
        assert_eq!(capacity_of(None, &[provider("my-machines")]), EcsCapacity::Other);
        assert_eq!(capacity_of(None, &[]), EcsCapacity::Other);
        assert_eq!(capacity_of(Some(&sdk::LaunchType::Ec2), &[]), EcsCapacity::Other);
    }

    #[test]
    fn a_task_keeps_its_size_and_no_variable() {
        let variable = sdk::KeyValuePair::builder().name("TOKEN").value("the-secret").build();
        let container = sdk::ContainerDefinition::builder().name("web").environment(variable).build();
        let task = |platform| {
            sdk::TaskDefinition::builder()
                .task_definition_arn("arn:aws:ecs:us-east-1:123456789012:task-definition/web:7")
                .cpu("1024")
                .memory("2048")
                .container_definitions(container.clone())
                .set_runtime_platform(platform)
                .build()
        };
        let size = map_task(task(None)).unwrap();
        assert_eq!((&*size.revision, size.cpu_units, size.memory_mib), ("web:7", 1_024, 2_048));
        assert_eq!((size.architecture, size.windows), (Architecture::X86_64, false));
        assert!(!format!("{size:?}").contains("the-secret"));
        let platform = sdk::RuntimePlatform::builder()
            .operating_system_family(sdk::OsFamily::WindowsServer2022Core)
            .build();
        assert!(map_task(task(Some(platform))).unwrap().windows);
    }
}
