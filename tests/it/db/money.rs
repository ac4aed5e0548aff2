//! Costs, prices and the permission report.

use super::sample::{Picture, account, later, link, region, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use jiff::civil::Date;
use tuner::{
    db::{AccountForecast, CostFilter, CostGrouping, CostKey, StoredRows},
    domain::{
        billing::Forecast,
        cost::{DailyCost, ForeignAmount, ForeignCost},
        inventory::VolumeType,
        money::{MicroUsd, UnitPrice},
        price::{Price, PriceBook, PriceKey, PriceSource},
        scan::{PermissionState, PermissionStatus},
    },
};

on_both_engines! {
    costs_are_replaced_within_their_span,
    costs_are_summed,
    other_currencies_are_kept_and_added_to_nothing,
    a_forecast_stands_until_its_month_ends,
    prices_are_cached_until_they_are_old,
    the_permission_report_says_since_when,
}

fn day(of_month: i8) -> Date {
    Date::constant(2026, 11, of_month)
}

fn cost(of_month: i8, service: &str, usd: i64) -> DailyCost {
    DailyCost { day: day(of_month), service: service.to_owned(), amount: MicroUsd::from_usd(usd) }
}

async fn costs_are_replaced_within_their_span(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let mut picture = Picture::of(account(1), later(60));
    picture.costs = vec![cost(1, "EC2", 10), cost(2, "EC2", 11), cost(2, "RDS", 5), cost(3, "RDS", 6)];
    assert_eq!(picture.store(db, &scope).await.costs_written, 4);
    picture.at = later(120);
    assert_eq!(picture.store(db, &scope).await, StoredRows::default());
    // Two lines for one service are one cost; RDS of the 2nd is gone, the 1st is outside.
    picture.at = later(180);
    picture.costs = vec![cost(2, "EC2", 11), cost(3, "RDS", 3), cost(3, "RDS", 4)];
    assert_eq!(picture.store(db, &scope).await.costs_written, 2);
    let kept = db.scoped(&scope).list_daily_costs(account(1), day(1), day(30)).await.unwrap();
    assert_eq!(kept, [cost(1, "EC2", 10), cost(2, "EC2", 11), cost(3, "RDS", 7)]);
    let one_day = db.scoped(&scope).list_daily_costs(account(1), day(2), day(2)).await.unwrap();
    assert_eq!(one_day, [cost(2, "EC2", 11)]);
}

async fn costs_are_summed(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    for number in [1, 2] {
        link(db, &scope, account(number)).await;
        let mut picture = Picture::of(account(number), later(60));
        let usd = i64::try_from(number).unwrap();
        picture.costs = vec![cost(1, "EC2", usd), cost(2, "EC2", 10 * usd), cost(2, "RDS", 100 * usd)];
        picture.store(db, &scope).await;
    }
    let org = db.scoped(&scope);
    let filter = CostFilter { from: day(1), to: day(2), account: None, service: None };
    let sums = async |filter: &CostFilter, grouping| {
        let sums = org.sum_costs(filter, grouping).await.unwrap();
        sums.into_iter().map(|sum| (sum.key, sum.amount)).collect::<Vec<_>>()
    };
    let usd = MicroUsd::from_usd;
    let service = |name: &str| CostKey::Service(name.to_owned());
    assert_eq!(
        sums(&filter, CostGrouping::Service).await,
        [(service("RDS"), usd(300)), (service("EC2"), usd(33))]
    );
    assert_eq!(
        sums(&filter, CostGrouping::Account).await,
        [(CostKey::Account(account(2)), usd(222)), (CostKey::Account(account(1)), usd(111))]
    );
    assert_eq!(
        sums(&filter, CostGrouping::Day).await,
        [(CostKey::Day(day(1)), usd(3)), (CostKey::Day(day(2)), usd(330))]
    );
    let narrow =
        CostFilter { from: day(2), account: Some(account(1)), service: Some("RDS".to_owned()), ..filter };
    assert_eq!(sums(&narrow, CostGrouping::Day).await, [(CostKey::Day(day(2)), usd(100))]);
}

async fn other_currencies_are_kept_and_added_to_nothing(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let foreign = |of_month: i8, currency: &str, micros: i64| ForeignCost {
        day: day(of_month),
        service: "EC2".to_owned(),
        amount: ForeignAmount { currency: currency.into(), micros },
    };
    let mut picture = Picture::of(account(1), later(60));
    picture.costs = vec![cost(1, "EC2", 5)];
    picture.foreign_costs = vec![foreign(1, "CNY", 7), foreign(1, "CNY", 5), foreign(2, "EUR", 3)];
    picture.store(db, &scope).await;
    // The same days again: nothing is there twice.
    picture.at = later(120);
    picture.store(db, &scope).await;
    let org = db.scoped(&scope);
    let filter = CostFilter { from: day(1), to: day(2), account: None, service: None };
    let of = |currency: &str, micros: i64| ForeignAmount { currency: currency.into(), micros };
    assert_eq!(org.sum_foreign_costs(&filter).await.unwrap(), [of("CNY", 12), of("EUR", 3)]);
    let dollars = org.sum_costs(&filter, CostGrouping::Account).await.unwrap();
    assert_eq!(dollars.into_iter().map(|sum| sum.amount).collect::<Vec<_>>(), [MicroUsd::from_usd(5)]);
}

async fn a_forecast_stands_until_its_month_ends(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let forecast = |from, usd| Forecast {
        from: day(from),
        until: Date::constant(2026, 12, 1),
        amount: MicroUsd::from_usd(usd),
    };
    let october = DailyCost { day: Date::constant(2026, 10, 31), ..cost(1, "EC2", 1_000) };
    let mut picture = Picture::of(account(1), later(60));
    picture.costs = vec![october, cost(1, "EC2", 10), cost(2, "RDS", 5), cost(3, "EC2", 7)];
    picture.forecast = Some(forecast(2, 300));
    picture.store(db, &scope).await;
    (picture.at, picture.forecast) = (later(120), Some(forecast(3, 280)));
    picture.store(db, &scope).await;
    // Nothing is asked where little is spent: what was told before stands.
    (picture.at, picture.forecast) = (later(180), None);
    picture.store(db, &scope).await;
    let org = db.scoped(&scope);
    let told =
        AccountForecast { account: account(1), forecast: forecast(3, 280), spent: MicroUsd::from_usd(15) };
    assert_eq!(org.list_forecasts(None, day(30)).await.unwrap(), [told], "the days of this month before it");
    assert_eq!(org.list_forecasts(None, Date::constant(2026, 12, 1)).await.unwrap(), []);
    org.delete_account(account(1)).await.unwrap();
    assert_eq!(org.list_forecasts(None, day(30)).await.unwrap(), []);
}

async fn prices_are_cached_until_they_are_old(db: &TestDatabase) {
    let gp3 = PriceKey::VolumeStorage { region: region(), volume_type: VolumeType::Gp3 };
    let (ip, nat) =
        (PriceKey::PublicIpv4 { region: region() }, PriceKey::NatGatewayHour { region: region() });
    let price = |text: &str, source| Price {
        per_unit: text.parse::<UnitPrice>().unwrap(),
        source,
        as_of: Date::constant(2026, 11, 1),
    };
    let mut book = PriceBook::default();
    book.insert(gp3.clone(), price("0.0952", PriceSource::PricingApi));
    book.insert(ip.clone(), price("0.005", PriceSource::BuiltInOtherRegion));
    db.put_prices(&book, noon()).await.unwrap();
    let keys = [gp3.clone(), ip, nat];
    assert_eq!(db.find_prices(&keys, noon()).await.unwrap(), book);
    assert!(db.find_prices(&keys, later(1)).await.unwrap().is_empty(), "all are older");
    assert!(db.find_prices(&[], noon()).await.unwrap().is_empty());
    let mut newer = PriceBook::default();
    newer.insert(gp3.clone(), price("0.000000001", PriceSource::BuiltIn));
    db.put_prices(&newer, later(10)).await.unwrap();
    assert_eq!(db.find_prices(&keys, later(1)).await.unwrap(), newer);
}

async fn the_permission_report_says_since_when(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    link(db, &scope, account(1)).await;
    let state = |action: &str, status| PermissionState {
        action: action.to_owned(),
        status,
        needed_by: vec!["ebs-volume-unattached".to_owned()],
    };
    let mut picture = Picture::of(account(1), later(60));
    picture.permissions = vec![
        state("ec2:DescribeVolumes", PermissionStatus::Granted),
        state("rds:DescribeDBInstances", PermissionStatus::Denied),
        state("s3:ListAllMyBuckets", PermissionStatus::NotTried),
    ];
    assert_eq!(picture.store(db, &scope).await.permissions_written, 3);
    picture.at = later(120);
    picture.permissions.pop();
    picture.permissions[1].status = PermissionStatus::Granted;
    assert_eq!(picture.store(db, &scope).await.permissions_written, 2);
    let kept = db.scoped(&scope).list_permissions(account(1)).await.unwrap();
    let states: Vec<_> = kept.iter().map(|kept| kept.state.clone()).collect();
    assert_eq!(states, picture.permissions);
    assert_eq!((kept[0].since, kept[1].since), (later(60), later(120)));
}
