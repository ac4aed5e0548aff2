//! Load balancers that lead somewhere: the others need no metric to be judged.

use super::{Plan, Request, requests};
use crate::domain::{
    inventory::{BalancerType, LoadBalancer},
    metric::{Metric, MetricStore},
};

impl Plan<'_> {
    pub(super) fn want_load_balancers(&self, known: &MetricStore, wanted: &mut Vec<Request>) {
        const CLASSIC: &[Metric] = &[Metric::ClbRequests, Metric::ClbHosts];
        for balancer in self.inventory.load_balancers.iter().filter(|balancer| balancer.active) {
            let leads_somewhere = balancer.targets.as_ref().is_some_and(|targets| targets.in_use > 0);
            if leads_somewhere && self.window.covers_all_of(balancer.common.created_at) {
                wanted.extend(
                    self.of_balancer(balancer, known)
                        .iter()
                        .flat_map(|metrics| requests(metrics, "LoadBalancer", &balancer.common)),
                );
            }
        }
        for balancer in &self.inventory.classic_load_balancers {
            if !balancer.instance_ids.is_empty() && self.window.covers_all_of(balancer.common.created_at) {
                wanted.extend(requests(CLASSIC, "LoadBalancerName", &balancer.common));
            }
        }
    }

    /// First what is always reported; the rest where that leaves a doubt.
    fn of_balancer(&self, balancer: &LoadBalancer, known: &MetricStore) -> Vec<&'static [Metric]> {
        let (first, then): (&[Metric], &[Metric]) = match balancer.balancer_type {
            BalancerType::Application => (
                &[Metric::AlbRequests, Metric::AlbCapacityUnits],
                &[Metric::AlbRedirects, Metric::AlbFixedResponses],
            ),
            BalancerType::Network => (&[Metric::NlbFlows], &[Metric::NlbBytes]),
            BalancerType::Gateway | BalancerType::Other => return Vec::new(),
        };
        let decides = first.first().copied().unwrap_or(Metric::NlbFlows);
        let seen = known.summary(decides, self.region, &balancer.common.id);
        if seen.is_some_and(|seen| self.may_be_idle(decides, seen.sum)) {
            vec![first, then]
        } else {
            vec![first]
        }
    }

    fn may_be_idle(&self, metric: Metric, sum: f64) -> bool {
        let days = f64::from(self.thresholds.look_back_days);
        match metric {
            Metric::AlbRequests => sum < f64::from(self.thresholds.elb_idle_requests_per_day) * days,
            _ => sum <= 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{asked, common};
    use super::*;
    use crate::domain::{
        inventory::{ClassicLoadBalancer, Targets},
        snapshot::Inventory,
    };
    use Metric::{
        AlbCapacityUnits, AlbFixedResponses, AlbRedirects, AlbRequests, ClbHosts, ClbRequests, NlbBytes,
        NlbFlows,
    };

    fn balancer(balancer_type: BalancerType, in_use: u32) -> Inventory {
        let balancer = LoadBalancer {
            common: common("i-1", "2026-01-01T00:00:00Z"),
            balancer_type,
            active: true,
            zones: 2,
            public_addresses: 0,
            targets: Some(Targets { groups: 1, registered: in_use, in_use, instance_ids: vec![] }),
            listeners: None,
        };
        Inventory { load_balancers: vec![balancer], ..Inventory::default() }
    }

    #[test]
    fn few_requests_raise_the_question_of_redirects() {
        let alb = balancer(BalancerType::Application, 1);
        assert_eq!(asked(&alb, &[]), [AlbRequests, AlbCapacityUnits]);
        let busy = [(AlbRequests, 500.0), (AlbCapacityUnits, 1.0)];
        assert_eq!(asked(&alb, &busy), []);
        let quiet = [(AlbRequests, 1.0), (AlbCapacityUnits, 1.0)];
        assert_eq!(asked(&alb, &quiet), [AlbRedirects, AlbFixedResponses]);
        assert_eq!(asked(&balancer(BalancerType::Application, 0), &[]), []);
    }

    #[test]
    fn bytes_matter_where_there_was_no_flow() {
        let nlb = balancer(BalancerType::Network, 1);
        assert_eq!(asked(&nlb, &[(NlbFlows, 1.0)]), []);
        assert_eq!(asked(&nlb, &[(NlbFlows, 0.0)]), [NlbBytes]);
    }

    #[test]
    fn a_classic_one_without_instances_is_not_measured() {
        let classic = |instances: &[&str]| {
            let balancer = ClassicLoadBalancer {
                common: common("legacy", "2026-01-01T00:00:00Z"),
                instance_ids: instances.iter().map(|id| Box::from(*id)).collect(),
            };
            Inventory { classic_load_balancers: vec![balancer], ..Inventory::default() }
        };
        assert_eq!(asked(&classic(&["i-1"]), &[]), [ClbRequests, ClbHosts]);
        assert_eq!(asked(&classic(&[]), &[]), []);
    }
}
