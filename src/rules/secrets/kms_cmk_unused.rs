//! Keys of the customer's own that nothing is encrypted or decrypted with.

use super::{Amounts, Case, Judgement, Meta, Rule, case::property, command::aws};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, UnknownReason},
    inventory::{KeyState, KmsKey, ResourceKind, days_between},
    price::PriceKey,
    price_item::Item,
};
use serde_json::json;

pub const RULE: Rule =
    Rule { meta: &META, check: |case| case.judge_each(&case.snapshot.inventory.kms_keys, judge) };

static META: Meta = Meta {
    id: "kms-cmk-unused",
    title: "Key is paid for and not used",
    condition: "A key that the customer manages, enabled or disabled, that KMS has watched for kms_unused_days and that was \
                not used in that time. Keys that wait for their deletion cost nothing; those tagged keep, retain or golden \
                are left alone.",
    formula: "key price * 1 month",
    pitfalls: "What is encrypted with the key is lost with it: backups, snapshots, archives and logs are read years later. \
               Rotated keys cost more than the one price used here.",
    kind: ResourceKind::KmsKey,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::High,
    restart_needed: false,
    rollback_possible: true,
    actions: &["kms:ListKeys", "kms:DescribeKey", "kms:GetKeyLastUsage", "kms:ListResourceTags"],
    metrics: &[],
    thresholds: &["kms_unused_days"],
    on_by_default: true,
};

fn judge(case: &Case<'_>, key: &KmsKey) -> Judgement {
    let state = match key.state {
        KeyState::Enabled => "enabled",
        KeyState::Disabled => "disabled",
        KeyState::PendingDeletion | KeyState::Other => return Ok(None),
    };
    let limit = i64::from(case.thresholds.kms_unused_days);
    let young = case.age_days(&key.common)? < limit;
    if young || key.common.tags.keep() {
        return Ok(None);
    }
    let watched = days_between(key.tracked_since.ok_or(UnknownReason::MetricMissing)?, case.now());
    let days = key.last_used_at.map_or(watched, |at| days_between(at, case.now()));
    if days < limit {
        // Not used since KMS began to watch it, which is too short a time.
        return if key.last_used_at.is_none() { Err(UnknownReason::TooYoung) } else { Ok(None) };
    }
    let mut bill = case.bill();
    let cost = bill.price(PriceKey::item(Item::KmsKey, &key.common.region))?.times(1);
    Ok(Some(Finding {
        title: format!(
            "Look whether anything needs the {state} key {}: not used for {days} days",
            key.common.id
        ),
        current: json!({"state": state, "daysSinceLastUse": days, "description": key.description}),
        recommended: json!({"state": "disabled, later deleted"}),
        evidence: vec![
            property(
                "last used",
                format!("{days} days ago or longer"),
                Some(format!("at least {limit} days ago")),
            ),
            property("state", state, None),
        ],
        confidence: Level::Low,
        remediation: remediation(key),
        ..case.finding(key, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(key: &KmsKey) -> Remediation {
    let (region, id) = (&key.common.region, ("--key-id", &*key.common.id));
    Remediation {
        commands: vec![
            aws("kms disable-key", region, &[id]),
            aws("kms schedule-key-deletion", region, &[id, ("--pending-window-in-days", "30")]),
        ],
        rollback_commands: vec![aws("kms cancel-key-deletion", region, &[id]), aws("kms enable-key", region, &[id])],
        notes: vec![
            "Let some weeks pass between the commands and look for errors: a disabled key costs as much and comes back at \
             once, a deleted one never."
                .into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{Lab, common, days_ago, region};

    fn lab(change: impl FnOnce(&mut KmsKey)) -> Lab {
        let mut key = KmsKey {
            common: common("k-1"),
            description: "".into(),
            state: KeyState::Enabled,
            tracked_since: Some(days_ago(300)),
            last_used_at: None,
        };
        change(&mut key);
        let lab = Lab::new().price(PriceKey::item(Item::KmsKey, &region()), "1");
        lab.inventory(|i| i.kms_keys.push(key))
    }

    #[test]
    fn an_unused_key_saves_its_price_at_a_high_risk() {
        let finding = lab(|_| {}).only_finding(&RULE);
        assert_eq!((finding.monthly_savings.to_string(), finding.risk), ("1.00".into(), Level::High));
        lab(|k| k.last_used_at = Some(days_ago(90))).only_finding(&RULE);
        lab(|k| k.state = KeyState::Disabled).only_finding(&RULE);
    }

    #[test]
    fn used_young_kept_and_leaving_keys_are_fine() {
        lab(|k| k.last_used_at = Some(days_ago(89))).nothing(&RULE);
        lab(|k| k.common.created_at = Some(days_ago(10))).nothing(&RULE);
        lab(|k| k.state = KeyState::PendingDeletion).nothing(&RULE);
        lab(|k| k.common.tags = [("keep", "")].into_iter().collect()).nothing(&RULE);
    }

    #[test]
    fn a_key_that_was_not_watched_for_long_is_unknown() {
        lab(|k| k.tracked_since = None).unknown(&RULE, UnknownReason::MetricMissing);
        lab(|k| k.tracked_since = Some(days_ago(30))).unknown(&RULE, UnknownReason::TooYoung);
    }
}
