//! Backups on demand beyond the newest few of their table.

use super::{
    Amounts, Case, Judgement, Meta, Rule, case::Key, case::key, case::property, command::aws, tariff,
};
use crate::domain::{
    finding::{ActionType, ConflictClass, Effort, Finding, Level, Remediation, SavingsBasis, Verdicts},
    inventory::{DynamoBackup, ResourceKind, arn_of},
    price_item::Item,
};
use serde_json::json;
use std::collections::{HashMap, HashSet};

pub const RULE: Rule = Rule { meta: &META, check };

static META: Meta = Meta {
    id: "dynamodb-backups-extra",
    title: "Backup on demand beyond the newest of its table",
    condition: "An available backup that people made (not AWS Backup, not DynamoDB itself), of whose table there are \
                at least dynamodb_backups_kept newer ones.",
    formula: "GiB * backup price",
    pitfalls: "Backups that a law or a contract asks for. They outlive their table, which may be gone.",
    kind: ResourceKind::DynamoBackup,
    action_type: ActionType::Delete,
    class: ConflictClass::Remove,
    basis: SavingsBasis::Exact,
    effort: Effort::Low,
    risk: Level::Medium,
    restart_needed: false,
    rollback_possible: false,
    actions: &["dynamodb:ListBackups"],
    metrics: &[],
    thresholds: &["dynamodb_backups_kept"],
    on_by_default: true,
};

fn check(case: &Case<'_>) -> Verdicts {
    let backups = &case.snapshot.inventory.dynamo_backups;
    let kept = newest(backups, usize::try_from(case.thresholds.dynamodb_backups_kept).unwrap_or(usize::MAX));
    case.judge_each(backups, |case, backup| judge(case, backup, &kept))
}

/// The newest backups of each table; a later table of the same name is another.
fn newest(backups: &[DynamoBackup], number: usize) -> HashSet<Key<'_>> {
    let mut by_table: HashMap<_, Vec<&DynamoBackup>> = HashMap::new();
    for backup in backups {
        by_table.entry((&backup.common.region, &backup.table, &backup.table_id)).or_default().push(backup);
    }
    let mut kept = HashSet::new();
    for mut of_table in by_table.into_values() {
        of_table.sort_by_key(|backup| std::cmp::Reverse((backup.common.created_at, &backup.common.id)));
        kept.extend(of_table.into_iter().take(number).map(|backup| key(&backup.common)));
    }
    kept
}

fn judge(case: &Case<'_>, backup: &DynamoBackup, kept: &HashSet<Key<'_>>) -> Judgement {
    if kept.contains(&key(&backup.common)) {
        return Ok(None);
    }
    let days = case.age_days(&backup.common)?;
    let mut bill = case.bill();
    let cost = tariff::stored(&mut bill, Item::DynamoBackup, &backup.common.region, backup.size_bytes)?;
    let size = tariff::gib(backup.size_bytes);
    let number = case.thresholds.dynamodb_backups_kept;
    Ok(Some(Finding {
        title: format!("Delete a backup of {} of {size} that has {number} newer ones", backup.table),
        current: json!({"table": backup.table, "backupName": backup.backup_name, "size": size}),
        recommended: json!({"state": "deleted"}),
        evidence: vec![
            property("age", format!("{days} days"), None),
            property("newer backups", format!("at least {number}"), Some(number.to_string())),
        ],
        remediation: remediation(case, backup),
        ..case.finding(backup, Amounts { savings: cost.clone(), cost, bill })
    }))
}

fn remediation(case: &Case<'_>, backup: &DynamoBackup) -> Remediation {
    let (region, id) = (&backup.common.region, &backup.common.id);
    let arn = arn_of(ResourceKind::DynamoBackup, case.snapshot.account, region, id);
    Remediation {
        commands: vec![aws("dynamodb delete-backup", region, &[("--backup-arn", &arn)])],
        rollback_commands: Vec::new(),
        notes: vec!["A deleted backup does not come back.".into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{inventory::Common, price::PriceKey};
    use crate::rules::{
        dynamodb::lab::GIB,
        fixtures::{Lab, common, days_ago, region},
    };

    fn backup(id: &str, age: i64) -> DynamoBackup {
        DynamoBackup {
            common: Common { created_at: Some(days_ago(age)), ..common(&format!("orders/backup/{id}")) },
            table: "orders".into(),
            table_id: "t-1".into(),
            backup_name: "weekly".into(),
            size_bytes: 50 * GIB,
        }
    }

    fn lab(backups: Vec<DynamoBackup>) -> Lab {
        let lab = Lab::new().price(PriceKey::item(Item::DynamoBackup, &region()), "0.10");
        lab.inventory(|i| i.dynamo_backups = backups)
    }

    #[test]
    fn only_what_is_older_than_the_newest_two_goes() {
        let finding = lab(vec![backup("b", 20), backup("c", 30), backup("a", 10)]).only_finding(&RULE);
        assert_eq!(&*finding.subject.id, "orders/backup/c");
        assert_eq!(finding.monthly_savings.to_string(), "5.00");
        assert!(
            finding.remediation.commands[0]
                .ends_with("--backup-arn arn:aws:dynamodb:us-east-1:123456789012:table/orders/backup/c")
        );
    }

    #[test]
    fn two_backups_and_those_of_another_table_are_fine() {
        let other = DynamoBackup { table_id: "t-2".into(), ..backup("c", 30) };
        lab(vec![backup("a", 10), backup("b", 20), other]).nothing(&RULE);
    }
}
