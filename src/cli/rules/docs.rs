//! `tuner rules docs`: the page of all rules, made from what they say of themselves.

use crate::{
    domain::{inventory::Service, thresholds::Thresholds},
    rules::{LEFT_OUT, Meta, RULES},
};
use std::io::{self, Write};

const HEAD: &str = "\
# Rules

What Tuner looks for. This page is made by `tuner rules docs`; a test compares it with the rules. `tuner rules explain RULE` tells
the same of one rule with your server's thresholds, `tuner recommendations show ID` the figures of one finding.

A rule says *unknown* where a metric, a permission, a page or a price is missing; unknown is never waste. A month has 730 hours.
Amounts are list prices in US dollars. Each threshold can be set for the server (`TUNER_THRESHOLDS__NAME`), an organisation and an account
([rule settings](rule-settings.md)); so can whether a rule runs.
";

const LEFT_OUT_HEAD: &str = "
## Rows of the catalogue that are left out

| Row | Check | Why |
|---|---|---|
";

pub fn write(out: &mut dyn Write) -> io::Result<()> {
    let metas: Vec<&Meta> = RULES.iter().map(|rule| rule.meta).collect();
    let off = metas.iter().filter(|meta| !meta.on_by_default).count();
    write!(out, "{HEAD}\n{} rules, {off} of them off by default.\n", metas.len())?;
    for service in Service::ALL {
        let of_service: Vec<&&Meta> = metas.iter().filter(|meta| meta.kind.service() == *service).collect();
        if !of_service.is_empty() {
            section(*service, &of_service, out)?;
        }
    }
    write!(out, "{LEFT_OUT_HEAD}")?;
    for [row, id, reason] in left_out() {
        writeln!(out, "| {row} | {id} | {} |", cell(&reason))?;
    }
    Ok(())
}

fn section(service: Service, metas: &[&&Meta], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {service}\n")?;
    writeln!(
        out,
        "| Rule | Found when | Defaults | Needs | Saving | Known false positives |\n|---|---|---|---|---|---|"
    )?;
    let defaults = Thresholds::default();
    for meta in metas {
        let off = if meta.on_by_default { "" } else { " (off by default)" };
        writeln!(
            out,
            "| `{}`{off} | {} | {} | {} | {} ({}) | {} |",
            meta.id,
            cell(meta.condition),
            cell(&thresholds_of(meta, &defaults)),
            meta.actions.iter().map(|action| format!("`{action}`")).collect::<Vec<_>>().join(" "),
            cell(meta.formula),
            meta.basis,
            cell(meta.pitfalls),
        )?;
    }
    Ok(())
}

fn thresholds_of(meta: &Meta, defaults: &Thresholds) -> String {
    let all = defaults.describe().into_iter().filter(|(name, ..)| meta.thresholds.contains(name));
    let each: Vec<String> = all.map(|(name, value, _)| format!("{name} = {value}")).collect();
    if each.is_empty() { "none".to_owned() } else { each.join(", ") }
}

/// A pipe would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Row, id and reason of each.
fn left_out() -> Vec<[String; 3]> {
    let mut reader = csv::Reader::from_reader(LEFT_OUT.as_bytes());
    let text = |row: &csv::StringRecord, at| row.get(at).unwrap_or_default().to_owned();
    let rows = reader.records().filter_map(Result::ok);
    rows.map(|row| [text(&row, 0), text(&row, 1), text(&row, 2)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn written() -> String {
        let mut page = Vec::new();
        write(&mut page).unwrap();
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn the_page_is_what_the_rules_say() {
        let kept = include_str!("../../../docs/rules.md");
        assert!(
            kept == written(),
            "docs/rules.md is not what `tuner rules docs` prints: tuner rules docs > docs/rules.md"
        );
    }

    #[test]
    fn every_rule_is_on_the_page_once() {
        let page = written();
        for id in RULES.iter().map(|rule| rule.meta.id) {
            assert_eq!(page.matches(&format!("| `{id}`")).count(), 1, "{id}");
        }
    }

    #[test]
    fn what_is_left_out_has_a_reason_and_is_no_rule_of_ours() {
        let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.meta.id).collect();
        let rows = left_out();
        assert_eq!(rows.len() + 1, LEFT_OUT.trim_end().lines().count(), "a line does not parse");
        let mut numbers = BTreeSet::new();
        for [row, id, reason] in &rows {
            let number: u32 = row.parse().unwrap();
            assert!((1..=195).contains(&number) && numbers.insert(number), "row {row} of the catalogue");
            assert!(reason.len() > 20 && !rules.contains(id.as_str()), "{row} {id}: {reason}");
        }
    }
}
