//! Services for the tests of this family.

use crate::domain::{
    inventory::{Architecture, EcsCapacity, EcsCluster, EcsService, TaskSize},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

/// Two tasks of 1 vCPU and 4 GB on x86 in the cluster `shop`.
pub fn service(name: &str) -> EcsService {
    EcsService {
        common: common(&format!("shop/{name}")),
        cluster: "shop".into(),
        service_name: name.into(),
        active: true,
        desired_count: 2,
        capacity: EcsCapacity::Fargate,
        reachable: true,
        task: Some(TaskSize {
            revision: format!("{name}:7").into(),
            cpu_units: 1_024,
            memory_mib: 4_096,
            architecture: Architecture::X86_64,
            windows: false,
        }),
    }
}

pub fn tagged(name: &str, key: &str, value: &str) -> EcsService {
    let mut service = service(name);
    service.common.tags = [(key, value)].into_iter().collect();
    service
}

pub fn cluster(name: &str) -> EcsCluster {
    EcsCluster {
        common: common(name),
        active: true,
        container_instances: 0,
        running_tasks: 0,
        pending_tasks: 0,
        active_services: 0,
    }
}

/// With its greatest CPU and memory in percent.
pub fn lab(service: EcsService, cpu: f64, memory: f64) -> Lab {
    let id = service.common.id.clone();
    let prices = [
        (Item::FargateCpu, "0.04048"),
        (Item::FargateMemory, "0.004445"),
        (Item::FargateArmCpu, "0.03238"),
        (Item::FargateArmMemory, "0.00356"),
    ];
    let lab = Lab::new().inventory(|i| i.ecs_services.push(service));
    let lab =
        prices.into_iter().fold(lab, |lab, (item, usd)| lab.price(PriceKey::item(item, &region()), usd));
    lab.daily(Metric::EcsCpuMax, &id, 14, cpu).daily(Metric::EcsMemoryMax, &id, 14, memory)
}
