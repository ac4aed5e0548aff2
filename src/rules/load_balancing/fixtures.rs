//! Load balancers for the tests of this family, with their prices.

use crate::domain::{
    inventory::{BalancerType, ClassicLoadBalancer, LoadBalancer, Targets},
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

/// Faces the internet in two zones, with one instance behind it; its id is `app/web/1`, `net/web/1` or `gwy/web/1`.
pub fn balancer(balancer_type: BalancerType) -> LoadBalancer {
    let id = match balancer_type {
        BalancerType::Application => "app/web/1",
        BalancerType::Network => "net/web/1",
        BalancerType::Gateway | BalancerType::Other => "gwy/web/1",
    };
    LoadBalancer {
        common: common(id),
        balancer_type,
        active: true,
        zones: 2,
        public_addresses: if balancer_type == BalancerType::Gateway { 0 } else { 2 },
        targets: Some(Targets { groups: 1, registered: 1, in_use: 1, instance_ids: vec!["i-1".into()] }),
        listeners: None,
    }
}

/// With the instance i-1 behind it.
pub fn classic() -> ClassicLoadBalancer {
    ClassicLoadBalancer { common: common("legacy"), instance_ids: vec!["i-1".into()] }
}

pub fn priced() -> Lab {
    let prices = [
        (Item::AlbHour, "0.0225"),
        (Item::NlbHour, "0.0225"),
        (Item::GwlbHour, "0.0125"),
        (Item::ClbHour, "0.025"),
    ];
    prices.into_iter().fold(Lab::new(), |lab, (item, usd)| lab.price(PriceKey::item(item, &region()), usd))
}

pub fn with(balancer: LoadBalancer) -> Lab {
    priced().inventory(|i| i.load_balancers.push(balancer))
}
