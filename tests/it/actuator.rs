//! Starting and stopping against the AWS stand-in: slow states, the tag condition, faults, databases.

use crate::support::{
    in_process::TestApp,
    server::Engine,
    stand_in::{admin, fault, new_account, read_only_policy, trust_with_external_id},
};
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Mutex};
use tuner::{
    aws::{WriteSession, scheduler_policy},
    domain::{
        ids::ActionId,
        region::Region,
        schedule::{Accepted, Action, Ineligible, Observed, Power, Target, TargetKind, Verification},
        schedule::{check_eligibility, judge_verification},
    },
    schedule::{Ledger, Order, Outcome, OutcomeStatus, Seen, TagProof, Which, carry_out, observe, regions},
    service::{accounts::add_account, verification::link_of},
};

const GATE: (&str, &str) = ("Scheduler", "Enabled");

/// A ledger that admits all.
#[derive(Default)]
struct Books(Mutex<Vec<Outcome>>);

impl Ledger for Books {
    fn admit(&self, orders: Vec<Order>) -> BoxFuture<'_, Vec<Order>> {
        Box::pin(std::future::ready(orders))
    }

    fn tell(&self, outcomes: Vec<Outcome>) -> BoxFuture<'_, ()> {
        self.0.lock().unwrap().extend(outcomes);
        Box::pin(std::future::ready(()))
    }
}

/// A customer's account with a session in the scheduler's role.
struct Shop {
    t: TestApp,
    account: String,
    session: WriteSession,
}

impl Shop {
    /// With a role of its own for the scheduler.
    async fn open() -> Self {
        Self::with_role("TunerScheduler", serde_json::from_str(&scheduler_policy()).unwrap()).await
    }

    async fn with_role(name: &str, policy: Value) -> Self {
        let t = TestApp::open(Engine::Sqlite).await;
        let cx = t.organization("acme").await;
        let account = new_account();
        let added = add_account(&t.app, &cx, account.parse().unwrap(), "Shop").await.unwrap().account;
        let trust = trust_with_external_id(added.external_id.expose());
        let role = json!({"accountId": account, "roleName": name, "trustPolicy": trust, "policy": policy});
        admin("POST", "roles", role).await;
        let arn = format!("arn:aws:iam::{account}:role/{name}").parse().unwrap();
        let session = t.app.sessions.schedule(&link_of(&t.app, &cx, &added, arn)).await.unwrap();
        Self { t, account, session }
    }

    fn region() -> Region {
        "eu-west-1".parse().unwrap()
    }

    /// The body with whose it is.
    fn mine(&self, mut body: Value) -> Value {
        body["accountId"] = json!(self.account);
        body
    }

    async fn make(&self, mut body: Value) -> Vec<String> {
        body["region"] = json!("eu-west-1");
        if body.get("tags").is_none() {
            body["tags"] = json!({GATE.0: GATE.1});
        }
        let made = admin("POST", "resources", self.mine(body)).await;
        serde_json::from_value(made["ids"].clone()).unwrap()
    }

    /// Somebody's hand.
    async fn change(&self, kind: &str, id: &str, mut body: Value) {
        body["region"] = json!("eu-west-1");
        (body["kind"], body["resourceId"]) = (json!(kind), json!(id));
        admin("PATCH", "resources", self.mine(body)).await;
    }

    async fn delays(&self, body: Value) {
        admin("PUT", "delays", self.mine(body)).await;
    }

    async fn advance(&self, by: SignedDuration) {
        admin("POST", "clock", self.mine(json!({"advanceSeconds": by.as_secs()}))).await;
    }

    /// The account's own time.
    async fn now(&self) -> Timestamp {
        let clock = admin("GET", &format!("clock?accountId={}", self.account), Value::Null).await;
        clock["now"].as_str().unwrap().parse().unwrap()
    }

    /// What was asked of AWS, with what came of it.
    async fn calls(&self) -> Vec<Value> {
        let calls = admin("GET", &format!("power-calls?accountId={}", self.account), Value::Null).await;
        calls.as_array().unwrap().clone()
    }

    async fn look(&self, which: Which<'_>) -> Seen {
        observe(&self.session, &Self::region(), which, self.now().await).await
    }

    async fn tagged(&self) -> Vec<Observed> {
        let seen = self.look(Which::Tagged).await;
        assert!(seen.failures.is_empty(), "{:?}", seen.failures);
        seen.observed
    }

    async fn again(&self, observed: &[Observed]) -> BTreeMap<String, Observed> {
        let targets: Vec<Target> = observed.iter().map(|one| one.target.clone()).collect();
        let seen = self.look(Which::Only(&targets)).await;
        assert!(seen.failures.is_empty(), "{:?}", seen.failures);
        seen.observed.into_iter().map(|one| (one.target.id.to_string(), one)).collect()
    }

    /// Carries an action out on what was seen, and gives what each was told.
    async fn act(&self, observed: &[Observed], action: Action) -> BTreeMap<String, Outcome> {
        let order = |one: &Observed| {
            let proof =
                TagProof::of(one, action, one.seen_at).unwrap_or_else(|| panic!("no proof for {one:?}"));
            Order::new(ActionId::generate(), proof)
        };
        let orders: Vec<Order> = observed.iter().map(order).collect();
        let names: BTreeMap<ActionId, String> =
            orders.iter().map(|o| (o.id, o.target.id.to_string())).collect();
        let books = Books::default();
        carry_out(&self.session, orders, &books).await;
        let told = books.0.into_inner().unwrap();
        assert_eq!(told.len(), names.len(), "each is told once: {told:?}");
        told.into_iter().map(|outcome| (names[&outcome.id].clone(), outcome)).collect()
    }

    async fn close(self) {
        self.t.close().await;
    }
}

fn statuses(told: &BTreeMap<String, Outcome>) -> Vec<OutcomeStatus> {
    told.values().map(|outcome| outcome.status).collect()
}

fn powers(seen: &BTreeMap<String, Observed>) -> Vec<Power> {
    seen.values().map(|one| one.power).collect()
}

#[tokio::test]
async fn tagged_machines_stop_and_start_and_the_later_look_verifies_it() {
    let shop = Shop::open().await;
    shop.make(json!({"kind": "instance", "count": 3, "instanceType": "m5.large"})).await;
    shop.make(json!({"kind": "instance", "tags": {}})).await;
    shop.make(json!({"kind": "instance", "tags": {"scheduler": "Enabled"}})).await;
    shop.delays(json!({"start": 30, "stop": 30})).await;
    let fleet = shop.tagged().await;
    assert_eq!(fleet.len(), 3, "the gate is exact");

    let called_at = shop.now().await;
    let told = shop.act(&fleet, Action::Stop).await;
    assert_eq!(statuses(&told), [OutcomeStatus::Accepted; 3]);
    assert!(told.values().all(|outcome| outcome.request_id.is_some()), "{told:?}");
    let accepted = Accepted { action: Action::Stop, called_at };
    let meanwhile = shop.again(&fleet).await;
    assert_eq!(powers(&meanwhile), [Power::Changing; 3]);
    assert!(meanwhile.values().all(|one| judge_verification(&accepted, one) == Verification::StillChanging));
    shop.advance(SignedDuration::from_mins(1)).await;
    let stopped = shop.again(&fleet).await;
    assert!(stopped.values().all(|one| judge_verification(&accepted, one) == Verification::Verified));

    let stopped: Vec<Observed> = stopped.into_values().collect();
    let told = shop.act(&stopped, Action::Start).await;
    assert_eq!(statuses(&told), [OutcomeStatus::Accepted; 3]);
    shop.advance(SignedDuration::from_mins(1)).await;
    assert_eq!(powers(&shop.again(&fleet).await), [Power::Running; 3]);
    let moved =
        shop.calls().await.iter().map(|call| call["changed"].as_array().unwrap().len()).sum::<usize>();
    assert_eq!(moved, 6, "nothing else was touched");
    shop.close().await;
}

#[tokio::test]
async fn one_that_lost_its_tag_between_the_look_and_the_call_is_refused_alone() {
    let shop = Shop::open().await;
    let ids = shop.make(json!({"kind": "instance", "count": 6})).await;
    let fleet = shop.tagged().await;
    shop.change("instance", &ids[2], json!({"tags": {GATE.0: null}})).await;
    let told = shop.act(&fleet, Action::Stop).await;
    assert_eq!(told[&ids[2]].status, OutcomeStatus::Refused);
    assert_eq!(told[&ids[2]].code, "UnauthorizedOperation");
    assert_eq!(told.values().filter(|outcome| outcome.status == OutcomeStatus::Accepted).count(), 5);
    let seen = shop.again(&fleet).await;
    assert_eq!(seen[&ids[2]].power, Power::Running);
    shop.close().await;
}

#[rstest]
#[case::separate_role(false)]
#[case::same_role(true)]
#[tokio::test]
async fn the_scheduler_works_in_a_role_of_its_own_and_in_the_one_that_reads(#[case] same: bool) {
    let mut policy: Value = serde_json::from_str(&scheduler_policy()).unwrap();
    let name = if same { "TunerReadOnly" } else { "TunerScheduler" };
    if same {
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.extend(read_only_policy()["Statement"].as_array().unwrap().clone());
    }
    let shop = Shop::with_role(name, policy).await;
    shop.make(json!({"kind": "instance"})).await;
    shop.make(json!({"kind": "dbInstance", "id": "orders"})).await;
    assert!(regions(&shop.session).await.unwrap().contains(&Shop::region()));
    let told = shop.act(&shop.tagged().await, Action::Stop).await;
    assert_eq!(statuses(&told), [OutcomeStatus::Accepted; 2]);
    shop.close().await;
}

#[tokio::test]
async fn a_role_that_only_reads_shows_everything_and_changes_nothing() {
    let shop = Shop::with_role("TunerReadOnly", read_only_policy()).await;
    shop.make(json!({"kind": "instance", "count": 12})).await;
    let fleet = shop.tagged().await;
    assert_eq!(fleet.len(), 12);
    let told = shop.act(&fleet, Action::Stop).await;
    let refused = told.values().filter(|outcome| outcome.status == OutcomeStatus::Refused).count();
    let untried = told.values().filter(|outcome| outcome.status == OutcomeStatus::Retry).count();
    assert_eq!((refused + untried, refused), (12, 4), "{told:?}");
    assert_eq!(powers(&shop.again(&fleet).await), [Power::Running; 12]);
    shop.close().await;
}

#[tokio::test]
async fn a_role_that_allows_everything_stops_nothing_untagged_through_tuner() {
    let all =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let shop = Shop::with_role("Admin", all).await;
    let ids = shop.make(json!({"kind": "instance", "count": 2})).await;
    let fleet = shop.tagged().await;
    shop.change("instance", &ids[0], json!({"tags": {GATE.0: "Disabled"}})).await;
    let told = shop.act(&fleet, Action::Stop).await;
    assert_eq!(told[&ids[0]].status, OutcomeStatus::Refused);
    assert_eq!(told[&ids[1]].status, OutcomeStatus::Accepted);
    shop.close().await;
}

#[tokio::test]
async fn a_start_that_falls_back_to_stopped_is_told_with_its_reason() {
    let shop = Shop::open().await;
    shop.make(json!({"kind": "instance", "state": "stopped"})).await;
    fault(json!({"kind": "fallback", "accountId": shop.account, "reason": "Client.InternalError"})).await;
    shop.delays(json!({"start": 10})).await;
    let fleet = shop.tagged().await;
    let start = Accepted { action: Action::Start, called_at: shop.now().await };
    assert_eq!(statuses(&shop.act(&fleet, Action::Start).await), [OutcomeStatus::Accepted]);
    shop.advance(SignedDuration::from_mins(1)).await;
    let seen = shop.again(&fleet).await;
    let verdict = judge_verification(&start, seen.values().next().unwrap());
    let Verification::Failed { code, reason } = verdict else { panic!("{verdict:?}") };
    assert_eq!(code, "Client.InternalError");
    assert!(reason.contains("kms:CreateGrant"), "{reason}");
    shop.close().await;
}

#[tokio::test]
async fn where_capacity_is_short_only_its_group_waits() {
    let shop = Shop::open().await;
    shop.make(json!({"kind": "instance", "state": "stopped", "instanceType": "m5.large", "count": 2, "zone": "eu-west-1a"})).await;
    shop.make(json!({"kind": "instance", "state": "stopped", "instanceType": "c5.large", "count": 2, "zone": "eu-west-1a"})).await;
    fault(json!({"kind": "capacity", "accountId": shop.account, "instanceType": "m5.large"})).await;
    let fleet = shop.tagged().await;
    let told = shop.act(&fleet, Action::Start).await;
    for one in &fleet {
        let short = &*one.facts.size == "m5.large";
        let wanted = if short { OutcomeStatus::Retry } else { OutcomeStatus::Accepted };
        assert_eq!(told[&*one.target.id].status, wanted, "{one:?}");
    }
    shop.close().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_deed_is_unknown_and_not_called_again() {
    let shop = Shop::open().await;
    shop.make(json!({"kind": "instance", "count": 2})).await;
    let fleet = shop.tagged().await;
    fault(json!({"kind": "cut", "accountId": shop.account, "operation": "StopInstances", "after": true}))
        .await;
    assert_eq!(statuses(&shop.act(&fleet, Action::Stop).await), [OutcomeStatus::Unknown; 2]);
    assert_eq!(shop.calls().await.len(), 1);
    assert_eq!(powers(&shop.again(&fleet).await), [Power::Stopped; 2], "the next look tells");
    shop.close().await;
}

#[tokio::test]
async fn a_thing_that_is_there_already_or_gone_is_no_failure_of_the_others() {
    let shop = Shop::open().await;
    let ids = shop.make(json!({"kind": "instance", "count": 4})).await;
    let fleet = shop.tagged().await;
    shop.change("instance", &ids[0], json!({"state": "stopped"})).await;
    shop.change("instance", &ids[1], json!({"state": "terminated"})).await;
    let told = shop.act(&fleet, Action::Stop).await;
    assert_eq!(told[&ids[0]].status, OutcomeStatus::NoOp);
    assert_eq!(told[&ids[1]].status, OutcomeStatus::Retry);
    assert_eq!(told[&ids[2]].status, OutcomeStatus::Accepted);
    assert_eq!(told[&ids[3]].status, OutcomeStatus::Accepted);
    assert_eq!(shop.again(&fleet).await[&ids[1]].power, Power::Gone);
    shop.close().await;
}

#[tokio::test]
async fn stop_protection_is_respected_and_stays() {
    let shop = Shop::open().await;
    let ids = shop.make(json!({"kind": "instance", "stopProtection": true})).await;
    let other = shop.make(json!({"kind": "instance"})).await;
    let fleet = shop.tagged().await;
    let told = shop.act(&fleet, Action::Stop).await;
    assert_eq!(told[&ids[0]].status, OutcomeStatus::Refused);
    assert_eq!(Ineligible::of_refusal(&told[&ids[0]].code), Some(Ineligible::StopProtected));
    assert_eq!(told[&other[0]].status, OutcomeStatus::Accepted);
    shop.close().await;
}

#[tokio::test]
async fn a_database_stops_and_aws_starts_it_after_seven_days() {
    let shop = Shop::open().await;
    shop.make(json!({"kind": "dbInstance", "id": "orders"})).await;
    shop.make(json!({"kind": "dbInstance", "id": "untagged", "tags": {}})).await;
    shop.delays(json!({"stopDb": 240})).await;
    let fleet = shop.tagged().await;
    assert_eq!(fleet.len(), 1);
    assert_eq!(statuses(&shop.act(&fleet, Action::Stop).await), [OutcomeStatus::Accepted]);
    assert_eq!(&*shop.again(&fleet).await["orders"].facts.aws_state, "stopping");
    shop.advance(SignedDuration::from_mins(5)).await;
    let stopped = shop.again(&fleet).await;
    assert_eq!(stopped["orders"].power, Power::Stopped);
    let restart = stopped["orders"].facts.automatic_restart_at.expect("RDS says when it will start it");
    assert!(restart > shop.now().await);
    shop.advance(SignedDuration::from_hours(7 * 24 + 1)).await;
    assert_eq!(shop.again(&fleet).await["orders"].power, Power::Running);
    shop.close().await;
}

#[tokio::test]
async fn members_follow_their_cluster() {
    let shop = Shop::open().await;
    let members = json!([{"id": "m1", "instanceClass": "db.r6g.large"}, {"id": "m2", "instanceClass": "db.r6g.xlarge"}]);
    shop.make(json!({"kind": "dbCluster", "id": "main", "members": members, "memberTags": {GATE.0: GATE.1}}))
        .await;
    let seen = shop.tagged().await;
    let (clusters, alone): (Vec<Observed>, Vec<Observed>) =
        seen.into_iter().partition(|one| one.target.kind == TargetKind::DbCluster);
    assert_eq!(alone.len(), 2);
    assert!(alone.iter().all(|one| check_eligibility(one) == Err(Ineligible::ClusterMember)));
    let sizes: Vec<&str> = clusters[0].facts.members.iter().map(|member| &*member.size).collect();
    assert_eq!(sizes, ["db.r6g.large", "db.r6g.xlarge"]);
    assert_eq!(statuses(&shop.act(&clusters, Action::Stop).await), [OutcomeStatus::Accepted]);
    let after = shop.tagged().await;
    assert!(after.iter().all(|one| one.power == Power::Stopped), "{after:?}");
    shop.close().await;
}

#[rstest]
#[case(json!({"kind": "instance", "autoScalingGroup": "web"}), Ineligible::AutoScalingGroup)]
#[case(json!({"kind": "instance", "lifecycle": "spot"}), Ineligible::Spot)]
#[case(json!({"kind": "instance", "rootDeviceType": "instance-store"}), Ineligible::InstanceStoreRoot)]
#[case(json!({"kind": "instance", "rootVolume": false, "state": "stopped"}), Ineligible::NoRootVolume)]
#[case(json!({"kind": "instance", "managedBy": "eks.amazonaws.com"}), Ineligible::ManagedByService)]
#[case(json!({"kind": "dbInstance", "id": "x", "engine": "sqlserver-se", "multiAz": true}), Ineligible::SqlServerMultiAz)]
#[case(json!({"kind": "dbInstance", "id": "x", "engine": "custom-sqlserver-se"}), Ineligible::RdsCustom)]
#[case(json!({"kind": "dbInstance", "id": "x", "blueGreen": true}), Ineligible::BlueGreen)]
#[case(json!({"kind": "dbCluster", "id": "x", "engineMode": "serverless"}), Ineligible::ServerlessV1)]
#[case(json!({"kind": "dbCluster", "id": "x", "globalCluster": "world"}), Ineligible::GlobalCluster)]
#[case(json!({"kind": "dbCluster", "id": "x", "replicationSource": "arn:aws:rds:us-east-1:1:cluster:y"}), Ineligible::CrossRegionReplication)]
#[case(json!({"kind": "dbCluster", "id": "x", "blueGreen": true}), Ineligible::BlueGreen)]
#[tokio::test]
async fn what_is_not_eligible_says_why(#[case] made: Value, #[case] reason: Ineligible) {
    let shop = Shop::open().await;
    let ids = shop.make(made).await;
    let seen = shop.tagged().await;
    let one = seen.iter().find(|one| *one.target.id == *ids[0]).unwrap();
    assert_eq!(check_eligibility(one), Err(reason), "{one:?}");
    assert!(TagProof::of(one, Action::Stop, one.seen_at).is_none());
    shop.close().await;
}
