//! What people set for the scheduler: schedules, calendars, assignments, overrides, stops, suspensions, approvals.

use super::sample::{account, later, link, region, scope};
use crate::support::database::{TestDatabase, noon, on_both_engines};
use std::collections::BTreeSet;
use tuner::{
    db::{ApprovalFilter, DbError, Document, NewApproval, OrgDb, OverrideFilter, ScheduleChange, Stamp},
    domain::{
        ids::{ApprovalId, AssignmentId, CalendarId, OverrideId, ScheduleId, UserId},
        schedule::{
            AccountSuspension, Action, ApprovalDecision, ApprovalStatus, ApprovalSubject, Assignment,
            Override, OverrideScope, OverrideState, StopScope, Stopped, Target, TargetKind, WaitingResource,
        },
    },
};

on_both_engines! {
    a_schedule_is_kept_with_its_revisions,
    a_change_is_made_as_a_whole_or_not_at_all,
    names_are_taken_once_in_each_organization,
    overrides_end_and_stay_in_the_list,
    what_belongs_to_others_is_not_there,
    a_kill_switch_is_on_until_it_is_lifted,
    an_approval_is_decided_once_and_in_time,
    what_is_for_once_is_used_once,
    a_deleted_account_takes_its_rows_along,
    an_erased_person_is_not_named,
}

fn stamp(seconds: i64) -> Stamp<'static> {
    Stamp { by: "ann", at: later(seconds) }
}

fn document(name: &str, begin: &str) -> Document {
    let text = format!(
        r#"{{"name":"{name}","timezone":"Europe/Berlin","periods":[{{"begin":"{begin}","end":"19:00"}}],"holidays":["de"]}}"#
    );
    Document { name: name.to_owned(), text }
}

fn calendar(name: &str) -> Document {
    Document {
        name: name.to_owned(),
        text: format!(r#"{{"name":"{name}","dates":["2026-12-25"],"yearly":[]}}"#),
    }
}

fn target(number: u64) -> Target {
    Target { account: account(number), region: region(), kind: TargetKind::Instance, id: "i-1".into() }
}

fn assignment(schedule: ScheduleId, number: u64) -> Assignment {
    Assignment {
        id: AssignmentId::generate(),
        schedule,
        account: account(number),
        region: Some(region()),
        tag: Some(("Team ü".to_owned(), String::new())),
        created_at: noon(),
    }
}

fn over(scope: OverrideScope, from: i64, until: i64) -> Override {
    Override {
        id: OverrideId::generate(),
        scope,
        state: OverrideState::Running,
        reason: "release 😀".to_owned(),
        from: later(from),
        until: later(until),
        actor: UserId::generate(),
        actor_name: "ann".to_owned(),
    }
}

async fn make(org: OrgDb<'_>, at: Stamp<'_>, changes: Vec<ScheduleChange>) -> Result<(), DbError> {
    org.change_schedules(at, |_| Ok::<_, DbError>((changes, ()))).await
}

async fn schedule(org: OrgDb<'_>, name: &str) -> ScheduleId {
    let id = ScheduleId::generate();
    make(org, stamp(0), vec![ScheduleChange::CreateSchedule(id, document(name, "07:00"))]).await.unwrap();
    id
}

async fn a_schedule_is_kept_with_its_revisions(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let id = schedule(org, "office").await;
    let kept = org.get_schedule(id).await.unwrap();
    assert_eq!((kept.name.as_str(), kept.revision, kept.updated_by.as_str()), ("office", 1, "ann"));
    assert_eq!(kept.schedule.as_ref().unwrap().timezone(), "Europe/Berlin");
    assert_eq!((kept.changed_at, kept.created_at, kept.suspended), (noon(), noon(), None));
    let replace = ScheduleChange::ReplaceSchedule(id, document("office hours", "08:00"));
    make(org, stamp(60), vec![replace]).await.unwrap();
    let kept = org.find_schedule("office hours").await.unwrap().unwrap();
    assert_eq!((kept.id, kept.revision, kept.changed_at, kept.created_at), (id, 2, later(60), noon()));
    make(org, stamp(90), vec![ScheduleChange::SuspendSchedule(id, "moving".to_owned())]).await.unwrap();
    let kept = org.get_schedule(id).await.unwrap();
    let suspended = kept.suspended.unwrap();
    assert_eq!((suspended.reason.as_str(), suspended.since), ("moving", later(90)));
    assert_eq!((kept.revision, kept.changed_at), (2, later(60)), "its meaning is the same");
    make(org, stamp(120), vec![ScheduleChange::ResumeSchedule(id)]).await.unwrap();
    let kept = org.get_schedule(id).await.unwrap();
    assert_eq!((kept.suspended, kept.changed_at), (None, later(120)), "the present state is due now");
    make(org, stamp(180), vec![ScheduleChange::TouchSchedule(id)]).await.unwrap();
    assert_eq!(org.get_schedule(id).await.unwrap().changed_at, later(180));
    make(org, stamp(200), vec![ScheduleChange::DeleteSchedule(id)]).await.unwrap();
    assert!(matches!(org.get_schedule(id).await, Err(DbError::NotFound("schedule"))));
}

async fn a_change_is_made_as_a_whole_or_not_at_all(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let (id, holidays) = (ScheduleId::generate(), CalendarId::generate());
    let changes = vec![
        ScheduleChange::CreateCalendar(holidays, calendar("de")),
        ScheduleChange::CreateSchedule(id, document("office", "07:00")),
        // There is no such account.
        ScheduleChange::CreateAssignment(assignment(id, 1)),
    ];
    let refused = make(org, stamp(0), changes.clone()).await;
    assert!(matches!(refused, Err(DbError::NotFound("account"))), "{refused:?}");
    let picture = org.load_schedules(noon()).await.unwrap();
    assert_eq!((picture.schedules.len(), picture.calendars.len()), (0, 0));
    link(db, &scope, account(1)).await;
    make(org, stamp(0), changes).await.unwrap();
    let picture = org.load_schedules(noon()).await.unwrap();
    assert_eq!((picture.schedules.len(), picture.calendars.len(), picture.assignments.len()), (1, 1, 1));
    assert_eq!(picture.assignments[0].assignment.tag, Some(("Team ü".to_owned(), String::new())));
    let kept = org.get_calendar(holidays).await.unwrap();
    assert!(kept.calendar.unwrap().is_holiday("2026-12-25".parse().unwrap()));
    // Whoever plans sees what is there.
    let seen = org.change_schedules(stamp(9), |picture| Ok::<_, DbError>((vec![], picture.clone()))).await;
    assert_eq!(seen.unwrap(), picture);
    // One that is assigned is not deleted, whatever was planned.
    assert!(make(org, stamp(10), vec![ScheduleChange::DeleteSchedule(id)]).await.is_err());
}

async fn names_are_taken_once_in_each_organization(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    schedule(db.scoped(&acme), "office").await;
    schedule(db.scoped(&globex), "office").await;
    schedule(db.scoped(&acme), "Office").await;
    let again = ScheduleChange::CreateSchedule(ScheduleId::generate(), document("office", "09:00"));
    let refused = make(db.scoped(&acme), stamp(0), vec![again]).await;
    assert!(matches!(refused, Err(DbError::Conflict("schedule"))), "{refused:?}");
    let names = |after| {
        let org = db.scoped(&acme);
        async move {
            let page = org.list_schedules(after, 1).await.unwrap();
            page.into_iter().map(|kept| kept.name).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(None).await, ["Office"]);
    assert_eq!(names(Some("Office")).await, ["office"]);
    assert_eq!(names(Some("office")).await, Vec::<String>::new());
}

async fn overrides_end_and_stay_in_the_list(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    link(db, &scope, account(1)).await;
    let id = schedule(org, "office").await;
    let of_schedule = over(OverrideScope::Schedule(id), 0, 600);
    let of_resource = over(OverrideScope::Resource(target(1)), 60, 900);
    let both = [&of_schedule, &of_resource].map(|one| ScheduleChange::CreateOverride(one.clone()));
    make(org, stamp(0), both.into()).await.unwrap();
    assert_eq!(org.get_override(of_schedule.id).await.unwrap().what, of_schedule);
    assert_eq!(org.get_override(of_resource.id).await.unwrap().what, of_resource);
    let in_force = |at: i64| async move {
        let picture = org.load_schedules(later(at)).await.unwrap();
        picture.overrides.into_iter().map(|kept| kept.what.id).collect::<Vec<_>>()
    };
    assert_eq!(in_force(0).await, [of_schedule.id, of_resource.id]);
    assert_eq!(in_force(600).await, [of_resource.id], "until an instant, which is not in it");
    make(org, stamp(100), vec![ScheduleChange::EndOverride(of_schedule.id)]).await.unwrap();
    make(org, stamp(200), vec![ScheduleChange::EndOverride(of_schedule.id)]).await.unwrap();
    let ended = org.get_override(of_schedule.id).await.unwrap();
    assert_eq!((ended.what.until, ended.planned_until), (later(100), later(600)), "the first end counts");
    assert_eq!(in_force(100).await, [of_resource.id]);
    let all = org.list_overrides(&OverrideFilter::default(), None, 10).await.unwrap();
    assert_eq!(all.len(), 2, "those that are over are told, too");
    let now = OverrideFilter { not_over_at: Some(later(100)), ..OverrideFilter::default() };
    assert_eq!(org.list_overrides(&now, None, 10).await.unwrap().len(), 1);
    let narrowed = scope.clone().narrowed_to(BTreeSet::new());
    let seen = db.scoped(&narrowed).list_overrides(&OverrideFilter::default(), None, 10).await.unwrap();
    assert_eq!(seen.iter().map(|kept| kept.what.id).collect::<Vec<_>>(), [of_schedule.id]);
    let hidden = db.scoped(&narrowed).get_override(of_resource.id).await;
    assert!(matches!(hidden, Err(DbError::NotFound("override"))));
}

async fn what_belongs_to_others_is_not_there(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    link(db, &acme, account(1)).await;
    let (ours, theirs) = (db.scoped(&acme), db.scoped(&globex));
    let id = schedule(ours, "office").await;
    let one = over(OverrideScope::Schedule(id), 0, 600);
    let assigned = assignment(id, 1);
    let changes =
        vec![ScheduleChange::CreateOverride(one.clone()), ScheduleChange::CreateAssignment(assigned.clone())];
    make(ours, stamp(0), changes).await.unwrap();
    let change = vec![
        ScheduleChange::EndOverride(one.id),
        ScheduleChange::DeleteAssignment(assigned.id),
        ScheduleChange::ResumeSchedule(id),
        ScheduleChange::DeleteSchedule(id),
    ];
    make(theirs, stamp(10), change).await.unwrap();
    assert!(matches!(theirs.get_schedule(id).await, Err(DbError::NotFound(_))));
    assert!(matches!(theirs.get_override(one.id).await, Err(DbError::NotFound(_))));
    assert_eq!(theirs.find_schedule("office").await.unwrap(), None);
    assert_eq!(theirs.load_schedules(noon()).await.unwrap(), tuner::db::SchedulePicture::default());
    let kept = ours.load_schedules(noon()).await.unwrap();
    assert_eq!((kept.schedules.len(), kept.assignments.len(), kept.overrides.len()), (1, 1, 1));
    let foreign = over(OverrideScope::Schedule(id), 0, 600);
    assert!(make(theirs, stamp(0), vec![ScheduleChange::CreateOverride(foreign)]).await.is_err());
}

fn stop(scope: StopScope, reason: &str) -> Stopped {
    Stopped { scope, reason: reason.to_owned(), stopped_by: "ann".to_owned(), stopped_at: noon() }
}

async fn a_kill_switch_is_on_until_it_is_lifted(db: &TestDatabase) {
    let (acme, globex) = (scope(db, "acme").await, scope(db, "globex").await);
    let (ours, theirs) = (db.scoped(&acme), db.scoped(&globex));
    let first = stop(StopScope::Organization, "incident");
    ours.stop_scheduler(&first).await.unwrap();
    ours.stop_scheduler(&stop(StopScope::Organization, "later")).await.unwrap();
    assert_eq!(ours.list_stops().await.unwrap(), std::slice::from_ref(&first), "the first reason stays");
    assert_eq!(theirs.list_stops().await.unwrap(), []);
    let all = stop(StopScope::Installation, "maintenance");
    db.stop_installation(&all).await.unwrap();
    assert_eq!(theirs.list_stops().await.unwrap(), std::slice::from_ref(&all));
    assert_eq!(ours.list_stops().await.unwrap(), [first, all.clone()]);
    assert!(ours.release_scheduler().await.unwrap());
    assert!(!ours.release_scheduler().await.unwrap());
    assert_eq!(
        ours.list_stops().await.unwrap(),
        std::slice::from_ref(&all),
        "who runs the server lifts that one"
    );
    assert_eq!(db.find_installation_stop().await.unwrap(), Some(all));
    assert!(db.release_installation().await.unwrap());
    assert_eq!(ours.list_stops().await.unwrap(), []);
}

fn approval(number: u64) -> NewApproval {
    NewApproval {
        id: ApprovalId::generate(),
        subject: ApprovalSubject {
            account: account(number),
            schedule_name: "office".to_owned(),
            revision: 3,
            action: Action::Stop,
        },
        resources: vec![WaitingResource::of(&target(number), Some("web"))],
        reason: "60 stops at once, more than 50".to_owned(),
        requested_at: noon(),
        expires_at: later(3600),
    }
}

async fn an_approval_is_decided_once_and_in_time(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    link(db, &scope, account(1)).await;
    let new = approval(1);
    org.create_approval(&new).await.unwrap();
    let found = org.find_open_approval(&new.subject, noon()).await.unwrap().unwrap();
    assert_eq!((found.id, &found.resources, found.status), (new.id, &new.resources, ApprovalStatus::Open));
    assert_eq!(org.find_open_approval(&new.subject, later(3600)).await.unwrap(), None, "it has expired");
    let other = ApprovalSubject { revision: 4, ..new.subject.clone() };
    assert_eq!(org.find_open_approval(&other, noon()).await.unwrap(), None, "another text");
    let approve = ApprovalDecision::ApproveStanding;
    assert!(!org.decide_approval(new.id, approve, None, "ann", later(3600)).await.unwrap(), "too late");
    assert!(org.decide_approval(new.id, approve, Some("go"), "ann", later(60)).await.unwrap());
    assert!(!org.decide_approval(new.id, ApprovalDecision::Refuse, None, "bob", later(61)).await.unwrap());
    let decided = org.get_approval(new.id).await.unwrap();
    assert_eq!((decided.status, decided.standing), (ApprovalStatus::Approved, true));
    assert_eq!((decided.decided_by.as_deref(), decided.note.as_deref()), (Some("ann"), Some("go")));
    let standing = org.find_approved_approval(&new.subject, later(9_000_000)).await.unwrap().unwrap();
    assert!(standing.covers(&target(1)) && standing.covers(&Target { id: "i-9".into(), ..target(1) }));
    org.use_approval(new.id).await.unwrap();
    assert!(org.find_approved_approval(&new.subject, noon()).await.unwrap().is_some(), "it goes on");
    let narrowed = scope.clone().narrowed_to(BTreeSet::from([account(2)]));
    let hidden = db.scoped(&narrowed);
    assert_eq!(hidden.list_approvals(&ApprovalFilter::default(), None, 10).await.unwrap(), []);
    let refused = hidden.decide_approval(new.id, approve, None, "eve", noon()).await;
    assert!(matches!(refused, Err(DbError::NotFound("approval"))), "{refused:?}");
}

async fn what_is_for_once_is_used_once(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    link(db, &scope, account(1)).await;
    let (first, second) = (approval(1), approval(1));
    for new in [&first, &second] {
        org.create_approval(new).await.unwrap();
    }
    assert!(org.decide_approval(first.id, ApprovalDecision::Refuse, None, "ann", noon()).await.unwrap());
    let refused = org.find_refused_approval(&first.subject, noon()).await.unwrap();
    assert_eq!(refused.map(|approval| approval.id), Some(first.id));
    let once = ApprovalDecision::ApproveOnce;
    assert!(org.decide_approval(second.id, once, None, "ann", noon()).await.unwrap());
    let found = org.find_approved_approval(&first.subject, noon()).await.unwrap().unwrap();
    assert!(found.covers(&target(1)));
    assert!(!found.covers(&Target { id: "i-9".into(), ..target(1) }), "nobody was shown that one");
    assert_eq!(org.find_approved_approval(&first.subject, later(3600)).await.unwrap(), None);
    org.use_approval(second.id).await.unwrap();
    assert_eq!(org.find_approved_approval(&first.subject, noon()).await.unwrap(), None);
    let open = ApprovalFilter {
        status: Some(ApprovalStatus::Open),
        not_expired_at: Some(noon()),
        ..ApprovalFilter::default()
    };
    assert_eq!(org.list_approvals(&open, None, 10).await.unwrap(), []);
    assert_eq!(org.list_approvals(&ApprovalFilter::default(), Some(second.id), 10).await.unwrap().len(), 1);
}

async fn a_deleted_account_takes_its_rows_along(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    for number in [1, 2] {
        link(db, &scope, account(number)).await;
    }
    let id = schedule(org, "office").await;
    for number in [1, 2] {
        let changes = vec![
            ScheduleChange::CreateAssignment(assignment(id, number)),
            ScheduleChange::CreateOverride(over(OverrideScope::Resource(target(number)), 0, 600)),
        ];
        make(org, stamp(0), changes).await.unwrap();
        org.create_approval(&approval(number)).await.unwrap();
        let suspension = AccountSuspension {
            account: account(number),
            reason: "x".to_owned(),
            suspended_by: "ann".to_owned(),
            suspended_at: noon(),
        };
        org.suspend_account(&suspension).await.unwrap();
        assert_eq!(org.find_suspension(account(number)).await.unwrap(), Some(suspension));
    }
    org.delete_account(account(1)).await.unwrap();
    let left = org.load_schedules(noon()).await.unwrap();
    assert_eq!((left.assignments.len(), left.overrides.len(), left.schedules.len()), (1, 1, 1));
    assert_eq!(org.list_suspensions().await.unwrap().len(), 1);
    assert_eq!(org.list_approvals(&ApprovalFilter::default(), None, 10).await.unwrap().len(), 1);
    assert!(org.resume_account(account(2)).await.unwrap());
    assert!(!org.resume_account(account(2)).await.unwrap());
    let missing = org.resume_account(account(1)).await;
    assert!(matches!(missing, Ok(false)), "{missing:?}");
}

async fn an_erased_person_is_not_named(db: &TestDatabase) {
    let scope = scope(db, "acme").await;
    let org = db.scoped(&scope);
    let (user, other) = (UserId::generate(), UserId::generate());
    for (id, name) in [(user, "ann"), (other, "owner")] {
        let new = tuner::db::NewMember {
            user: id,
            subject: name.to_owned(),
            display_name: None,
            role: tuner::domain::permission::Role::OrganizationAdmin,
            created_at: noon(),
        };
        org.create_member(&new).await.unwrap();
    }
    let id = schedule(org, "office").await;
    make(org, stamp(0), vec![ScheduleChange::CreateOverride(over(OverrideScope::Schedule(id), 0, 600))])
        .await
        .unwrap();
    org.stop_scheduler(&stop(StopScope::Organization, "incident")).await.unwrap();
    org.erase_member(user, noon()).await.unwrap();
    let pseudonym = format!("erased-{user}");
    assert_eq!(org.get_schedule(id).await.unwrap().updated_by, pseudonym);
    let overrides = org.load_schedules(noon()).await.unwrap().overrides;
    assert_eq!(overrides[0].what.actor_name, pseudonym);
    assert_eq!(org.list_stops().await.unwrap()[0].stopped_by, pseudonym);
}
