//! Fargate's sizes and prices. A task's CPU and memory come in pairs: no others can be had.

use super::{Bill, Case, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{Evidence, Remediation, UnknownReason},
    inventory::{Architecture, EcsService, TaskSize},
    metric::{Metric, Summary},
    price::PriceKey,
    price_item::Item,
};

const CPU_UNITS_PER_VCPU: i64 = 1_024;
const MIB_PER_GB: i64 = 1_024;

/// CPU units with the least and the most memory in MiB and the step between; 256 units go by powers of two.
const SIZES: [(i64, i64, i64, i64); 7] = [
    (256, 512, 2_048, 512),
    (512, 1_024, 4_096, 1_024),
    (1_024, 2_048, 8_192, 1_024),
    (2_048, 4_096, 16_384, 1_024),
    (4_096, 8_192, 30_720, 1_024),
    (8_192, 16_384, 61_440, 4_096),
    (16_384, 32_768, 122_880, 8_192),
];

/// The pairs that hold a need, the one with the least memory of each CPU.
pub fn sizes_for(cpu_units: i64, memory_mib: i64) -> impl Iterator<Item = (i64, i64)> {
    SIZES.into_iter().filter(move |(cpu, ..)| *cpu >= cpu_units).filter_map(
        move |(cpu, least, most, step)| {
            // What is beyond the largest size fits in none.
            let memory = memory_mib.clamp(least, most + 1);
            let steps = (memory - least + step - 1) / step;
            let size = least + steps * step;
            // A quarter of a vCPU has no 1.5 GB.
            let size = if (cpu, size) == (256, 1_536) { 2_048 } else { size };
            (size <= most).then_some((cpu, size))
        },
    )
}

/// A month of as many tasks as the service wants, at a size on a processor.
pub fn month(
    bill: &mut Bill<'_>,
    service: &EcsService,
    architecture: Architecture,
    (cpu_units, memory_mib): (i64, i64),
) -> Result<Figure, UnknownReason> {
    let (cpu, memory) = match architecture {
        Architecture::Arm64 => (Item::FargateArmCpu, Item::FargateArmMemory),
        _ => (Item::FargateCpu, Item::FargateMemory),
    };
    let region = &service.common.region;
    let (cpu, memory) =
        (bill.price(PriceKey::item(cpu, region))?, bill.price(PriceKey::item(memory, region))?);
    let hours = crate::domain::money::HOURS_PER_MONTH.saturating_mul(service.desired_count);
    let cpu = cpu.times_ratio(cpu_units.saturating_mul(hours), CPU_UNITS_PER_VCPU);
    Ok(cpu + memory.times_ratio(memory_mib.saturating_mul(hours), MIB_PER_GB))
}

/// As it is.
pub fn month_now(
    bill: &mut Bill<'_>,
    service: &EcsService,
    task: &TaskSize,
) -> Result<Figure, UnknownReason> {
    month(bill, service, task.architecture, (task.cpu_units, task.memory_mib))
}

/// `0.5 vCPU and 1 GB`, for people.
pub fn size_in_words(cpu_units: i64, memory_mib: i64) -> String {
    let part = |units: i64, whole: i64| {
        let thousandths = units.saturating_mul(1_000) / whole;
        let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    format!("{} vCPU and {} GB", part(cpu_units, CPU_UNITS_PER_VCPU), part(memory_mib, MIB_PER_GB))
}

/// What a service used at most, in percent of what its tasks are given.
pub struct Demand<'a> {
    pub cpu: (Metric, &'a Summary),
    pub memory: &'a Summary,
}

/// The greatest CPU, or its percentile where the greatest is too high to say much.
pub fn demand<'a>(case: &Case<'a>, service: &EcsService) -> Result<Demand<'a>, UnknownReason> {
    case.require_full_window(&service.common)?;
    let max = case.summary(Metric::EcsCpuMax, &service.common)?;
    let memory = case.summary(Metric::EcsMemoryMax, &service.common)?;
    let percentile = case.summary(Metric::EcsCpuP995, &service.common);
    let cpu = percentile.map_or((Metric::EcsCpuMax, max), |cpu| (Metric::EcsCpuP995, cpu));
    Ok(Demand { cpu, memory })
}

pub fn evidence(
    case: &Case<'_>,
    demand: &Demand<'_>,
    cpu_limit: String,
    memory_limit: String,
) -> Vec<Evidence> {
    let (metric, cpu) = demand.cpu;
    let percent = |seen: &Summary| format!("{:.1} %", seen.max);
    vec![
        case.measured(metric, cpu, percent(cpu), cpu_limit),
        case.measured(Metric::EcsMemoryMax, demand.memory, percent(demand.memory), memory_limit),
    ]
}

/// `ecs update-service` of one service.
pub fn update(service: &EcsService, options: &[(&str, &str)]) -> String {
    let mut all = vec![("--cluster", &*service.cluster), ("--service", &*service.service_name)];
    all.extend(options);
    aws("ecs update-service", &service.common.region, &all)
}

/// A new revision of the task definition, which somebody has to write, and the present one as the way back.
pub fn new_revision(service: &EcsService, task: &TaskSize, note: String) -> Remediation {
    let describe = [("--task-definition", &*task.revision), ("--query", "taskDefinition")];
    Remediation {
        commands: vec![
            aws("ecs describe-task-definition", &service.common.region, &describe),
            aws(
                "ecs register-task-definition",
                &service.common.region,
                &[("--cli-input-json", "file://task-definition.json")],
            ),
            update(service, &[("--task-definition", "FAMILY:NEW_REVISION")]),
        ],
        rollback_commands: vec![update(service, &[("--task-definition", &task.revision)])],
        notes: vec![
            note,
            "Tasks are replaced one by one, as in any deployment; limits of single containers must fit as well.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(cpu_units: i64, memory_mib: i64) -> Vec<(i64, i64)> {
        sizes_for(cpu_units, memory_mib).collect()
    }

    #[test]
    fn only_pairs_that_fargate_has_are_offered() {
        assert_eq!(sizes(200, 600)[..3], [(256, 1_024), (512, 1_024), (1_024, 2_048)]);
        assert_eq!(sizes(200, 1_100)[..2], [(256, 2_048), (512, 2_048)]);
        assert_eq!(sizes(300, 4_097)[0], (1_024, 5_120));
        assert_eq!(sizes(8_000, 17_000)[0], (8_192, 20_480));
        assert!(sizes(16_385, 1).is_empty() && sizes(1, 122_881).is_empty());
    }

    #[test]
    fn sizes_read_like_those_of_aws() {
        assert_eq!(size_in_words(256, 512), "0.25 vCPU and 0.5 GB");
        assert_eq!(size_in_words(4_096, 8_192), "4 vCPU and 8 GB");
    }

    #[test]
    fn what_fits_in_no_size_has_none() {
        assert_eq!(sizes_for(256, i64::MAX).next(), None);
        assert_eq!(sizes_for(16_384, 122_880).next(), Some((16_384, 122_880)));
    }
}
