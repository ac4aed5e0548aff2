//! The JSON protocols: Pricing has no products here (the built-in table serves), Cost Explorer one page.

use actix_web::HttpResponse;
use serde_json::{Value, json};

pub fn answer(operation: &str, body: &[u8]) -> HttpResponse {
    let reply = match operation {
        "GetProducts" => json!({"FormatVersion": "aws_v1", "PriceList": []}),
        "GetCostAndUsage" => costs(&serde_json::from_slice(body).unwrap_or(Value::Null)),
        _ => json!({}),
    };
    HttpResponse::Ok().content_type("application/x-amz-json-1.1").body(reply.to_string())
}

/// The same cost each day from start to end.
fn costs(request: &Value) -> Value {
    let day =
        |name: &str| request["TimePeriod"][name].as_str().and_then(|d| d.parse::<jiff::civil::Date>().ok());
    let (Some(start), Some(end)) = (day("Start"), day("End")) else { return json!({"ResultsByTime": []}) };
    let group = |service: &str| json!({"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": "9000", "Unit": "USD"}}});
    let days: Vec<Value> = start
        .series(jiff::Span::new().days(1))
        .take_while(|d| *d < end)
        .map(|d| {
            json!({"TimePeriod": {"Start": d.to_string(), "End": d.saturating_add(jiff::Span::new().days(1)).to_string()}, "Total": {}, "Estimated": false,
                   "Groups": [group("Amazon Elastic Compute Cloud - Compute"), group("EC2 - Other"), group("Amazon Relational Database Service"), group("Amazon Virtual Private Cloud")]})
        })
        .collect();
    json!({"ResultsByTime": days, "GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}], "DimensionValueAttributes": []})
}
