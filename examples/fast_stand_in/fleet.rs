//! The fleet: 50 % volumes, 20 % instances, 20 % snapshots, 4 % addresses, 4 % network interfaces and 2 %
//! databases, spread over regions; rendered once into the XML pages that AWS would send. A share of each is
//! waste: unattached, gp2, idle, old.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

pub const REGIONS: [&str; 17] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-central-1",
    "eu-north-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-southeast-1",
    "ap-southeast-2",
    "sa-east-1",
    "ca-central-1",
];
const EC2_PAGE: usize = 1_000;
const RDS_PAGE: usize = 100;

pub struct Fleet {
    /// (region, operation) → pages: the items only, without the envelope.
    pages: HashMap<(String, &'static str), Vec<String>>,
    pub regions: Vec<&'static str>,
    /// By account: the first one that was asked with.
    external_ids: Mutex<HashMap<String, String>>,
    waste: Waste,
    schedules: usize,
}

/// Of each hundred resources, the first so many are waste.
#[derive(Clone, Copy)]
pub struct Waste(pub usize);

impl Waste {
    pub fn is(self, number: usize) -> bool {
        number % 100 < self.0
    }
}

impl Fleet {
    pub fn waste(&self) -> Waste {
        self.waste
    }

    /// Whether machines and databases carry the scheduler's tags.
    pub fn is_scheduled(&self) -> bool {
        self.schedules > 0
    }

    /// The first external ID of an account is the right one: without it, or with another, the role is refused.
    pub fn admits(&self, account: &str, external_id: Option<&str>) -> bool {
        let Some(asked) = external_id else { return false };
        let mut known = self.external_ids.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(account.to_owned()).or_insert_with(|| asked.to_owned()) == asked
    }

    /// Every account has the same fleet. With `schedules`, its machines and databases follow so many by turns.
    pub fn new(resources: usize, regions: usize, waste: Waste, schedules: usize) -> Self {
        let regions: Vec<&'static str> = REGIONS.into_iter().take(regions.clamp(1, REGIONS.len())).collect();
        let mut pages = HashMap::new();
        let each = resources / regions.len();
        for region in &regions {
            let mut add = |operation, count: usize, page, item: fn(&str, usize, bool) -> String| {
                let item = |region: &str, n| schedule(item(region, n, waste.is(n)), n, operation, schedules);
                pages.insert(((*region).to_owned(), operation), render(region, count, page, item));
            };
            add("DescribeVolumes", each / 2, EC2_PAGE, volume);
            add("DescribeInstances", each / 5, EC2_PAGE, instance);
            add("DescribeSnapshots", each / 5, EC2_PAGE, snapshot);
            add("DescribeAddresses", each / 25, usize::MAX, address);
            add("DescribeNetworkInterfaces", each / 25, EC2_PAGE, network_interface);
            add("DescribeDBInstances", each / 50, RDS_PAGE, database);
        }
        Self { pages, regions, external_ids: Mutex::default(), waste, schedules }
    }

    /// A page's items and the token of the next one.
    pub fn page(&self, region: &str, operation: &'static str, token: Option<&str>) -> (&str, Option<usize>) {
        let at = token.and_then(|t| t.parse().ok()).unwrap_or(0);
        let pages = self.pages.get(&(region.to_owned(), operation));
        let items = pages.and_then(|p| p.get(at)).map_or("", String::as_str);
        (items, pages.and_then(|p| (at + 1 < p.len()).then_some(at + 1)))
    }
}

fn render(region: &str, count: usize, page: usize, item: impl Fn(&str, usize) -> String) -> Vec<String> {
    let numbers: Vec<usize> = (0..count).collect();
    numbers
        .chunks(page.min(count.max(1)))
        .map(|chunk| chunk.iter().map(|n| item(region, *n)).collect())
        .collect()
}

fn tags(name: &str, n: usize, element: &str) -> String {
    let team = ["shop", "data", "web"][n % 3];
    format!(
        "<{element}><item><key>Name</key><value>{name}-{n}</value></item><item><key>team</key><value>{team}</value></item></{element}>"
    )
}

/// Puts the scheduler's tags behind the others.
fn schedule(item: String, n: usize, operation: &str, schedules: usize) -> String {
    if schedules == 0 {
        return item;
    }
    let name = format!("schedule-{}", n % schedules);
    match operation {
        "DescribeInstances" => item.replace(
            "</tagSet>",
            &format!("<item><key>Scheduler</key><value>Enabled</value></item><item><key>Schedule</key><value>{name}</value></item></tagSet>"),
        ),
        "DescribeDBInstances" => item.replace(
            "</TagList>",
            &format!("<Tag><Key>Scheduler</Key><Value>Enabled</Value></Tag><Tag><Key>Schedule</Key><Value>{name}</Value></Tag></TagList>"),
        ),
        _ => item,
    }
}

/// Waste is gp2, and every third of it unattached.
fn volume(region: &str, n: usize, waste: bool) -> String {
    let kind = if waste { "gp2" } else { "gp3" };
    let unattached = waste && n.is_multiple_of(3);
    let size = 20 + n % 480;
    let mut xml = format!(
        "<item><volumeId>vol-{n:017x}</volumeId><size>{size}</size><snapshotId/><availabilityZone>{region}a</availabilityZone>\
         <status>{}</status><createTime>2024-03-0{}T10:00:00.000Z</createTime>",
        if unattached { "available" } else { "in-use" },
        1 + n % 9,
    );
    if unattached {
        xml.push_str("<attachmentSet/>");
    } else {
        let _ = write!(
            xml,
            "<attachmentSet><item><volumeId>vol-{n:017x}</volumeId><instanceId>i-{:017x}</instanceId><device>/dev/sdf</device><status>attached</status></item></attachmentSet>",
            n / 3
        );
    }
    let iops = if kind == "gp2" { (size * 3).max(100) } else { 3_000 };
    let _ = write!(
        xml,
        "<volumeType>{kind}</volumeType><iops>{iops}</iops>{}<encrypted>true</encrypted>{}<multiAttachEnabled>false</multiAttachEnabled></item>",
        if kind == "gp3" { "<throughput>125</throughput>" } else { "" },
        tags("disk", n, "tagSet")
    );
    xml
}

/// Waste runs on x86, and every third of it is stopped; the rest runs on Graviton.
fn instance(region: &str, n: usize, waste: bool) -> String {
    let stopped = waste && n.is_multiple_of(3);
    let (family, architecture) = if waste { ("5", "x86_64") } else { ("6g", "arm64") };
    let (code, state) = if stopped { (80, "stopped") } else { (16, "running") };
    let reason = if stopped { "User initiated (2026-01-05 09:00:00 GMT)" } else { "" };
    format!(
        "<item><reservationId>r-{n:017x}</reservationId><ownerId>222222222222</ownerId><groupSet/><instancesSet><item>\
         <instanceId>i-{n:017x}</instanceId><imageId>ami-0123456789abcdef0</imageId><instanceState><code>{code}</code><name>{state}</name></instanceState>\
         <privateDnsName/><dnsName/><reason>{reason}</reason><amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>{}</instanceType>\
         <launchTime>2025-05-01T10:00:00.000Z</launchTime><placement><availabilityZone>{region}a</availabilityZone><groupName/><tenancy>default</tenancy></placement>\
         <monitoring><state>disabled</state></monitoring><subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-0123456789abcdef0</vpcId>\
         <privateIpAddress>10.0.0.{}</privateIpAddress><architecture>{architecture}</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>\
         <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName><ebs><volumeId>vol-{:017x}</volumeId><status>attached</status></ebs></item></blockDeviceMapping>\
         <virtualizationType>hvm</virtualizationType><clientToken/>{}<hypervisor>xen</hypervisor><ebsOptimized>true</ebsOptimized><enaSupport>true</enaSupport>\
         <platformDetails>Linux/UNIX</platformDetails><usageOperation>RunInstances</usageOperation></item></instancesSet></item>",
        ["m{}.large", "c{}.xlarge", "r{}.large"][n % 3].replace("{}", family),
        n % 250,
        n * 3,
        tags("web", n, "tagSet"),
    )
}

/// Ten days ago: young, whenever this runs.
fn recent_day() -> String {
    jiff::Zoned::now().date().saturating_sub(jiff::Span::new().days(10)).to_string()
}

fn snapshot(_: &str, n: usize, waste: bool) -> String {
    format!(
        "<item><snapshotId>snap-{n:017x}</snapshotId><volumeId>vol-{:017x}</volumeId><status>completed</status><startTime>{}T10:00:00.000Z</startTime>\
         <progress>100%</progress><ownerId>222222222222</ownerId><volumeSize>{}</volumeSize><description>nightly</description><encrypted>true</encrypted>{}<storageTier>standard</storageTier></item>",
        n * 2,
        if waste { "2024-06-01".to_owned() } else { recent_day() },
        20 + n % 480,
        tags("backup", n, "tagSet"),
    )
}

fn address(_: &str, n: usize, waste: bool) -> String {
    let associated = if waste {
        String::new()
    } else {
        format!("<associationId>eipassoc-{n:017x}</associationId><instanceId>i-{n:017x}</instanceId>")
    };
    format!(
        "<item><publicIp>198.51.{}.{}</publicIp><allocationId>eipalloc-{n:017x}</allocationId><domain>vpc</domain>{associated}<publicIpv4Pool>amazon</publicIpv4Pool>{}</item>",
        n / 250 % 250,
        n % 250,
        tags("ip", n, "tagSet"),
    )
}

fn network_interface(region: &str, n: usize, _: bool) -> String {
    format!(
        "<item><networkInterfaceId>eni-{n:017x}</networkInterfaceId><subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-0123456789abcdef0</vpcId>\
         <availabilityZone>{region}a</availabilityZone><description/><ownerId>222222222222</ownerId><status>in-use</status><interfaceType>interface</interfaceType>{}</item>",
        tags("eni", n, "tagSet"),
    )
}

fn database(region: &str, n: usize, waste: bool) -> String {
    format!(
        "<DBInstance><DBInstanceIdentifier>db-{n}</DBInstanceIdentifier><DBInstanceClass>db.{}.large</DBInstanceClass><Engine>postgres</Engine>\
         <DBInstanceStatus>available</DBInstanceStatus><AllocatedStorage>{}</AllocatedStorage><InstanceCreateTime>2024-03-01T10:00:00.000Z</InstanceCreateTime>\
         <AvailabilityZone>{region}a</AvailabilityZone><MultiAZ>false</MultiAZ><EngineVersion>16.4</EngineVersion><LicenseModel>postgresql-license</LicenseModel>\
         <StorageType>gp3</StorageType><Iops>3000</Iops><DBInstanceArn>arn:aws:rds:{region}:222222222222:db:db-{n}</DBInstanceArn>\
         <EngineLifecycleSupport>open-source-rds-extended-support</EngineLifecycleSupport>\
         <TagList><Tag><Key>Name</Key><Value>db-{n}</Value></Tag></TagList></DBInstance>",
        if waste { "m5" } else { "m6g" },
        50 + n % 200,
    )
}
