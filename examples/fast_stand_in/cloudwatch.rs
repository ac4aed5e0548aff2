//! CloudWatch's rpc-v2-cbor: as many datapoints as the window and the period ask for.

use super::fleet::Waste;
use actix_web::HttpResponse;
use minicbor::{
    Decoder, Encoder,
    data::{Tag, Type},
    decode::Error,
};

#[derive(Default)]
struct Query {
    id: String,
    metric: String,
    resource: String,
    period: i64,
}

pub fn answer(operation: &str, body: &[u8], waste: Waste) -> HttpResponse {
    let reply = if operation == "GetMetricData" {
        let (queries, seconds) = read(body).expect("a GetMetricData request");
        write(&queries, seconds, waste)
    } else {
        vec![0xa0]
    };
    HttpResponse::Ok()
        .insert_header(("smithy-protocol", "rpc-v2-cbor"))
        .content_type("application/cbor")
        .body(reply)
}

/// Runs for each key of a map, definite or not.
fn each_key(
    decoder: &mut Decoder<'_>,
    mut value: impl FnMut(&str, &mut Decoder<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut left = decoder.map()?;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(n) => *n -= 1,
            None if decoder.datatype()? == Type::Break => return decoder.skip(),
            None => {}
        }
        let key = decoder.str()?.to_owned();
        value(&key, decoder)?;
    }
}

fn each_item(
    decoder: &mut Decoder<'_>,
    mut item: impl FnMut(&mut Decoder<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut left = decoder.array()?;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(n) => *n -= 1,
            None if decoder.datatype()? == Type::Break => return decoder.skip(),
            None => {}
        }
        item(decoder)?;
    }
}

/// The queries and the start and end of the window in seconds.
fn read(body: &[u8]) -> Result<(Vec<Query>, (i64, i64)), Error> {
    let (mut queries, mut window) = (Vec::new(), (0, 0));
    each_key(&mut Decoder::new(body), |key, d| match key {
        "MetricDataQueries" => each_item(d, |d| {
            queries.push(query(d)?);
            Ok(())
        }),
        "StartTime" => timestamp(d).map(|t| window.0 = t),
        "EndTime" => timestamp(d).map(|t| window.1 = t),
        _ => d.skip(),
    })?;
    Ok((queries, window))
}

#[allow(clippy::cast_possible_truncation, reason = "seconds since 1970")]
fn timestamp(d: &mut Decoder<'_>) -> Result<i64, Error> {
    d.tag()?;
    match d.datatype()? {
        Type::F64 => d.f64().map(|t| t as i64),
        Type::F32 => d.f32().map(|t| t as i64),
        _ => d.i64(),
    }
}

fn query(d: &mut Decoder<'_>) -> Result<Query, Error> {
    let mut query = Query::default();
    each_key(d, |key, d| match key {
        "Id" => d.str().map(|id| id.clone_into(&mut query.id)),
        "MetricStat" => each_key(d, |key, d| match key {
            "Period" => d.i64().map(|p| query.period = p),
            "Metric" => each_key(d, |key, d| match key {
                "MetricName" => d.str().map(|name| name.clone_into(&mut query.metric)),
                "Dimensions" => each_item(d, |d| {
                    each_key(d, |key, d| match key {
                        "Value" => d.str().map(|value| value.clone_into(&mut query.resource)),
                        _ => d.skip(),
                    })
                }),
                _ => d.skip(),
            }),
            _ => d.skip(),
        }),
        _ => d.skip(),
    })?;
    Ok(query)
}

/// What is waste idles or is half used; the rest peaks at 90 %.
fn value(query: &Query, waste: Waste) -> Option<f64> {
    let id = query.resource.rsplit('-').next().unwrap_or_default();
    let radix = if query.resource.starts_with("db-") { 10 } else { 16 };
    let number = usize::from_str_radix(id, radix).unwrap_or(0);
    match (query.metric.as_str(), waste.is(number)) {
        ("CPUUtilization", true) => Some(if number.is_multiple_of(2) { 2.0 } else { 30.0 }),
        ("CPUUtilization", false) => Some(90.0),
        ("VolumeIdleTime", _) => None,
        ("DatabaseConnections", true) => Some(0.0),
        ("DatabaseConnections", false) => Some(12.0),
        ("FreeableMemory", _) => Some(1.0e9),
        _ => Some(1000.0),
    }
}

fn write(queries: &[Query], (start, end): (i64, i64), waste: Waste) -> Vec<u8> {
    let mut e = Encoder::new(Vec::new());
    e.map(1).unwrap().str("MetricDataResults").unwrap().array(queries.len() as u64).unwrap();
    for query in queries {
        let value = value(query, waste);
        let points = if value.is_some() && query.period > 0 { (end - start) / query.period } else { 0 };
        e.map(4)
            .unwrap()
            .str("Id")
            .unwrap()
            .str(&query.id)
            .unwrap()
            .str("StatusCode")
            .unwrap()
            .str("Complete")
            .unwrap();
        e.str("Timestamps").unwrap().array(u64::try_from(points).unwrap_or(0)).unwrap();
        for n in 0..points {
            #[allow(clippy::cast_precision_loss, reason = "seconds since 1970")]
            e.tag(Tag::new(1)).unwrap().f64((start + n * query.period) as f64).unwrap();
        }
        e.str("Values").unwrap().array(u64::try_from(points).unwrap_or(0)).unwrap();
        for _ in 0..points {
            e.f64(value.unwrap_or(0.0)).unwrap();
        }
    }
    e.into_writer()
}
