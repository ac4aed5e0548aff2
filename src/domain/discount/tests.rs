//! Savings after discounts, computed by hand.

use super::*;
use crate::domain::{
    cost::{CostHistory, DailyCost, ForeignAmount},
    figure::Part,
    finding::ConflictClass::{self, Remove, Resize},
    fixtures::{finding, region, usd},
    inventory::{Platform, ResourceKind::Instance, VolumeType},
    money::UnitPrice,
    price::{Price, PriceSource},
    selection::{self, Spend},
    usage_cost::{
        PurchaseType::{self, OnDemand, Reservation, SavingsPlan},
        Quantity, UsageCost, UsageType,
    },
};
use jiff::{ToSpan, civil::Date};
use proptest::prelude::*;

fn machine(name: &str) -> Arc<PriceKey> {
    let (region, instance_type) = (region(), name.into());
    Arc::new(PriceKey::Instance { region, instance_type, platform: Platform::Linux })
}

/// Something that saves an amount at list price, all of it of one price.
fn saves(class: ConflictClass, id: &str, key: &Arc<PriceKey>, savings: i64) -> Finding {
    let parts = vec![Part { key: Arc::clone(key), amount: usd(savings) }];
    Finding { savings_parts: parts, ..finding(class, Instance, id, savings, savings) }
}

struct Account(UsageCosts, PriceBook);

impl Account {
    fn new() -> Self {
        Self(UsageCosts::new(Date::MIN, Date::MAX), PriceBook::default())
    }

    /// Hours, what they cost before and after private discounts.
    fn uses(mut self, usage_type: &str, purchase: PurchaseType, [hours, gross, net]: [i64; 3]) -> Self {
        let cost = UsageCost {
            quantity: Quantity::from_units(hours),
            amortized: usd(gross),
            net_amortized: usd(net),
            unblended: usd(gross),
        };
        let usage_type = UsageType { name: usage_type.into(), service: "".into() };
        self.0.add(usage_type, purchase, cost);
        self
    }

    fn priced(mut self, key: &Arc<PriceKey>, per_unit: &str) -> Self {
        let per_unit: UnitPrice = per_unit.parse().unwrap();
        let price = Price { per_unit, source: PriceSource::PricingApi, as_of: Date::MIN };
        self.1.insert((**key).clone(), price);
        self
    }

    fn worth(&self, findings: &mut [Finding]) -> Vec<AfterDiscounts> {
        let discounts = Discounts::of(findings, Some(&self.0), &self.1);
        discounts.apply(findings);
        let chosen = selection::select(findings);
        discounts.share(findings, |at| chosen[at].selected);
        findings.iter().map(|finding| finding.after_discounts.clone().unwrap()).collect()
    }

    fn of_one(&self, finding: Finding) -> AfterDiscounts {
        self.worth(&mut [finding]).remove(0)
    }
}

fn now(after: &AfterDiscounts) -> String {
    after.now.unwrap().to_string()
}

#[test]
fn a_private_discount_lowers_the_saving() {
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [720, 100, 94]);
    let after = account.of_one(saves(Remove, "i-1", &machine("m5.large"), 50));
    assert_eq!((now(&after), after.after_expiry), ("47.00".into(), after.now));
    assert_eq!(after.calculation, "50.00 * 0.94 * (1.00 + 0.00)");
    assert_eq!(after.reason, "the bill is 0.94 of list price; no Savings Plan and no reservation covers it");
    assert_eq!(after.usage_types, ["BoxUsage:m5.large"]);
}

#[test]
fn a_bill_below_list_price_is_a_discount_too_where_there_is_one_list_price() {
    let key = machine("m5.large");
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [1_000, 90, 90]).priced(&key, "0.1");
    assert_eq!(now(&account.of_one(saves(Remove, "i-1", &key, 50))), "45.00", "90 / (1000 * 0.1)");
    let windows = Arc::new(PriceKey::Instance {
        region: region(),
        instance_type: "m5.large".into(),
        platform: Platform::Windows,
    });
    let both = account.priced(&windows, "0.2");
    assert_eq!(now(&both.of_one(saves(Remove, "i-1", &key, 50))), "50.00", "platforms share the usage type");
}

#[test]
fn covered_hours_save_nothing_now() {
    let account = Account::new().uses("BoxUsage:m5.large", SavingsPlan, [720, 50, 50]);
    let after = account.of_one(saves(Remove, "i-1", &machine("m5.large"), 70));
    assert_eq!((now(&after), after.after_expiry), ("0.00".into(), Some(usd(70))));
    assert!(after.reason.ends_with("covered hours save nothing before those end"), "{}", after.reason);
}

/// Four hours, three of them reserved: an hour on demand costs 30 USD a month. What the removed machine sets free
/// covers the one hour that is left on demand: 25 % of 120 USD by itself, 25 % of it absorbed at most.
#[test]
fn mixed_coverage_counts_the_uncovered_hours_and_what_can_be_absorbed() {
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [720, 72, 72]).uses(
        "BoxUsage:m5.large",
        Reservation,
        [2_160, 100, 100],
    );
    let after = account.of_one(saves(Remove, "i-1", &machine("m5.large"), 100));
    // On demand: 25. Free to cover: 75; left on demand in a month of 730 hours: 72 * 730 / 720 - 25 = 48.
    assert_eq!((after.on_demand_share.unwrap().to_string(), now(&after)), ("0.25".into(), "73.00".into()));
    assert_eq!(after.calculation, "100.00 * 1.00 * (0.25 + 0.48)");
}

#[test]
fn a_savings_plan_covers_other_sizes_of_its_family_but_a_reservation_does_not() {
    let with = |purchase| {
        let account = Account::new().uses("BoxUsage:m5.large", purchase, [720, 50, 50]);
        let account = account.uses("BoxUsage:m5.xlarge", OnDemand, [720, 140, 140]);
        now(&account.of_one(saves(Remove, "i-1", &machine("m5.large"), 70)))
    };
    assert_eq!((with(SavingsPlan), with(Reservation)), ("70.00".into(), "0.00".into()));
}

#[test]
fn what_one_absorbs_is_not_there_for_the_next() {
    let account = Account::new().uses("BoxUsage:m5.large", SavingsPlan, [1_440, 100, 100]).uses(
        "BoxUsage:m5.xlarge",
        OnDemand,
        [720, 72, 72],
    );
    let key = machine("m5.large");
    let mut both = [saves(Remove, "i-1", &key, 73), saves(Remove, "i-2", &key, 73)];
    let after = account.worth(&mut both);
    assert_eq!((now(&after[0]), now(&after[1])), ("36.50".into(), "36.50".into()), "73 USD for both");
    let alone = account.of_one(saves(Remove, "i-1", &key, 73));
    assert_eq!(now(&alone), "73.00");
}

#[test]
fn an_alternative_that_is_not_chosen_takes_nothing() {
    let account = Account::new().uses("BoxUsage:m5.large", SavingsPlan, [1_440, 100, 100]).uses(
        "BoxUsage:m5.xlarge",
        OnDemand,
        [720, 72, 72],
    );
    let key = machine("m5.large");
    let mut choices = [saves(Remove, "i-1", &key, 73), saves(Resize, "i-1", &key, 60)];
    assert_eq!(now(&account.worth(&mut choices)[0]), "73.00");
}

/// 60 USD of a machine that is half covered, 40 USD of a volume: `(60 * 0.5 + 40) / 100`.
#[test]
fn each_price_has_its_own_coverage() {
    let volume = Arc::new(PriceKey::VolumeStorage { region: region(), volume_type: VolumeType::Gp3 });
    let mut both = saves(Remove, "i-1", &machine("m5.large"), 60);
    both.savings_parts.push(Part { key: volume, amount: usd(40) });
    (both.monthly_cost, both.monthly_savings) = (usd(100), usd(100));
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [360, 30, 30]).uses(
        "BoxUsage:m5.large",
        Reservation,
        [360, 20, 20],
    );
    let seen = account.uses("EBS:VolumeUsage.gp3", OnDemand, [500, 40, 40]);
    let after = seen.of_one(both);
    assert_eq!(after.on_demand_share.unwrap().to_string(), "0.70");
    assert_eq!(after.usage_types, ["BoxUsage:m5.large", "EBS:VolumeUsage.gp3"]);
}

#[test]
fn without_cost_data_the_list_price_stands_and_the_reason_is_said() {
    let key = machine("m5.large");
    let silent = |usage: Option<&UsageCosts>| {
        let mut one = [saves(Remove, "i-1", &key, 50)];
        Discounts::of(&one, usage, &PriceBook::default()).apply(&mut one);
        assert_eq!(one[0].worth(), usd(50));
        let after = one[0].after_discounts.clone().unwrap();
        assert_eq!((after.now, after.calculation.as_str()), (None, ""));
        after.reason
    };
    assert_eq!(silent(None), "at list price: the costs by usage type could not be read");
    let Account(mut usage, _) = Account::new().uses("EU-BoxUsage:m5.large", OnDemand, [720, 70, 70]);
    let unseen = "at list price: the last 30 days have no usage of instance/m5.large/linux/us-east-1";
    assert_eq!(silent(Some(&usage)).to_lowercase(), unseen);
    let amount = ForeignAmount { currency: "CNY".into(), micros: 1 };
    usage.foreign.push(("CNN1-BoxUsage:m5.large".into(), amount));
    assert_eq!(silent(Some(&usage)), "at list price: the account is billed in CNY");
}

#[test]
fn an_amount_of_the_bill_itself_is_not_discounted_again() {
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [720, 100, 50]);
    let after = account.of_one(finding(Remove, Instance, "i-1", 50, 50));
    assert_eq!((now(&after), &*after.reason), ("50.00".into(), wording::BILLED_AMOUNT));
}

#[test]
fn a_usage_type_saves_no_more_than_it_cost() {
    let account = Account::new().uses("BoxUsage:m5.large", OnDemand, [720, 72, 72]);
    let key = machine("m5.large");
    let mut both = [saves(Remove, "i-1", &key, 73), saves(Remove, "i-2", &key, 73)];
    assert_eq!(counted(&account, &mut both), usd(73));
}

/// What a stopped machine still costs is billed by these.
const PAYERS: [&str; 2] = ["EC2 - Other", "Amazon Virtual Private Cloud"];

fn counted(account: &Account, findings: &mut [Finding]) -> MicroUsd {
    let discounts = Discounts::of(findings, Some(&account.0), &account.1);
    discounts.apply(findings);
    let chosen = selection::select(findings);
    discounts.share(findings, |at| chosen[at].selected);
    let mut standings = selection::count(findings, chosen);
    let today: Date = "2026-07-01".parse().unwrap();
    // What services cost is no limit here: usage types alone are.
    let day = |back: i64| {
        PAYERS.map(|service| DailyCost {
            day: today.saturating_sub(back.days()),
            service: service.into(),
            amount: usd(1_000_000),
        })
    };
    let costs = CostHistory { days: (1..40).flat_map(day).collect(), ..CostHistory::default() };
    selection::cap_by_spend(
        findings,
        &mut standings,
        &Spend { discounts: &discounts, costs: Some(&costs), today },
    );
    standings.iter().map(|standing| standing.counted).sum()
}

fn any_usage() -> impl Strategy<Value = (u8, u8, [i64; 3])> {
    (0..3_u8, 0..3_u8, (1..3_000_i64, 0..500_i64, 0..500_i64).prop_map(|(h, a, b)| [h, a.max(b), a.min(b)]))
}

const TYPES: [&str; 3] = ["m5.large", "m5.xlarge", "c5.large"];

fn account_of(usage: &[(u8, u8, [i64; 3])]) -> Account {
    usage.iter().fold(Account::new(), |account, (kind, purchase, amounts)| {
        let purchase = [OnDemand, SavingsPlan, Reservation][usize::from(*purchase)];
        account.uses(&format!("BoxUsage:{}", TYPES[usize::from(*kind)]), purchase, *amounts)
    })
}

proptest! {
    #[test]
    fn nothing_saves_more_than_list_price_nor_all_together_more_than_was_spent(
        usage in prop::collection::vec(any_usage(), 1..8),
        choices in prop::collection::vec((0..3_usize, 0..400_i64), 1..20),
    ) {
        let account = account_of(&usage);
        let each = choices.iter().enumerate();
        let mut findings: Vec<Finding> =
            each.map(|(at, (kind, savings))| saves(Remove, &format!("i-{at}"), &machine(TYPES[*kind]), *savings)).collect();
        let total = counted(&account, &mut findings);
        let known = |name: &str| account.0.named(name).next().is_some();
        let unknown: MicroUsd = findings.iter().zip(&choices)
            .filter(|(_, (kind, _))| !known(&format!("BoxUsage:{}", TYPES[*kind])))
            .map(|(finding, _)| finding.monthly_savings).sum();
        let spent: MicroUsd = account.0.types.values().flat_map(|costs| costs.values()).map(|cost| cost.net_amortized).sum();
        prop_assert!(total <= spent.scale(730, 720) + unknown + MicroUsd::new(10), "{total} of {spent} and {unknown}");
        for finding in &findings {
            let after = finding.after_discounts.as_ref().unwrap();
            let (now, later) = (finding.worth(), after.after_expiry.unwrap_or(finding.monthly_savings));
            prop_assert!(MicroUsd::ZERO <= now && now <= later && later <= finding.monthly_savings);
        }
    }

    #[test]
    fn the_order_of_findings_changes_nothing(
        usage in prop::collection::vec(any_usage(), 1..8),
        choices in prop::collection::vec((0..3_usize, 0..400_i64), 1..20),
    ) {
        let account = account_of(&usage);
        let each = choices.iter().enumerate();
        let mut findings: Vec<Finding> =
            each.map(|(at, (kind, savings))| saves(Remove, &format!("i-{at}"), &machine(TYPES[*kind]), *savings)).collect();
        let mut turned: Vec<Finding> = findings.iter().rev().cloned().collect();
        let (forward, mut backward) = (account.worth(&mut findings), account.worth(&mut turned));
        backward.reverse();
        prop_assert_eq!(forward, backward);
    }
}
