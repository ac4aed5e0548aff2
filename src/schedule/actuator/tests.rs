//! Starting and stopping over the real wire format.

use super::{super::lab::*, *};
use rstest::rstest;

async fn run(aws: &Aws, orders: Vec<Order>) -> Books {
    let books = Books::of(&orders);
    carry_out(&aws.session, orders, &books).await;
    books
}

fn is_start_or_stop(form: &Form) -> bool {
    form["Action"].starts_with("Start") || form["Action"].starts_with("Stop")
}

#[tokio::test]
async fn at_most_fifty_ids_go_in_a_call_and_each_is_told_once() {
    let aws = Aws::that(|form| changed(form, "running")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(120), Action::Stop)).await;
    let mut sizes: Vec<usize> = aws.calls().await.iter().map(|form| ids_of(form).len()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [20, 50, 50]);
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 120);
    let told = books.told();
    let outcome = &told["i-00000001"];
    assert_eq!(outcome.verify_after, Duration::from_mins(1));
    assert_eq!((outcome.code.as_str(), outcome.request_id.as_deref()), ("", Some("req-200")));
}

#[tokio::test]
async fn starts_are_grouped_by_type_and_zone_and_stops_are_not() {
    let aws = Aws::that(|form| {
        changed(form, if form["Action"] == "StartInstances" { "stopped" } else { "running" })
    })
    .await;
    let placed = |id: &str, size: &str, zone: &str, action| {
        let mut observed = seen(TargetKind::Instance, id, action);
        (observed.facts.size, observed.facts.zone) = (size.into(), zone.into());
        order_for(&observed, action)
    };
    let all = vec![
        placed("i-1", "m5.large", "eu-west-1a", Action::Start),
        placed("i-2", "m5.large", "eu-west-1b", Action::Start),
        placed("i-3", "m5.large", "eu-west-1a", Action::Start),
        placed("i-4", "c5.large", "eu-west-1a", Action::Start),
        placed("i-5", "m5.large", "eu-west-1a", Action::Stop),
        placed("i-6", "c5.large", "eu-west-1b", Action::Stop),
    ];
    run(&aws, all).await;
    let calls = aws.calls().await;
    let mut groups: Vec<String> = calls.iter().map(|form| ids_of(form).join(" ")).collect();
    groups.sort();
    assert_eq!(groups, ["i-1 i-3", "i-2", "i-4", "i-5 i-6"]);
}

#[tokio::test]
async fn databases_and_clusters_go_one_by_one() {
    let aws = Aws::that(|form| rds_ok(form, "")).await;
    let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut all = orders(TargetKind::DbInstance, &names(&["a", "b"]), Action::Stop);
    all.extend(orders(TargetKind::DbInstance, &names(&["c"]), Action::Start));
    all.extend(orders(TargetKind::DbCluster, &names(&["d"]), Action::Stop));
    all.extend(orders(TargetKind::DbCluster, &names(&["e"]), Action::Start));
    let books = run(&aws, all).await;
    let mut called: Vec<String> = aws
        .calls()
        .await
        .iter()
        .map(|f| {
            format!(
                "{} {}",
                f["Action"],
                f.get("DBInstanceIdentifier").unwrap_or_else(|| &f["DBClusterIdentifier"])
            )
        })
        .collect();
    called.sort();
    let wanted =
        ["StartDBCluster e", "StartDBInstance c", "StopDBCluster d", "StopDBInstance a", "StopDBInstance b"];
    assert_eq!(called, wanted);
    let told = books.told();
    assert!(told.values().all(|outcome| outcome.status == OutcomeStatus::Accepted));
    assert!(told["a"].verify_after > Duration::from_mins(2), "databases take longer");
    assert_eq!(told["a"].request_id.as_deref(), Some("req-200"));
}

#[tokio::test]
async fn every_declared_action_is_called_and_no_other() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "StartInstances" => changed(form, "stopped"),
        "StopInstances" => changed(form, "running"),
        _ => rds_ok(form, ""),
    })
    .await;
    let all = TargetKind::ALL.iter().flat_map(|kind| {
        Action::ALL.iter().flat_map(move |action| orders(*kind, &[format!("i-{kind}-{action}")], *action))
    });
    run(&aws, all.collect()).await;
    let usage = aws.session.usage();
    let called: Vec<String> = usage
        .calls
        .iter()
        .flat_map(|(service, operations)| operations.keys().map(move |name| format!("{service}:{name}")))
        .collect();
    assert_eq!(called, ACTIONS);
    assert_eq!(ACTIONS, crate::aws::START_STOP);
}

#[tokio::test]
async fn what_is_there_already_is_a_recorded_no_op() {
    let aws = Aws::that(|form| changed(form, "running")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(2), Action::Start)).await;
    assert_eq!(books.with_status(OutcomeStatus::NoOp).len(), 2);
    assert!(books.told()["i-00000001"].message.contains("running already"));
}

#[tokio::test]
async fn the_id_that_aws_names_is_dropped_and_the_rest_goes_on() {
    let aws = Aws::that(|form| {
        if ids_of(form).contains(&"i-00000007".to_owned()) {
            return ec2_error(
                400,
                "InvalidInstanceID.NotFound",
                "The instance ID 'i-00000007' does not exist",
            );
        }
        changed(form, "running")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(50), Action::Stop)).await;
    assert_eq!(aws.count("StopInstances").await, 2);
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 49);
    let told = books.told();
    assert_eq!(told["i-00000007"].status, OutcomeStatus::Retry);
    assert_eq!(told["i-00000007"].code, "InvalidInstanceID.NotFound");
    assert_eq!(told["i-00000007"].request_id.as_deref(), Some("req-400"));
    assert_eq!(books.admitted().len(), 2, "the ledger is asked before each try");
}

#[tokio::test]
async fn several_ids_in_one_message_are_dropped_together() {
    let aws = Aws::that(|form| {
        if ids_of(form).len() == 10 {
            let words = "The instance IDs 'i-00000002, i-00000003' do not exist";
            return ec2_error(400, "InvalidInstanceID.NotFound", words);
        }
        changed(form, "running")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(10), Action::Stop)).await;
    assert_eq!(aws.count("StopInstances").await, 2);
    assert_eq!(books.with_status(OutcomeStatus::Retry), ["i-00000002", "i-00000003"]);
}

#[tokio::test]
async fn a_bad_id_that_nobody_names_is_found_by_halving() {
    let aws = Aws::that(|form| {
        if ids_of(form).contains(&"i-00000013".to_owned()) {
            return ec2_error(400, "UnsupportedOperation", "The instance does not support it");
        }
        changed(form, "running")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(50), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Refused), ["i-00000013"]);
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 49);
    let calls = aws.count("StopInstances").await;
    assert!(calls <= 13, "{calls} calls");
}

#[tokio::test]
async fn one_that_lost_its_tag_does_not_speak_for_the_fleet() {
    let aws = Aws::that(|form| {
        if ids_of(form).contains(&"i-00000003".to_owned()) {
            let words = "You are not authorized to perform this operation. Encoded authorization failure message: ABC";
            return ec2_error(403, "UnauthorizedOperation", words);
        }
        changed(form, "running")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(20), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Refused), ["i-00000003"]);
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 19);
    assert!(books.told()["i-00000003"].message.contains("Scheduler=Enabled"));
}

#[tokio::test]
async fn a_role_that_may_do_nothing_is_not_asked_for_each_of_a_fleet() {
    let aws = Aws::that(|_| ec2_error(403, "UnauthorizedOperation", "You are not authorized")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(50), Action::Stop)).await;
    let calls = aws.count("StopInstances").await;
    assert!(calls <= 12, "{calls} calls");
    assert_eq!(books.with_status(OutcomeStatus::Refused).len(), 4);
    let untried = books.with_status(OutcomeStatus::Retry);
    assert_eq!(untried.len(), 46, "what was not tried is tried later");
    assert!(books.told()[&untried[0]].message.starts_with("not tried"));
}

#[tokio::test]
async fn where_capacity_is_short_as_many_start_as_fit() {
    let aws = Aws::that(|form| {
        if ids_of(form).len() > 8 {
            return ec2_error(500, "InsufficientInstanceCapacity", "Insufficient capacity.");
        }
        changed(form, "stopped")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(16), Action::Start)).await;
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 16);
    assert_eq!(aws.count("StartInstances").await, 3);
}

#[tokio::test]
async fn where_there_is_no_capacity_few_calls_find_out() {
    let aws = Aws::that(|_| ec2_error(500, "InsufficientInstanceCapacity", "Insufficient capacity.")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(50), Action::Start)).await;
    let calls = aws.count("StartInstances").await;
    assert!(calls <= 7, "{calls} calls");
    assert_eq!(books.with_status(OutcomeStatus::Retry).len(), 50);
    assert_eq!(books.told()["i-00000001"].code, "InsufficientInstanceCapacity");
}

#[tokio::test]
async fn a_group_without_capacity_does_not_hold_up_another() {
    let aws = Aws::that(|form| {
        if ids_of(form).contains(&"i-1".to_owned()) {
            ec2_error(500, "InsufficientInstanceCapacity", "Insufficient capacity.")
        } else {
            changed(form, "stopped")
        }
    })
    .await;
    let mut other = seen(TargetKind::Instance, "i-2", Action::Start);
    other.facts.size = "c5.large".into();
    let all = vec![
        order_for(&seen(TargetKind::Instance, "i-1", Action::Start), Action::Start),
        order_for(&other, Action::Start),
    ];
    let books = run(&aws, all).await;
    assert_eq!(books.with_status(OutcomeStatus::Retry), ["i-1"]);
    assert_eq!(books.with_status(OutcomeStatus::Accepted), ["i-2"]);
}

#[rstest]
#[case::already_there("stopped", OutcomeStatus::NoOp)]
#[case::on_its_way("stopping", OutcomeStatus::Retry)]
#[case::gone("terminated", OutcomeStatus::Retry)]
#[tokio::test]
async fn a_state_that_changed_under_the_call_is_looked_at_again(
    #[case] state: &'static str,
    #[case] status: OutcomeStatus,
) {
    let aws = Aws::that(move |form| match form["Action"].as_str() {
        "DescribeInstances" => instances(&instance("i-00000001", state, EC2_GATE), ""),
        _ if ids_of(form).contains(&"i-00000001".to_owned()) => ec2_error(
            400,
            "IncorrectInstanceState",
            "The instance 'i-00000001' is not in a state from which it can be stopped.",
        ),
        _ => changed(form, "running"),
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(3), Action::Stop)).await;
    assert_eq!(books.told()["i-00000001"].status, status);
    assert_eq!(books.with_status(OutcomeStatus::Accepted).len(), 2);
    assert_eq!(aws.count("StopInstances").await, 2, "it is not called again");
}

#[tokio::test]
async fn a_database_that_was_stopped_meanwhile_is_a_no_op() {
    let aws = Aws::that(|form| match form["Action"].as_str() {
        "DescribeDBInstances" => rds_ok(
            form,
            "<DBInstances><DBInstance><DBInstanceIdentifier>a</DBInstanceIdentifier><DBInstanceStatus>stopped\
             </DBInstanceStatus><TagList/></DBInstance></DBInstances>",
        ),
        _ => rds_error(400, "InvalidDBInstanceState", "Instance a is not in available state."),
    })
    .await;
    let books = run(&aws, orders(TargetKind::DbInstance, &["a".to_owned()], Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::NoOp), ["a"]);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_call_is_not_repeated() {
    let aws = Aws::that(|_| ok("<StopInstancesResponse><instancesSet><item><inst")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(3), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Unknown).len(), 3);
    assert_eq!(aws.count("StopInstances").await, 1);

    let aws = Aws::that(|_| ec2_error(500, "InternalError", "An internal error has occurred")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(3), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Unknown).len(), 3);
    assert_eq!(aws.count("StopInstances").await, 1);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_the_outcome_unknown() {
    let (session, broken) = aws_that_hangs_up().await;
    let orders = orders(TargetKind::Instance, &instance_ids(2), Action::Stop);
    let books = Books::of(&orders);
    carry_out(&session, orders, &books).await;
    assert_eq!(books.with_status(OutcomeStatus::Unknown).len(), 2);
    assert_eq!(broken.load(std::sync::atomic::Ordering::Relaxed), 1, "not repeated");
}

#[tokio::test]
async fn throttling_is_tried_again_later_and_slows_the_region() {
    let aws = Aws::that(|_| ec2_error(503, "RequestLimitExceeded", "Request limit exceeded.")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(3), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Retry).len(), 3);
    assert_eq!(aws.count("StopInstances").await, 1, "not split, not repeated");
    let now = [("ec2:StopInstances", 1)];
    assert!(!aws.session.throttle().admit_within(&region(), &now, Duration::ZERO).await);
}

#[tokio::test]
async fn expired_credentials_are_dropped_and_the_orders_wait() {
    let aws = Aws::that(|_| ec2_error(400, "RequestExpired", "Request has expired.")).await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(2), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Retry).len(), 2);
    assert_eq!(aws.count("StopInstances").await, 1);
    run(&aws, orders(TargetKind::Instance, &instance_ids(1), Action::Stop)).await;
    assert_eq!(aws.count("AssumeRole").await, 2, "new ones are asked for");
}

#[tokio::test]
async fn what_the_ledger_does_not_admit_is_not_called() {
    let aws = Aws::that(|form| changed(form, "running")).await;
    let all = orders(TargetKind::Instance, &instance_ids(3), Action::Stop);
    let books = Books::with_gate(&all, |order, _| &*order.target.id != "i-00000002");
    carry_out(&aws.session, all, &books).await;
    assert_eq!(books.with_status(OutcomeStatus::NotAdmitted), ["i-00000002"]);
    assert_eq!(ids_of(&aws.calls().await[0]), ["i-00000001", "i-00000003"]);

    let all = orders(TargetKind::DbInstance, &["a".to_owned()], Action::Stop);
    let books = Books::with_gate(&all, |_, _| false);
    carry_out(&aws.session, all, &books).await;
    assert_eq!(books.with_status(OutcomeStatus::NotAdmitted), ["a"]);
    assert_eq!(aws.count("StopDBInstance").await, 0);
}

#[tokio::test]
async fn a_kill_switch_between_two_tries_ends_them() {
    let aws = Aws::that(|_| {
        ec2_error(400, "InvalidInstanceID.NotFound", "The instance ID 'i-00000001' does not exist")
    })
    .await;
    let all = orders(TargetKind::Instance, &instance_ids(5), Action::Stop);
    let books = Books::with_gate(&all, |_, before| before == 0);
    carry_out(&aws.session, all, &books).await;
    assert_eq!(aws.count("StopInstances").await, 1);
    assert_eq!(books.with_status(OutcomeStatus::NotAdmitted).len(), 4);
}

#[tokio::test]
async fn an_order_of_another_account_is_never_called() {
    let aws = Aws::that(|form| changed(form, "running")).await;
    let mut foreign = seen(TargetKind::Instance, "i-9", Action::Stop);
    foreign.target.account = "999999999999".parse().unwrap();
    let books = run(&aws, vec![order_for(&foreign, Action::Stop)]).await;
    assert_eq!(books.with_status(OutcomeStatus::NotAdmitted), ["i-9"]);
    assert!(aws.calls().await.is_empty() && books.admitted().is_empty());
}

#[tokio::test]
async fn what_is_called_is_what_was_proved() {
    let aws = Aws::that(|form| changed(form, "running")).await;
    let mut orders = orders(TargetKind::Instance, &instance_ids(1), Action::Stop);
    let books = Books::of(&orders);
    orders[0].target.id = "i-other".into();
    orders[0].action = Action::Start;
    carry_out(&aws.session, orders, &books).await;
    let calls = aws.calls().await;
    assert_eq!(
        (calls[0]["Action"].as_str(), ids_of(&calls[0])),
        ("StopInstances", vec!["i-00000001".to_owned()])
    );
}

#[tokio::test]
async fn what_the_rate_budget_has_no_room_for_is_left_to_the_next_tick() {
    let aws = Aws::that(|form| changed(form, "stopped")).await;
    let used = [(INSTANCES_STARTED, 1_000)];
    assert!(aws.session.throttle().admit_within(&region(), &used, Duration::ZERO).await);
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(50), Action::Start)).await;
    assert_eq!(books.with_status(OutcomeStatus::NotAdmitted).len(), 50);
    assert_eq!(books.told()["i-00000001"].code, "RateBudget");
    assert!(books.admitted().is_empty(), "no intent is called for what is not called");
    assert!(!aws.calls().await.iter().any(is_start_or_stop));
}

#[test]
fn a_batch_of_one_has_no_halves() {
    let batches = batches(orders(TargetKind::Instance, &instance_ids(1), Action::Stop));
    assert!(batches[0].halves().is_none());
}

#[tokio::test]
async fn an_instance_that_the_answer_leaves_out_is_unknown() {
    let aws = Aws::that(|form| {
        let mut less = form.clone();
        less.remove("InstanceId.2");
        changed(&less, "running")
    })
    .await;
    let books = run(&aws, orders(TargetKind::Instance, &instance_ids(2), Action::Stop)).await;
    assert_eq!(books.with_status(OutcomeStatus::Unknown), ["i-00000002"]);
}
