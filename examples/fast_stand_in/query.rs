//! The query protocols: EC2, RDS, Auto Scaling, STS. A form goes in, XML comes out.

use super::fleet::{Fleet, REGIONS};
use actix_web::HttpResponse;
use std::{collections::HashMap, fmt::Write};

/// Who calls, and where.
pub struct Scope {
    pub key: String,
    pub region: String,
    pub service: String,
}

pub fn answer(fleet: &Fleet, scope: &Scope, body: &[u8]) -> HttpResponse {
    let Scope { key, region, service } = scope;
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let action = form.get("Action").map_or("", String::as_str);
    let token = form.get("NextToken").or_else(|| form.get("Marker")).map(String::as_str);
    let xml = match service.as_str() {
        "ec2" if asks_for_scheduled(&form) && !fleet.is_scheduled() => format!("<{action}Response/>"),
        "ec2" => ec2(fleet, region, action, token),
        "rds" => rds(fleet, region, action, token),
        "sts" => return sts(fleet, key, &form),
        _ => format!("<{action}Response><{action}Result/></{action}Response>"),
    };
    HttpResponse::Ok().content_type("text/xml;charset=UTF-8").body(xml)
}

fn asks_for_scheduled(form: &HashMap<String, String>) -> bool {
    form.values().any(|value| value == "tag:Scheduler")
}

fn ec2(fleet: &Fleet, region: &str, action: &str, token: Option<&str>) -> String {
    let (operation, set) = match action {
        "DescribeRegions" => return regions(fleet),
        "DescribeInstanceTypes" => return instance_types(),
        "DescribeVolumes" => ("DescribeVolumes", "volumeSet"),
        "DescribeInstances" => ("DescribeInstances", "reservationSet"),
        "DescribeSnapshots" => ("DescribeSnapshots", "snapshotSet"),
        "DescribeAddresses" => ("DescribeAddresses", "addressesSet"),
        "DescribeNetworkInterfaces" => ("DescribeNetworkInterfaces", "networkInterfaceSet"),
        other => return format!("<{other}Response/>"),
    };
    let (items, next) = fleet.page(region, operation, token);
    let next = next.map(|n| format!("<nextToken>{n}</nextToken>")).unwrap_or_default();
    format!("<{action}Response><requestId>r</requestId><{set}>{items}</{set}>{next}</{action}Response>")
}

fn regions(fleet: &Fleet) -> String {
    let mut items = String::new();
    for region in REGIONS.iter().filter(|r| fleet.regions.contains(r)) {
        let _ = write!(
            items,
            "<item><regionName>{region}</regionName><regionEndpoint>ec2.{region}.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>"
        );
    }
    format!("<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>")
}

/// The families of the fleet and what they can become.
fn instance_types() -> String {
    let mut items = String::new();
    for (family, memory_per_vcpu, arch) in [
        ("m5", 4, "x86_64"),
        ("m6i", 4, "x86_64"),
        ("m6g", 4, "arm64"),
        ("c5", 2, "x86_64"),
        ("c6i", 2, "x86_64"),
        ("r5", 8, "x86_64"),
        ("r6i", 8, "x86_64"),
    ] {
        for (size, vcpus) in [("large", 2), ("xlarge", 4), ("2xlarge", 8)] {
            let _ = write!(
                items,
                "<item><instanceType>{family}.{size}</instanceType><currentGeneration>true</currentGeneration><instanceStorageSupported>false</instanceStorageSupported>\
                <bareMetal>false</bareMetal><hypervisor>nitro</hypervisor><burstablePerformanceSupported>false</burstablePerformanceSupported>\
                <processorInfo><supportedArchitectures><item>{arch}</item></supportedArchitectures></processorInfo><vCpuInfo><defaultVCpus>{vcpus}</defaultVCpus></vCpuInfo>\
                <memoryInfo><sizeInMiB>{}</sizeInMiB></memoryInfo></item>",
                vcpus * memory_per_vcpu * 1024
            );
        }
    }
    format!(
        "<DescribeInstanceTypesResponse><instanceTypeSet>{items}</instanceTypeSet></DescribeInstanceTypesResponse>"
    )
}

fn rds(fleet: &Fleet, region: &str, action: &str, token: Option<&str>) -> String {
    if action != "DescribeDBInstances" {
        return format!("<{action}Response><{action}Result/></{action}Response>");
    }
    let (items, next) = fleet.page(region, "DescribeDBInstances", token);
    let next = next.map(|n| format!("<Marker>{n}</Marker>")).unwrap_or_default();
    format!(
        "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>{items}</DBInstances>{next}</DescribeDBInstancesResult></DescribeDBInstancesResponse>"
    )
}

/// Keys carry the account that they were given for.
fn sts(fleet: &Fleet, key: &str, form: &HashMap<String, String>) -> HttpResponse {
    const NS: &str = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";
    let text = |name: &str| form.get(name).map_or("", String::as_str);
    let action = text("Action");
    let account =
        text("RoleArn").split(':').nth(4).or_else(|| key.strip_prefix("ASIA")).unwrap_or("222222222222");
    if action == "AssumeRole" && !fleet.admits(account, form.get("ExternalId").map(String::as_str)) {
        let error = "<Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message>";
        let xml =
            format!("<ErrorResponse {NS}><Error>{error}</Error><RequestId>r</RequestId></ErrorResponse>");
        return HttpResponse::Forbidden().content_type("text/xml").body(xml);
    }
    let result = if action == "AssumeRole" {
        format!(
            "<Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
             <SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        )
    } else {
        format!(
            "<Arn>arn:aws:iam::{account}:user/bench</Arn><UserId>AIDABENCH</UserId><Account>{account}</Account>"
        )
    };
    let xml = format!("<{action}Response {NS}><{action}Result>{result}</{action}Result></{action}Response>");
    HttpResponse::Ok().content_type("text/xml").body(xml)
}
