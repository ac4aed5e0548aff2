//! A cluster for the tests of this family, at prices of us-east-1.

use crate::domain::{inventory::RedshiftCluster, metric::Metric, price::PriceKey, price_item::Item};
use crate::rules::fixtures::{Lab, common, region};

/// `warehouse`: four ra3.xlplus that can be paused.
pub fn cluster(change: impl Fn(&mut RedshiftCluster)) -> Lab {
    let mut cluster = RedshiftCluster {
        common: common("warehouse"),
        node_type: "ra3.xlplus".into(),
        nodes: 4,
        status: "available".into(),
        in_vpc: true,
        hsm: false,
        multi_az: false,
        snapshot_days: 1,
    };
    change(&mut cluster);
    let nodes = [
        ("dc2.large", "0.25"),
        ("ds2.xlarge", "0.85"),
        ("ra3.large", "0.543"),
        ("ra3.xlplus", "1.086"),
        ("ra3.4xlarge", "3.26"),
    ];
    let node = |name: &str| PriceKey::named(Item::RedshiftNode, &region(), name);
    let storage = |name: &str| PriceKey::named(Item::RedshiftStorage, &region(), name);
    let lab = nodes.into_iter().fold(Lab::new(), |lab, (name, usd)| lab.price(node(name), usd));
    let managed = ["ra3.large", "ra3.xlplus", "ra3.4xlarge"];
    let lab = managed.into_iter().fold(lab, |lab, name| lab.price(storage(name), "0.024"));
    lab.inventory(|i| i.redshift_clusters.push(cluster))
}

/// With connections, the CPU of the busiest hour and the disk, in percent.
pub fn used(lab: Lab, cpu: f64, disk: f64) -> Lab {
    lab.daily(Metric::RedshiftConnectionsMax, "warehouse", 14, 9.0)
        .daily(Metric::RedshiftDiskMax, "warehouse", 14, disk)
        .hourly(Metric::RedshiftCpuHourly, "warehouse", move |hour| if hour == 33 { cpu } else { 1.0 })
}
