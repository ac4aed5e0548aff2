//! The same client against another emulator that checks trust, role and session policies on its own.

use crate::support::{
    in_process::{OWN_ACCOUNT, TestApp},
    second_emulator::{customer, make_role, make_stack, new_account, url},
    server::Engine,
    stand_in::{read_only_policy, trust, trust_with_external_id},
};
use rstest::rstest;
use serde_json::{Value, json};
use tuner::{
    aws::{Parts, Purpose, SchedulerRole, TemplateFormat, session_policy, template},
    collect::{RegionChoice, all_actions},
    db::{RecommendationFilter, RecommendationSort, ScanRecord},
    domain::{
        account::{AccountStatus, VerificationStep},
        ids::AccountId,
        scan::{GapReason, PermissionStatus, ScanStatus},
    },
    error::Error,
    op::OpCx,
    schedule::{Which, observe, regions},
    service::{
        accounts::{add_account, link_account, list_permissions},
        scans::{get_scan, start_scan},
        verification::link_of,
    },
};

struct Customer {
    t: TestApp,
    cx: OpCx,
    id: AccountId,
    name: String,
    external_id: String,
}

impl Customer {
    async fn new() -> Self {
        let t = TestApp::open_at(Engine::Sqlite, url()).await;
        let cx = t.organization("acme").await;
        let name = new_account();
        let id = name.parse().unwrap();
        let made = add_account(&t.app, &cx, id, "Shop").await.unwrap();
        let external_id = made.account.external_id.expose().to_owned();
        Self { t, cx, id, name, external_id }
    }

    async fn link(&self, role: &str, scheduler: Option<&str>) -> Result<AccountStatus, Error> {
        let scheduler = scheduler.map(|arn| arn.parse().unwrap());
        link_account(&self.t.app, &self.cx, self.id, role.parse().unwrap(), scheduler)
            .await
            .map(|(account, _)| account.status)
    }

    async fn scan(&self) -> ScanRecord {
        let regions = RegionChoice::List(vec!["us-east-1".parse().unwrap()]);
        let scan = start_scan(&self.t.app, &self.cx, self.id, regions).await.unwrap();
        loop {
            let record = get_scan(&self.t.app, &self.cx, self.id, scan.id).await.unwrap();
            if record.scan.status != ScanStatus::Running {
                return record;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The scheduler's session reads all that it needs in the role, under its own session policy.
    async fn looks_with(&self, scheduler: &str) {
        let account = self.t.account(&self.cx, self.id).await;
        let link = link_of(&self.t.app, &self.cx, &account, scheduler.parse().unwrap());
        let session = self.t.app.sessions.schedule(&link).await.unwrap();
        let region = "us-east-1".parse().unwrap();
        let seen = observe(&session, &region, Which::Tagged, self.t.clock.now()).await;
        assert!(seen.failures.is_empty(), "the policy is enough: {:?}", seen.failures);
        assert!(regions(&session).await.unwrap().contains(&region));
    }

    fn parameters(&self) -> Value {
        let principal = format!("arn:aws:iam::{OWN_ACCOUNT}:root");
        json!({"TunerPrincipal": principal, "ExternalId": self.external_id})
    }
}

#[rstest]
#[case::no_condition(None, VerificationStep::RefuseWithoutExternalId)]
#[case::wildcard(Some(json!({"StringLike": {"sts:ExternalId": "*"}})), VerificationStep::RefuseWrongExternalId)]
#[case::another_id(Some(json!({"StringEquals": {"sts:ExternalId": "another"}})), VerificationStep::AssumeWithExternalId)]
#[tokio::test]
async fn a_role_that_does_not_enforce_the_external_id_is_refused(
    #[case] condition: Option<Value>,
    #[case] step: VerificationStep,
) {
    let customer = Customer::new().await;
    let role = make_role(&customer.name, &trust(condition.unwrap_or(Value::Null)), &read_only_policy());
    let refused = customer.link(&role, None).await.unwrap_err();
    let failed: Vec<&str> = refused.fields().iter().map(|field| field.field.as_str()).collect();
    assert!(failed.contains(&step.as_str()), "{failed:?}");
    customer.t.close().await;
}

#[tokio::test]
async fn a_role_that_does_not_exist_is_refused() {
    let customer = Customer::new().await;
    let role = format!("arn:aws:iam::{}:role/Missing", customer.name);
    assert!(customer.link(&role, None).await.is_err());
    customer.t.close().await;
}

#[tokio::test]
async fn the_stack_of_our_template_links_and_scans() {
    let customer = Customer::new().await;
    let text = template(TemplateFormat::CloudFormation, SchedulerRole::None, &all_actions());
    let outputs = make_stack(&customer.name, &text, &customer.parameters());
    let role = outputs["RoleArn"].as_str().unwrap();
    assert_eq!(customer.link(role, None).await.unwrap(), AccountStatus::Linked);
    assert!(outputs.get("SchedulerRoleArn").is_none());

    let seeded = self::customer("seed", &customer.name, &json!({}));
    let record = customer.scan().await;
    let denied: Vec<_> = record.gaps.iter().filter(|gap| gap.reason == GapReason::AccessDenied).collect();
    assert!(denied.is_empty(), "the policy is enough: {denied:?}");
    let filter = RecommendationFilter { account: Some(customer.id), ..RecommendationFilter::default() };
    let db = customer.t.app.database.scoped(&customer.cx.scope);
    let found = db.list_recommendations(&filter, RecommendationSort::Savings, None, 50).await.unwrap();
    let ids: Vec<&str> = found.iter().map(|kept| kept.recommendation.resource_id.as_str()).collect();
    assert!(ids.contains(&seeded["volume"].as_str().unwrap()), "{ids:?}");
    customer.t.close().await;
}

#[rstest]
#[case::same_role(SchedulerRole::SameRole, "TunerReadOnly")]
#[case::separate_role(SchedulerRole::SeparateRole, "TunerScheduler")]
#[tokio::test]
async fn the_scheduler_role_of_our_templates_links(#[case] chosen: SchedulerRole, #[case] name: &str) {
    for format in [TemplateFormat::CloudFormation, TemplateFormat::StackSet] {
        let customer = Customer::new().await;
        let text = template(format, chosen, &all_actions());
        let outputs = make_stack(&customer.name, &text, &customer.parameters());
        let (role, scheduler) = (&outputs["RoleArn"], outputs["SchedulerRoleArn"].as_str().unwrap());
        assert!(scheduler.ends_with(name), "{scheduler}");
        let linked = customer.link(role.as_str().unwrap(), Some(scheduler)).await;
        assert_eq!(linked.unwrap(), AccountStatus::Linked);
        customer.looks_with(scheduler).await;
        customer.t.close().await;
    }
}

#[tokio::test]
async fn a_stack_set_makes_no_role_where_the_account_has_no_external_id() {
    let account = new_account();
    let text = template(TemplateFormat::StackSet, SchedulerRole::SeparateRole, &all_actions());
    let parameters = json!({"TunerPrincipal": format!("arn:aws:iam::{OWN_ACCOUNT}:root"), "ExternalId": ""});
    assert_eq!(make_stack(&account, &text, &parameters), json!({}));
}

#[tokio::test]
async fn a_denied_action_is_a_gap_and_not_an_answer() {
    let customer = Customer::new().await;
    let mut policy = read_only_policy();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|action| action != "ec2:DescribeVolumes");
    }
    let role = make_role(&customer.name, &trust_with_external_id(&customer.external_id), &policy);
    customer.link(&role, None).await.unwrap();
    let record = customer.scan().await;
    assert_eq!(record.scan.status, ScanStatus::Partial);
    let gap = record.gaps.iter().find(|gap| gap.action == "ec2:DescribeVolumes").unwrap();
    assert_eq!(gap.reason, GapReason::AccessDenied);
    let report = list_permissions(&customer.t.app, &customer.cx, customer.id).await.unwrap();
    let state = |action: &str| report.iter().find(|state| state.action == action).unwrap().status;
    assert_eq!(state("ec2:DescribeVolumes"), PermissionStatus::Denied);
    assert_eq!(state("ec2:DescribeInstances"), PermissionStatus::Granted);
    customer.t.close().await;
}

#[test]
fn a_role_that_allows_everything_is_harmless_through_our_session_policy() {
    let account = new_account();
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let role = make_role(&account, &trust_with_external_id("the-id"), &everything);
    let parts = Parts::of(&all_actions());
    for part in parts.all() {
        let policy = session_policy(Purpose::Collect(part), &parts);
        let session = json!({"roleArn": role, "externalId": "the-id", "policy": policy});
        let seen = customer("try-session", OWN_ACCOUNT, &session);
        // What is read there is EC2's: the other parts may not even do that.
        let read = if part == parts.of_service("ec2") { "allowed" } else { "UnauthorizedOperation" };
        assert_eq!(seen, json!({"read": read, "write": "UnauthorizedOperation"}), "{part:?}");
    }
}
