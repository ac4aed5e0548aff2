use super::*;
use crate::domain::money::MicroUsd;
use proptest::prelude::*;
use rstest::rstest;

const fn usd(amount: i64) -> MicroUsd {
    MicroUsd::from_usd(amount)
}

fn promise(list: i64, expected: i64) -> Promise {
    Promise { list: usd(list), expected: usd(expected) }
}

fn follow(promise: Promise, sightings: &[Sighting]) -> Verdict {
    sightings.iter().fold(Verdict::NONE, |verdict, sighting| verdict.after(promise, *sighting))
}

#[rstest]
#[case::nothing_done(&[Sighting::Found(usd(10))], SavingState::Pending, 0)]
#[case::more_than_before(&[Sighting::Found(usd(12))], SavingState::Pending, 0)]
#[case::gone(&[Sighting::Gone], SavingState::Realised, 8)]
#[case::half(&[Sighting::Found(usd(5))], SavingState::Partly, 4)]
#[case::back(&[Sighting::Gone, Sighting::Found(usd(10))], SavingState::SlippedBack, 0)]
#[case::half_back(&[Sighting::Gone, Sighting::Found(usd(5))], SavingState::SlippedBack, 4)]
#[case::gone_again(&[Sighting::Gone, Sighting::Found(usd(10)), Sighting::Gone], SavingState::Realised, 8)]
#[case::further(&[Sighting::Found(usd(5)), Sighting::Found(usd(2))], SavingState::Partly, 6)]
fn what_scans_say(#[case] seen: &[Sighting], #[case] verification: SavingState, #[case] realised: i64) {
    let after = follow(promise(10, 8), seen);
    assert_eq!(after.verification, verification);
    assert_eq!(after.realised.to_cents(), format!("{realised}.{}", if realised == 6 { "40" } else { "00" }));
}

#[test]
fn what_cannot_be_seen_keeps_what_was_known() {
    let seen = [Sighting::Gone, Sighting::Unseen(WhyUnseen::NoData)];
    let after = follow(promise(10, 10), &seen);
    assert_eq!((after.verification, after.realised), (SavingState::Unverifiable, usd(10)));
    assert_eq!(after.reason, Some(WhyUnseen::NoData));
}

#[test]
fn a_promise_of_nothing_is_kept_with_nothing() {
    let after = follow(promise(0, 0), &[Sighting::Gone]);
    assert_eq!((after.verification, after.realised), (SavingState::Realised, MicroUsd::ZERO));
    assert_eq!(follow(promise(0, 0), &[Sighting::Found(usd(0))]).verification, SavingState::Pending);
}

#[test]
fn between_two_scans_the_lesser_counts() {
    let promise = promise(10, 10);
    let (all, half) = (follow(promise, &[Sighting::Gone]), follow(promise, &[Sighting::Found(usd(5))]));
    let dark = all.after(promise, Sighting::Unseen(WhyUnseen::NoData));
    assert_eq!(Verdict::worth_between(None, all), usd(10));
    assert_eq!(Verdict::worth_between(Some(half), all), usd(5));
    assert_eq!(Verdict::worth_between(Some(all), half), usd(5));
    assert_eq!(Verdict::worth_between(Some(dark), all), usd(10));
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn span(implemented: &str, from: &str, until: &str) -> Span {
    Span { implemented_at: at(implemented), from: from.parse().unwrap(), until: until.parse().unwrap() }
}

#[test]
fn the_first_day_begins_with_the_change() {
    let parts: Vec<DayPart> = parts_of(span("2026-03-01T18:00:00Z", "2026-03-01", "2026-03-04")).collect();
    let seconds: Vec<i64> = parts.iter().map(|part| part.seconds).collect();
    assert_eq!(seconds, [21_600, 86_400, 86_400]);
    assert_eq!(parts_of(span("2026-03-01T18:00:00Z", "2026-03-01", "2026-03-01")).count(), 0);
}

#[test]
fn time_off_is_the_schedulers() {
    let [day] = parts_of(span("2026-02-01T00:00:00Z", "2026-03-01", "2026-03-02")).collect::<Vec<_>>()[..]
    else {
        panic!("one day")
    };
    assert_eq!(day.worth(usd(730)), usd(24));
    assert_eq!(day.without(43_200).worth(usd(730)), usd(12));
    assert_eq!(day.without(90_000).worth(usd(730)), MicroUsd::ZERO);
}

#[rstest]
#[case(25, Some(100), Some(750))]
#[case(0, Some(100), Some(1_000))]
#[case(200, Some(100), Some(0))]
#[case(25, Some(0), None)]
#[case(25, None, None)]
fn the_score(#[case] possible: i64, #[case] spend: Option<i64>, #[case] score: Option<i64>) {
    assert_eq!(efficiency_permille(usd(possible), spend.map(usd)), score);
}

fn sightings() -> impl Strategy<Value = Vec<Sighting>> {
    let one = prop_oneof![
        (0_i64..20_000_000).prop_map(|micro| Sighting::Found(MicroUsd::new(micro))),
        Just(Sighting::Gone),
        Just(Sighting::Unseen(WhyUnseen::RegionNotScanned)),
    ];
    prop::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn no_more_is_realised_than_was_promised(list in 0_i64..10_000_000, net in 0_i64..10_000_000, seen in sightings()) {
        let promise = Promise { list: MicroUsd::new(list), expected: MicroUsd::new(net.min(list)) };
        let mut before = None;
        for sighting in seen {
            let after = before.unwrap_or(Verdict::NONE).after(promise, sighting);
            let worth = Verdict::worth_between(before, after);
            prop_assert!(worth >= MicroUsd::ZERO && worth <= promise.expected);
            prop_assert!(after.peak >= after.realised && after.peak <= promise.expected);
            before = Some(after);
        }
    }

    #[test]
    fn the_days_of_a_month_never_exceed_it(monthly in 0_i64..1_000_000_000_000, off in 0_i64..100_000) {
        let monthly = MicroUsd::new(monthly);
        let month = parts_of(span("2026-01-31T00:00:00Z", "2026-02-01", "2026-03-03"));
        let sum: MicroUsd = month.map(|day| day.without(off).worth(monthly)).sum();
        prop_assert!(sum <= monthly);
    }
}
