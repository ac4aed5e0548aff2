//! Every amount of the demo, computed again by hand from what is shown of it: an evaluator that shares nothing with
//! the one that made it.

use super::demo_fleet::{DEMO_ACCOUNTS, scan};
use serde_json::Value;

/// An exact fraction.
#[derive(Clone, Copy)]
struct Fraction(i128, i128);

impl Fraction {
    fn reduced(self) -> Self {
        let (mut a, mut b) = (self.0.unsigned_abs(), self.1.unsigned_abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let divisor = i128::try_from(a.max(1)).unwrap() * self.1.signum();
        Self(self.0 / divisor, self.1 / divisor)
    }

    fn of(decimal: &str) -> Self {
        let (whole, rest) = decimal.split_once('.').unwrap_or((decimal, ""));
        let digits: i128 =
            format!("{whole}{rest}").parse().unwrap_or_else(|_| panic!("{decimal} is no number"));
        Self(digits, 10_i128.pow(u32::try_from(rest.len()).unwrap())).reduced()
    }

    fn plus(self, other: Self, sign: i128) -> Self {
        Self(self.0 * other.1 + sign * other.0 * self.1, self.1 * other.1).reduced()
    }

    /// In micro-dollars, as near as it matters here.
    fn micros(self) -> i128 {
        self.0 * 1_000_000 / self.1
    }
}

/// Reads sums of products from left to right; counts the operations.
struct Reader<'a> {
    rest: &'a str,
    operations: i128,
}

impl Reader<'_> {
    fn takes(&mut self, mark: char) -> bool {
        let trimmed = self.rest.trim_start();
        let found = trimmed.strip_prefix(mark);
        self.rest = found.unwrap_or(trimmed);
        found.is_some()
    }

    fn sum(&mut self) -> Fraction {
        let mut total = self.product();
        loop {
            let sign = if self.takes('+') {
                1
            } else if self.takes('-') {
                -1
            } else {
                return total;
            };
            self.operations += 1;
            total = total.plus(self.product(), sign);
        }
    }

    fn product(&mut self) -> Fraction {
        let mut total = self.atom();
        loop {
            if self.takes('*') {
                let by = self.atom();
                total = Fraction(total.0 * by.0, total.1 * by.1).reduced();
            } else if self.takes('/') {
                let by = self.atom();
                total = Fraction(total.0 * by.1, total.1 * by.0).reduced();
            } else {
                return total;
            }
            self.operations += 1;
        }
    }

    fn atom(&mut self) -> Fraction {
        if self.takes('(') {
            let inner = self.sum();
            assert!(self.takes(')'), "a parenthesis is not closed before {:?}", self.rest);
            return inner;
        }
        if self.takes('-') {
            let Fraction(over, under) = self.atom();
            return Fraction(-over, under);
        }
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        Fraction::of(number)
    }
}

/// The amount and the number of operations that may each have been rounded.
fn computed(arithmetic: &str) -> (i128, i128) {
    let mut reader = Reader { rest: arithmetic, operations: 0 };
    let amount = reader.sum();
    assert_eq!(reader.rest.trim(), "", "{arithmetic}");
    (amount.micros(), reader.operations)
}

#[test]
fn the_evaluator_knows_its_sums() {
    for (text, micros, operations) in [
        ("0", 0, 0),
        ("100 * 0.08", 8_000_000, 1),
        ("2 * 730 * 0.0416 - 1 / 2 * (3 + 4.5)", 56_986_000, 6),
        ("10 - 2 - 3", 5_000_000, 2),
        ("0 - 1.5", -1_500_000, 1),
    ] {
        assert_eq!(computed(text), (micros, operations), "{text}");
    }
}

fn wrong(row: &Value, arithmetic: &str, amount: &str) -> Option<String> {
    let text = row["calculation"][arithmetic].as_str().unwrap();
    let (micros, operations) = computed(text);
    let shown = Fraction::of(row[amount].as_str().unwrap().trim_start_matches('-')).micros();
    let shown = if row[amount].as_str().unwrap().starts_with('-') { -shown } else { shown };
    let off = (shown - micros).abs() > operations.max(1);
    off.then(|| format!("{} {}: {text} is not {}", row["rule"], row["resourceId"], row[amount]))
}

/// The saving after discounts, and that it lies between nothing and the list price.
fn wrong_after_discounts(row: &Value) -> Option<String> {
    let after = &row["afterDiscounts"];
    let what = format!("{} {}", row["rule"], row["resourceId"]);
    let reason = after["reason"].as_str().unwrap_or_default();
    let Some(now) = after["now"].as_str() else {
        return (!reason.starts_with("at list price: ")).then(|| format!("{what}: no reason, {after}"));
    };
    let (micros, operations) = computed(after["calculation"].as_str().unwrap());
    let of = |amount: &Value| Fraction::of(amount.as_str().unwrap()).micros();
    let (shown, later) = (Fraction::of(now).micros(), of(&after["afterExpiry"]));
    let (list, counted) = (of(&row["estimatedMonthlySavings"]), of(&row["countedMonthlySavings"]));
    let sound = (shown - micros).abs() <= operations
        && now == row["estimatedMonthlySavingsAfterDiscounts"]
        && counted <= shown
        && shown <= later
        && later <= list;
    (!sound || reason.is_empty()).then(|| format!("{what}: counted {counted} of {list}, {after}"))
}

/// Each unit price of the arithmetic stands among the prices, with its source and date.
fn unexplained(row: &Value) -> Option<String> {
    let dated = |price: &Value| price["source"].is_string() && price["asOf"].is_string();
    let prices = row["prices"].as_array().unwrap();
    let explained = prices.iter().all(dated);
    (!explained).then(|| format!("{} {}: a price without source or date", row["rule"], row["resourceId"]))
}

#[tokio::test]
async fn every_amount_of_the_demo_can_be_computed_again_by_hand() {
    let mut differences = Vec::new();
    let mut rows = 0;
    for account in DEMO_ACCOUNTS {
        let report: Value =
            serde_json::from_str(&scan(account, &["--format", "json", "--rules", "all"]).await.out).unwrap();
        for row in report["recommendations"].as_array().unwrap() {
            rows += 1;
            differences.extend(wrong(row, "monthlyCost", "estimatedMonthlyCost"));
            differences.extend(wrong(row, "monthlySavings", "estimatedMonthlySavings"));
            differences.extend(wrong_after_discounts(row));
            differences.extend(unexplained(row));
        }
    }
    assert!(rows > 100, "{rows} rows");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}
