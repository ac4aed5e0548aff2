//! Reads Cost Explorer's amounts: exact, with their currency.

use crate::domain::{cost::ForeignAmount, money::MicroUsd, usage_cost::Quantity};
use aws_sdk_costexplorer::types::MetricValue;

/// An amount of money as it is billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Billed {
    Usd(MicroUsd),
    Foreign(ForeignAmount),
}

/// None where it cannot be read: a sum without it would be wrong.
pub fn billed(value: &MetricValue) -> Option<Billed> {
    let amount = amount(value.amount.as_deref()?)?;
    match value.unit.as_deref()? {
        "USD" => Some(Billed::Usd(amount)),
        currency if is_currency(currency) => {
            Some(Billed::Foreign(ForeignAmount { currency: currency.into(), micros: amount.get() }))
        }
        _ => None,
    }
}

/// Usage, whatever its unit.
pub fn quantity(value: &MetricValue) -> Option<Quantity> {
    amount(value.amount.as_deref()?).map(|amount| Quantity::from_micros(amount.get()))
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// Cost Explorer writes tiny amounts with an exponent: `1.2E-7`.
pub fn amount(text: &str) -> Option<MicroUsd> {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return text.parse().ok() };
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let all = format!("{whole}{fraction}");
    let plain = match usize::try_from(point) {
        Ok(point) if point >= all.len() => format!("{all:0<point$}"),
        Ok(point) => format!("{}.{}", all.get(..point)?, all.get(point..)?),
        Err(_) if point < -30 => "0".to_owned(),
        Err(_) => format!("0.{}{all}", "0".repeat(point.unsigned_abs() as usize)),
    };
    format!("{sign}{plain}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("12.3456789", "12.345679")]
    #[case("0", "0.00")]
    #[case("-3.5", "-3.50")]
    #[case("1.2E-7", "0.00")]
    #[case("1.25E-3", "0.00125")]
    #[case("-5.5E-1", "-0.55")]
    #[case("1.5E+2", "150.00")]
    fn amounts_are_read_exactly(#[case] text: &str, #[case] usd: &str) {
        assert_eq!(amount(text).unwrap().to_string(), usd);
    }

    fn value(amount: &str, unit: &str) -> MetricValue {
        MetricValue::builder().amount(amount).unit(unit).build()
    }

    #[test]
    fn another_currency_is_kept_and_not_taken_for_dollars() {
        assert_eq!(billed(&value("1.5", "USD")), Some(Billed::Usd(MicroUsd::new(1_500_000))));
        let yuan = ForeignAmount { currency: "CNY".into(), micros: 1_500_000 };
        assert_eq!(billed(&value("1.5", "CNY")), Some(Billed::Foreign(yuan)));
        for (amount, unit) in [("1.5", "N/A"), ("1.5", ""), ("much", "USD")] {
            assert_eq!(billed(&value(amount, unit)), None, "{amount} {unit}");
        }
    }
}
