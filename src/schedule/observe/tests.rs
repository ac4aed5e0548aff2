//! Looking over the real wire format.

use super::{super::lab::*, *};
use crate::domain::{inventory::Platform, schedule::Ineligible, schedule::check_eligibility};
use rstest::rstest;
use wiremock::ResponseTemplate;

fn nothing(form: &Form) -> ResponseTemplate {
    match form["Action"].as_str() {
        "DescribeInstances" => instances("", ""),
        _ => rds_ok(form, ""),
    }
}

fn db(id: &str, more: &str) -> String {
    format!(
        "<DBInstance><DBInstanceIdentifier>{id}</DBInstanceIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass>\
         <Engine>postgres</Engine><DBInstanceStatus>available</DBInstanceStatus>\
         <DBInstanceArn>arn:aws:rds:eu-west-1:123456789012:db:{id}</DBInstanceArn>{more}</DBInstance>"
    )
}

fn cluster(id: &str, more: &str) -> String {
    format!(
        "<DBCluster><DBClusterIdentifier>{id}</DBClusterIdentifier><Engine>aurora-mysql</Engine>\
         <EngineMode>provisioned</EngineMode><Status>available</Status>\
         <DBClusterArn>arn:aws:rds:eu-west-1:123456789012:cluster:{id}</DBClusterArn>{more}</DBCluster>"
    )
}

fn dbs(form: &Form, items: &str, marker: &str) -> ResponseTemplate {
    rds_ok(form, &format!("<DBInstances>{items}</DBInstances><Marker>{marker}</Marker>"))
}

fn clusters_page(form: &Form, items: &str) -> ResponseTemplate {
    rds_ok(form, &format!("<DBClusters>{items}</DBClusters>"))
}

async fn tagged(aws: &Aws) -> Seen {
    observe(&aws.session, &region(), Which::Tagged, NOW).await
}

fn target(kind: TargetKind, id: &str) -> Target {
    seen(kind, id, crate::domain::schedule::Action::Stop).target
}

#[tokio::test]
async fn instances_are_asked_for_by_their_tag_and_read_page_by_page() {
    let aws = Aws::that(|form| match (form["Action"].as_str(), form.get("NextToken").map(String::as_str)) {
        ("DescribeInstances", None) => instances(&instance("i-1", "running", EC2_GATE), "two"),
        ("DescribeInstances", Some("two")) => instances(&instance("i-2", "stopped", EC2_GATE), ""),
        _ => nothing(form),
    })
    .await;
    let seen = tagged(&aws).await;
    assert_eq!(power_of(&seen.observed), [("i-1", Power::Running), ("i-2", Power::Stopped)].into());
    assert!(seen.failures.is_empty());
    let calls = aws.calls().await;
    let call = calls.iter().find(|form| form["Action"] == "DescribeInstances").unwrap();
    assert_eq!(
        (call["Filter.1.Name"].as_str(), call["Filter.1.Value.1"].as_str()),
        ("tag:Scheduler", "Enabled")
    );
    assert_eq!(call["MaxResults"], "1000");
}

#[tokio::test]
async fn a_tag_that_is_not_exact_is_not_seen_even_if_aws_lets_it_through() {
    let close = "<tagSet><item><key>Scheduler</key><value>enabled</value></item></tagSet>";
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-1", "running", close), ""),
        _ => nothing(form),
    })
    .await;
    assert_eq!(tagged(&aws).await, Seen::default());
}

#[tokio::test]
async fn an_instance_keeps_what_decision_and_price_depend_on() {
    let more = "<tagSet><item><key>Scheduler</key><value>Enabled</value></item><item><key>Name</key><value>web</value>\
                </item><item><key>aws:autoscaling:groupName</key><value>g</value></item></tagSet>\
                <launchTime>2026-07-01T10:00:00.000Z</launchTime><platformDetails>Windows</platformDetails>\
                <instanceLifecycle>spot</instanceLifecycle><rootDeviceType>instance-store</rootDeviceType>\
                <stateReason><code>Client.InternalError</code><message>Client.InternalError: Client error on launch\
                </message></stateReason><operator><managed>true</managed></operator>";
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-1", "stopping", more), ""),
        _ => nothing(form),
    })
    .await;
    let seen = tagged(&aws).await;
    let one = &seen.observed[0];
    assert_eq!((one.name.as_deref(), one.power, one.seen_at), (Some("web"), Power::Changing, NOW));
    let facts = &one.facts;
    assert_eq!((&*facts.aws_state, &*facts.size, &*facts.zone), ("stopping", "m5.large", "eu-west-1a"));
    assert_eq!(facts.state_reason.as_deref(), Some("Client.InternalError: Client error on launch"));
    assert_eq!(facts.launched_at, Some("2026-07-01T10:00:00Z".parse().unwrap()));
    assert_eq!(facts.platform, Some(Platform::Windows));
    assert!(facts.spot && facts.auto_scaling_group && facts.instance_store_root && facts.managed);
    assert_eq!(one.target.account, aws.session.account());
}

#[rstest]
#[case::attached("<blockDeviceMapping><item><deviceName>/dev/xvda</deviceName></item></blockDeviceMapping>", Ok(()))]
#[case::detached("<blockDeviceMapping/>", Err(Ineligible::NoRootVolume))]
#[case::untold("", Ok(()))]
#[tokio::test]
async fn a_machine_without_its_root_volume_is_not_eligible(
    #[case] devices: &str,
    #[case] wanted: Result<(), Ineligible>,
) {
    let more = format!(
        "{EC2_GATE}<rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/xvda</rootDeviceName>{devices}"
    );
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-1", "stopped", &more), ""),
        _ => nothing(form),
    })
    .await;
    assert_eq!(check_eligibility(&tagged(&aws).await.observed[0]), wanted);
}

#[tokio::test]
async fn databases_are_listed_and_the_tagged_ones_kept() {
    let aws = Aws::that(|form| match (form["Action"].as_str(), form.get("Marker").map(String::as_str)) {
        ("DescribeDBInstances", None) => dbs(form, &(db("a", RDS_GATE) + &db("b", "<TagList/>")), "two"),
        ("DescribeDBInstances", Some(_)) => {
            let more = format!(
                "{RDS_GATE}<AutomaticRestartTime>2026-07-08T10:00:00Z</AutomaticRestartTime><MultiAZ>true</MultiAZ>\
                 <ReadReplicaDBInstanceIdentifiers><ReadReplicaDBInstanceIdentifier>r</ReadReplicaDBInstanceIdentifier>\
                 </ReadReplicaDBInstanceIdentifiers>"
            );
            dbs(form, &db("c", &more), "")
        }
        _ => nothing(form),
    })
    .await;
    let seen = tagged(&aws).await;
    assert_eq!(power_of(&seen.observed), [("a", Power::Running), ("c", Power::Running)].into());
    let c = &seen.observed[1].facts;
    assert!(c.multi_az && c.has_replicas && !c.read_replica);
    assert_eq!(c.automatic_restart_at, Some("2026-07-08T10:00:00Z".parse().unwrap()));
    assert_eq!((&*c.engine, &*c.size), ("postgres", "db.r6g.large"));
    assert_eq!(aws.count("ListTagsForResource").await, 0, "the list tells the tags");
}

#[tokio::test]
async fn a_cluster_knows_its_members_and_they_follow_it() {
    let member = |id: &str| {
        let more = format!("<DBClusterIdentifier>main</DBClusterIdentifier>{RDS_GATE}");
        db(id, &more)
    };
    let members = "<DBClusterMembers><DBClusterMember><DBInstanceIdentifier>m1</DBInstanceIdentifier></DBClusterMember>\
                   <DBClusterMember><DBInstanceIdentifier>m2</DBInstanceIdentifier></DBClusterMember></DBClusterMembers>";
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeDBInstances" => dbs(form, &(member("m1") + &member("m2")), ""),
        "DescribeDBClusters" => clusters_page(form, &cluster("main", &format!("{RDS_GATE}{members}"))),
        _ => nothing(form),
    })
    .await;
    let all = tagged(&aws).await;
    let main = all.observed.iter().find(|o| o.target.kind == TargetKind::DbCluster).unwrap();
    let sizes: Vec<(&str, &str)> = main.facts.members.iter().map(|m| (&*m.id, &*m.size)).collect();
    assert_eq!(sizes, [("m1", "db.r6g.large"), ("m2", "db.r6g.large")]);
    assert_eq!(check_eligibility(main), Ok(()));
    let m1 = all.observed.iter().find(|o| &*o.target.id == "m1").unwrap();
    assert_eq!(check_eligibility(m1), Err(Ineligible::ClusterMember));

    let only =
        observe(&aws.session, &region(), Which::Only(&[target(TargetKind::DbCluster, "main")]), NOW).await;
    assert_eq!(only.observed[0].facts.members, main.facts.members, "a second look tells the same");
}

#[rstest]
#[case::blue("orders", Err(Ineligible::BlueGreen))]
#[case::green("orders-green-a1b2c3", Err(Ineligible::BlueGreen))]
#[case::neither("stock", Ok(()))]
#[tokio::test]
async fn both_sides_of_a_blue_green_deployment_are_left_alone(
    #[case] id: &str,
    #[case] wanted: Result<(), Ineligible>,
) {
    let ids = ["orders", "orders-green-a1b2c3", "stock"];
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeDBInstances" => dbs(form, &ids.map(|id| db(id, RDS_GATE)).concat(), ""),
        "DescribeDBClusters" => clusters_page(form, &ids.map(|id| cluster(id, RDS_GATE)).concat()),
        _ => nothing(form),
    })
    .await;
    let seen = tagged(&aws).await;
    let same: Vec<_> = seen.observed.iter().filter(|o| &*o.target.id == id).map(check_eligibility).collect();
    assert_eq!(same, [wanted, wanted]);
}

#[tokio::test]
async fn a_failing_part_does_not_hide_the_others() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-1", "running", EC2_GATE), ""),
        "DescribeDBInstances" => rds_error(403, "AccessDenied", "no"),
        _ => clusters_page(form, &cluster("main", RDS_GATE)),
    })
    .await;
    let seen = tagged(&aws).await;
    assert_eq!(power_of(&seen.observed), [("i-1", Power::Running), ("main", Power::Running)].into());
    let failed: Vec<_> = seen.failures.iter().map(|(kind, failure)| (*kind, failure.code.as_str())).collect();
    assert_eq!(failed, [(TargetKind::DbInstance, "AccessDenied")]);
    assert!(seen.incomplete(TargetKind::DbInstance) && !seen.incomplete(TargetKind::Instance));
}

#[tokio::test]
async fn pages_that_turn_in_circles_end() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-1", "running", EC2_GATE), "again"),
        "DescribeDBInstances" => dbs(form, &db("a", RDS_GATE), "again"),
        _ => nothing(form),
    })
    .await;
    let seen = tagged(&aws).await;
    assert_eq!(seen.failures.len(), 2);
    assert!(seen.failures.iter().all(|(_, failure)| failure.code == "RepeatedNextToken"));
}

#[tokio::test]
async fn what_was_asked_for_and_is_not_there_is_gone() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeInstances" => {
            instances(&(instance("i-1", "running", "") + &instance("i-2", "terminated", "")), "")
        }
        "DescribeDBClusters" => rds_error(500, "InternalFailure", "later"),
        "DescribeDBInstances" if form.contains_key("Filters.Filter.1.Name") => dbs(form, "", ""),
        _ => nothing(form),
    })
    .await;
    let mut elsewhere = target(TargetKind::Instance, "i-9");
    elsewhere.region = "us-east-1".parse().unwrap();
    let targets = [
        target(TargetKind::Instance, "i-1"),
        target(TargetKind::Instance, "i-2"),
        target(TargetKind::Instance, "i-3"),
        target(TargetKind::DbInstance, "a"),
        target(TargetKind::DbCluster, "main"),
        elsewhere,
    ];
    let seen = observe(&aws.session, &region(), Which::Only(&targets), NOW).await;
    let wanted = [("i-1", Power::Running), ("i-2", Power::Gone), ("i-3", Power::Gone), ("a", Power::Gone)];
    assert_eq!(power_of(&seen.observed), wanted.into(), "the cluster is unknown, the stray is nobody's");
    assert!(seen.incomplete(TargetKind::DbCluster));
}

#[tokio::test]
async fn many_ids_go_in_batches() {
    let aws = Aws::that(|form| {
        let ids = listed(form, "Filter.1.Value.");
        instances(&ids.iter().map(|id| instance(id, "running", "")).collect::<String>(), "")
    })
    .await;
    let targets: Vec<Target> = instance_ids(450).iter().map(|id| target(TargetKind::Instance, id)).collect();
    let seen = observe(&aws.session, &region(), Which::Only(&targets), NOW).await;
    assert!(seen.observed.iter().all(|o| o.power == Power::Running));
    assert_eq!((seen.observed.len(), aws.count("DescribeInstances").await), (450, 3));
}

#[tokio::test]
async fn a_database_that_fails_the_call_for_being_gone_does_not_hide_the_others() {
    let aws = Aws::that(|form| {
        let ids = listed(form, "Filters.Filter.1.Values.Value.");
        if ids.contains(&"gone".to_owned()) {
            rds_error(404, "DBInstanceNotFound", "DBInstance gone not found.")
        } else {
            dbs(form, &ids.iter().map(|id| db(id, RDS_GATE)).collect::<String>(), "")
        }
    })
    .await;
    let targets = ["a", "b", "gone", "z"].map(|id| target(TargetKind::DbInstance, id));
    let seen = observe(&aws.session, &region(), Which::Only(&targets), NOW).await;
    let wanted = [("a", Power::Running), ("b", Power::Running), ("gone", Power::Gone), ("z", Power::Running)];
    assert_eq!(power_of(&seen.observed), wanted.into());
    assert!(seen.failures.is_empty());
}

#[tokio::test]
async fn expired_credentials_are_dropped() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeInstances" => ec2_error(400, "RequestExpired", "Request has expired."),
        _ => nothing(form),
    })
    .await;
    assert!(tagged(&aws).await.incomplete(TargetKind::Instance));
    tagged(&aws).await;
    assert_eq!(aws.count("AssumeRole").await, 2, "new ones were asked for");
}

#[tokio::test]
async fn regions_are_those_that_the_account_has_enabled() {
    let aws = Aws::that(|_| {
        let item = |name| format!("<item><regionName>{name}</regionName></item>");
        ok(format!(
            "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><regionInfo>{}{}</regionInfo>\
             </DescribeRegionsResponse>",
            item("us-east-1"),
            item("eu-west-1")
        ))
    })
    .await;
    let names: Vec<String> = regions(&aws.session).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["eu-west-1", "us-east-1"]);
    let calls = aws.calls().await;
    assert!(!calls[0].contains_key("AllRegions"), "AWS then lists enabled ones only");
}

/// Where a partition leaves tags out of its lists, they are asked for one by one; so each declared action is
/// called, and no other.
#[tokio::test]
async fn every_declared_action_is_called_and_no_other() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeDBInstances" => dbs(form, &(db("a", "") + &db("b", "")), ""),
        "DescribeDBClusters" => clusters_page(form, &cluster("main", "")),
        "ListTagsForResource" if form["ResourceName"].ends_with(":b") => rds_ok(form, "<TagList/>"),
        "ListTagsForResource" => rds_ok(form, RDS_GATE),
        "DescribeRegions" => ok("<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>"),
        _ => nothing(form),
    })
    .await;
    regions(&aws.session).await.unwrap();
    let seen = tagged(&aws).await;
    assert_eq!(power_of(&seen.observed), [("a", Power::Running), ("main", Power::Running)].into());
    let usage = aws.session.usage();
    let operations = |(service, calls): (&String, &std::collections::BTreeMap<String, u64>)| {
        calls.keys().map(|name| format!("{service}:{name}")).collect::<Vec<_>>()
    };
    let mut called: Vec<String> = usage.calls.iter().flat_map(operations).collect();
    let mut declared = ACTIONS.to_vec();
    declared.sort_unstable();
    called.sort();
    assert_eq!(called, declared);
    assert_eq!(declared, crate::aws::SCHEDULER_READS);
}
