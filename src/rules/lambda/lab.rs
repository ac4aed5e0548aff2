//! Functions for the tests of this family.

use crate::domain::{
    inventory::{Architecture, LambdaFunction},
    metric::Metric,
    price::PriceKey,
    price_item::Item,
};
use crate::rules::fixtures::{Lab, common, region};

/// 2,048 MB, ten seconds, Python from a zip, on x86.
pub fn function(name: &str) -> LambdaFunction {
    LambdaFunction {
        common: common(name),
        runtime: Some("python3.12".into()),
        architecture: Architecture::X86_64,
        memory_mb: 2_048,
        timeout_seconds: 10,
        layers: 0,
        insights: true,
        edge_replica: false,
        provisioned: vec![],
    }
}

/// 10,000 calls a day of one second each.
pub fn lab(function: LambdaFunction) -> Lab {
    let name = function.common.id.clone();
    let prices = [
        (Item::LambdaDuration, "0.0000166667"),
        (Item::LambdaDurationArm, "0.0000133334"),
        (Item::LambdaProvisioned, "0.0000041667"),
        (Item::LambdaProvisionedArm, "0.0000033334"),
    ];
    let lab = Lab::new().inventory(|i| i.lambda_functions.push(function));
    let lab =
        prices.into_iter().fold(lab, |lab, (item, usd)| lab.price(PriceKey::item(item, &region()), usd));
    lab.daily(Metric::LambdaInvocations, &name, 14, 10_000.0)
        .daily(Metric::LambdaDuration, &name, 14, 10_000_000.0)
        .daily(Metric::LambdaDurationMax, &name, 14, 2_000.0)
        .daily(Metric::LambdaErrors, &name, 14, 0.0)
}
