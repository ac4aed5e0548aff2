//! How plans are drawn, from tame to wild.

use crate::fleet::{Load, Pick, Plan};
use proptest::prelude::*;

fn load(wild: bool) -> BoxedStrategy<Load> {
    let tame = prop_oneof![
        Just(Load::Idle),
        Just(Load::Low),
        Just(Load::Half),
        Just(Load::Busy),
        Just(Load::Office),
        any::<u8>().prop_map(Load::Varied),
        any::<u8>().prop_map(Load::Mixed),
        Just(Load::Empty),
        Just(Load::Absent),
    ];
    if wild { prop_oneof![8 => tame, 2 => any::<u8>().prop_map(Load::Absurd)].boxed() } else { tame.boxed() }
}

fn pick(wild: bool) -> impl Strategy<Value = Pick> {
    let most = if wild { 12 } else { 3 };
    let members = prop_oneof![3 => Just(u16::MAX), 1 => any::<u16>()];
    let changes = prop::collection::vec(any::<(u16, u16)>(), 0..most);
    (0..1_000_usize, 0..4_usize, members, load(wild), changes)
        .prop_map(|(group, region, members, load, changes)| Pick { group, region, members, load, changes })
}

fn plan(wild: bool, groups: usize) -> impl Strategy<Value = Plan> {
    let spend = prop::option::of(prop::collection::vec(0..20_000_u32, 16));
    let odd = if wild { prop::option::of(any::<u8>()).boxed() } else { Just(None).boxed() };
    let gaps = prop::collection::vec(any::<(u8, u8)>(), 0..6);
    (prop::collection::vec(pick(wild), 1..groups), odd, spend, gaps)
        .prop_map(|(picks, odd_prices, spend, gaps)| Plan { picks, odd_prices, spend, gaps })
}

/// Every field is one that some resource of the demo has, or has been seen to break things.
pub fn tame() -> impl Strategy<Value = Plan> {
    plan(false, 24)
}

/// A few groups, where each finding is looked at by itself.
pub fn few() -> impl Strategy<Value = Plan> {
    plan(false, 7)
}

/// Much is altered, loads and prices are absurd.
pub fn wild() -> impl Strategy<Value = Plan> {
    plan(true, 16)
}
