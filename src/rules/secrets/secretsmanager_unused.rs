//! Secrets that nobody reads.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis},
    inventory::{ResourceKind, Secret, days_between},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.secrets, judge) };

static META: Meta = Meta {
    id: "secretsmanager-unused",
    title: "Nobody reads the secret",
    condition: "Made secret_unused_days ago or earlier, and not read since then, or never. Left alone: secrets of other \
                services of AWS, copies of secrets of another region, and those tagged keep, retain or golden.",
    formula: "secret price * 1 month",
    pitfalls: "Break-glass secrets are read in an emergency only. Rotation reads a secret, too, so that a rotated one is \
               never found. Copies in other regions have to go first.",
    kind: ResourceKind::Secret,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: true,
    actions: &["secretsmanager:ListSecrets"],
    metrics: &[],
    thresholds: &["secret_unused_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, secret: &Secret) -> Judgement {
    if secret.replica || secret.owning_service.is_some() || secret.common.tags.keep() {
        return Ok(None);
    }
    let limit = i64::from(case.thresholds.secret_unused_days);
    let age = case.age_days(&secret.common)?;
    let days = secret.last_accessed_at.map_or(age, |at| days_between(at, case.now()));
    if age < limit || days < limit {
        return Ok(None);
    }
    let observed = secret.last_accessed_at.map_or("never".to_owned(), |_| format!("{days} days ago"));
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::Secret, &secret.common.region))?.times(1);
    Ok(Some(Finding {
        title: format!("Delete the secret {}: not read for {days} days", secret.secret_name),
        current: json!({"daysSinceLastRead": days, "rotates": secret.rotates}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("last read", observed, Some(format!("at least {limit} days ago"))),
            property("age", format!("{age} days"), None),
        ],
        confidence: Level::Medium,
        remediation: remediation(secret),
        ..case.finding(secret, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(secret: &Secret) -> Remediation {
    let (region, name) = (&secret.common.region, ("--secret-id", &*secret.secret_name));
    Remediation {
        commands: vec![aws(
            "secretsmanager delete-secret",
            region,
            &[name, ("--recovery-window-in-days", "30")],
        )],
        rollback_commands: vec![aws("secretsmanager restore-secret", region, &[name])],
        notes: vec![
            "For 30 days it can be restored, and a reader gets an error instead of the value.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, common, days_ago, region};

    fn lab(change: impl FnOnce(&mut Secret)) -> Lab {
        let mut secret = Secret {
            common: common("old/db-AbCdEf"),
            secret_name: "old/db".into(),
            last_accessed_at: None,
            rotates: false,
            owning_service: None,
            replica: false,
        };
        change(&mut secret);
        let lab = Lab::new().price(PriceKey::item(Item::Secret, &region()), "0.40");
        lab.inventory(|i| i.secrets.push(secret))
    }

    #[test]
    fn a_secret_that_nobody_reads_saves_its_price() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!(finding.monthly_savings.to_string(), "0.40");
        assert!(finding.remediation.commands[0].ends_with("--secret-id old/db --recovery-window-in-days 30"));
        lab(|s| s.last_accessed_at = Some(days_ago(90))).only_finding(&RULE);
    }

    #[test]
    fn read_new_owned_and_copied_secrets_are_fine() {
        lab(|s| s.last_accessed_at = Some(days_ago(89))).nothing(&RULE);
        lab(|s| s.common.created_at = Some(days_ago(89))).nothing(&RULE);
        lab(|s| s.owning_service = Some("rds".into())).nothing(&RULE);
        lab(|s| s.replica = true).nothing(&RULE);
        lab(|s| s.common.tags = [("keep", "break glass")].into_iter().collect()).nothing(&RULE);
    }
}
