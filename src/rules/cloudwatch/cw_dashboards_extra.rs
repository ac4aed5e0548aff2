//! Dashboards beyond the three that are free. Off by default: nobody can tell who looks at them.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    figure::Figure,
    finding::{
        ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason, Verdicts,
    },
    inventory::{Dashboard, ResourceKind},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "cw-dashboards-extra",
    title: "Dashboard beyond the three free ones was not changed for long",
    condition: "The account has more than three dashboards, three others were changed later, and this one was not for \
                dashboard_unchanged_days.",
    formula: "none: what it costs is shown, nothing is counted as saved",
    pitfalls: "A good dashboard is looked at every day and changed never. The three free ones are those with at most 50 \
               metrics.",
    kind: ResourceKind::Dashboard,
    action_type: ActionType::Delete,
    class: ConflictClass::Add,
    basis: SavingsBasis::Exposure,
    effort: Effort::VeryLow,
    risk: Level::Low,
    restart_needed: false,
    rollback_possible: true,
    actions: &["cloudwatch:ListDashboards"],
    metrics: &[],
    thresholds: &["dashboard_unchanged_days"],
    on_by_default: false,
};

const FREE: usize = 3;

fn check(case: &Case<'_>) -> Verdicts {
    let mut dashboards: Vec<Dashboard> = case.snapshot.inventory.dashboards.clone();
    dashboards.sort_by(|a, b| (b.common.created_at, &b.common.id).cmp(&(a.common.created_at, &a.common.id)));
    let extra = dashboards.get(FREE..).unwrap_or_default();
    case.judge_each(extra, judge)
}

/// What counts as its creation is its last change: AWS tells nothing else.
fn judge(case: &Case<'_>, dashboard: &Dashboard) -> Judgement {
    let (name, region) = (&*dashboard.common.id, &dashboard.common.region);
    let limit = i64::from(case.thresholds.dashboard_unchanged_days);
    let days = case.age_days(&dashboard.common)?;
    if days < limit {
        return Ok(None);
    }
    if !case.snapshot.coverage.complete(ResourceKind::Dashboard, region) {
        return Err(UnknownReason::InventoryIncomplete);
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::Dashboard, region))?.times(1);
    let keep = [("--dashboard-name", name)];
    Ok(Some(Finding {
        title: format!("Look whether anybody needs the dashboard {name}, unchanged for {days} days"),
        current: json!({"unchangedForDays": days}),
        evidence: vec![property(
            "last changed",
            format!("{days} days ago"),
            Some(format!("at least {limit} days")),
        )],
        remediation: Remediation {
            commands: vec![
                aws("cloudwatch get-dashboard", region, &keep),
                aws("cloudwatch delete-dashboards", region, &[("--dashboard-names", name)]),
            ],
            rollback_commands: vec![aws(
                "cloudwatch put-dashboard",
                region,
                &[keep[0], ("--dashboard-body", "BODY")],
            )],
            notes: vec!["Keep what the first command shows: it is the body that the way back needs.".into()],
        },
        ..case.finding(dashboard, Amounts { cost, savings: Figure::zero(), bill })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, common, days_ago, region};

    fn lab(ages: &[i64]) -> Lab {
        let dashboard = |(number, age): (usize, &i64)| {
            let mut common = common(&format!("board-{number}"));
            common.created_at = Some(days_ago(*age));
            Dashboard { common, namespaces: Vec::new() }
        };
        let all = ages.iter().enumerate().map(dashboard);
        let lab = Lab::new().price(PriceKey::item(Item::Dashboard, &region()), "3");
        lab.inventory(|i| i.dashboards.extend(all))
    }

    #[test]
    fn the_three_that_were_changed_last_are_free() {
        let finding = lab(&[900, 1, 400, 2]).only_finding(&RULE);
        assert_eq!((&*finding.subject.id, finding.monthly_cost.to_string()), ("board-0", "3.00".into()));
        lab(&[900, 800, 700]).nothing(&RULE);
        lab(&[1, 2, 3, 364]).nothing(&RULE);
    }
}
