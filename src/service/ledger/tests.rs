use super::*;

fn row(account: u64, day: &str, possible: i64, spend: Option<i64>) -> AccountDay {
    AccountDay {
        account: format!("{account:012}").parse().unwrap(),
        day: day.parse().unwrap(),
        possible: MicroUsd::from_usd(possible),
        possible_after_discounts: None,
        realised: MicroUsd::from_usd(1),
        spend: spend.map(MicroUsd::from_usd),
        optimisable_spend: spend.map(MicroUsd::from_usd),
    }
}

fn days(rows: &[AccountDay]) -> Vec<HistoryDay> {
    days_of(rows, "2026-03-01".parse().unwrap(), "2026-03-03".parse().unwrap())
}

#[test]
fn an_account_stands_as_it_was_until_it_is_scanned_again() {
    let found = days(&[row(1, "2026-02-20", 10, None), row(1, "2026-03-02", 4, None)]);
    let possible: Vec<String> = found.iter().map(|day| day.possible.to_cents()).collect();
    assert_eq!(possible, ["10.00", "4.00", "4.00"]);
}

#[test]
fn who_was_not_scanned_for_a_month_is_left_out() {
    let found = days(&[row(1, "2026-01-30", 10, None), row(2, "2026-03-01", 4, None)]);
    let accounts: Vec<u32> = found.iter().map(|day| day.accounts).collect();
    assert_eq!(accounts, [2, 1, 1]);
}

#[test]
fn the_score_is_of_the_accounts_whose_spend_is_known() {
    let found = days(&[row(1, "2026-03-01", 25, Some(100)), row(2, "2026-03-01", 900, None)]);
    assert_eq!((found[0].accounts, found[0].accounts_with_spend), (2, 1));
    assert_eq!(found[0].efficiency(), Some(750));
    assert_eq!(found[0].possible, MicroUsd::from_usd(925));
    assert_eq!(days(&[row(1, "2026-03-01", 25, None)])[0].efficiency(), None);
}
