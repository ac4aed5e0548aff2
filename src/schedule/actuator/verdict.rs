//! What AWS's refusals mean: what becomes of the order, whom of a batch it is about, and what to say.

use crate::{
    aws::{Reach, Refusal},
    domain::{scan::GapReason, schedule::Action},
    schedule::OutcomeStatus,
};

/// Whom of a batch a refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// One id fails the whole call: the others can go without it.
    OneOfThem,
    /// The same, and the state may be the wanted one already.
    ItsState,
    /// Fewer may go through.
    HowMany,
    TheCall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub status: OutcomeStatus,
    pub about: About,
    pub message: &'static str,
}

const fn retry(about: About, message: &'static str) -> Verdict {
    Verdict { status: OutcomeStatus::Retry, about, message }
}

const fn refuse(message: &'static str) -> Verdict {
    Verdict { status: OutcomeStatus::Refused, about: About::OneOfThem, message }
}

impl Verdict {
    pub fn of(refusal: &Refusal, action: Action) -> Self {
        if refusal.reach == Reach::Unclear {
            let message =
                "AWS gave no answer that tells whether it was done: looked at again before anything else";
            return Self { status: OutcomeStatus::Unknown, about: About::TheCall, message };
        }
        of_reason(refusal.reason, refusal.reach, action)
            .or_else(|| of_code(refusal.code.strip_suffix("Fault").unwrap_or(&refusal.code)))
            .unwrap_or(retry(About::OneOfThem, "AWS refused it for now; its code says why"))
    }
}

fn of_reason(reason: GapReason, reach: Reach, action: Action) -> Option<Verdict> {
    let message = match (reason, reach) {
        (GapReason::Throttled, _) => "AWS slows this account and region down",
        (GapReason::ExpiredCredentials, _) => "the credentials have expired: new ones are asked for",
        (GapReason::RegionDisabled, _) => "AWS does not take the account's credentials in this region",
        (GapReason::AccessDenied, Reach::Answered) => return Some(refuse(denied(action))),
        (_, Reach::NotSent) => "the call could not be made: AWS did not let Tuner into the scheduler's role",
        _ => return None,
    };
    Some(retry(About::TheCall, message))
}

const fn denied(action: Action) -> &'static str {
    match action {
        Action::Start => {
            "AWS does not permit the start: the tag Scheduler=Enabled is gone, or the scheduler's role may not do it"
        }
        Action::Stop => {
            "AWS does not permit the stop: the tag Scheduler=Enabled is gone, or the scheduler's role may not do it"
        }
    }
}

/// The codes of EC2 and RDS, the latter without `Fault` at their end.
fn of_code(code: &str) -> Option<Verdict> {
    Some(match code {
        "IncorrectInstanceState"
        | "IncorrectState"
        | "InvalidDBInstanceState"
        | "InvalidDBClusterState"
        | "InvalidDBShardGroupState" => retry(About::ItsState, "it is in a state that does not allow it now"),
        "InvalidInstanceID.NotFound" | "DBInstanceNotFound" | "DBClusterNotFound" => {
            retry(About::OneOfThem, "AWS does not find it any more: looked at again at the next tick")
        }
        "UnsupportedOperation" => refuse("AWS does not start or stop this one (its kind, or no root volume)"),
        "OperationNotPermitted" => refuse("stop protection is on, and Tuner respects it"),
        "InsufficientInstanceCapacity"
        | "InsufficientHostCapacity"
        | "InsufficientCapacityOnHost"
        | "InsufficientReservedInstanceCapacity"
        | "InsufficientCapacity" => retry(About::HowMany, "AWS has no capacity for its type in its zone now"),
        "InsufficientDBInstanceCapacity" | "InsufficientDBClusterCapacity" => {
            retry(About::HowMany, "AWS has no capacity for its class in its zones now")
        }
        "InstanceLimitExceeded" | "VcpuLimitExceeded" | "MaxSpotInstanceCountExceeded" => {
            retry(About::HowMany, "the account's limit for running instances is reached: ask AWS for more")
        }
        "InvalidVPCNetworkState" => refuse("its VPC network is not in a state that lets it start"),
        "InvalidSubnet" => refuse("a subnet of its subnet group is not there any more"),
        "DBSubnetGroupDoesNotCoverEnoughAZs" => refuse("its subnet group covers too few availability zones"),
        "DBSubnetGroupNotFound" => refuse("its subnet group is not there any more"),
        "KMSKeyNotAccessible" => refuse("its encryption key cannot be used: enable the key or its grant"),
        "AuthorizationNotFound" => refuse("a security group that it names is not authorised"),
        "VpcEncryptionControlViolationException" => {
            refuse("the encryption control of its VPC does not allow it")
        }
        "InvalidInstanceID.Malformed" => refuse("AWS does not take its id"),
        // What EC2 says of an instance whose root volume is detached, RDS of a member of a cluster.
        "InvalidParameterValue" => {
            refuse("AWS cannot start it as it is: most likely its root volume is detached")
        }
        "InvalidParameterCombination" => {
            refuse("AWS does not start or stop a database of this kind by itself")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Order, OutcomeStatus, actuator::carry_out, lab::*};
    use crate::domain::schedule::{Action, TargetKind};
    use rstest::rstest;

    async fn run(aws: &Aws, orders: Vec<Order>) -> Books {
        let books = Books::of(&orders);
        carry_out(&aws.session, orders, &books).await;
        books
    }

    #[rstest]
    #[case("OperationNotPermitted", OutcomeStatus::Refused, "stop protection")]
    #[case("UnsupportedOperation", OutcomeStatus::Refused, "does not start or stop")]
    #[case("InstanceLimitExceeded", OutcomeStatus::Retry, "limit")]
    #[case("VcpuLimitExceeded", OutcomeStatus::Retry, "limit")]
    #[case("InsufficientHostCapacity", OutcomeStatus::Retry, "capacity")]
    #[case("InvalidInstanceID.NotFound", OutcomeStatus::Retry, "next tick")]
    #[case("InvalidParameterValue", OutcomeStatus::Refused, "root volume")]
    #[case("SomethingNew", OutcomeStatus::Retry, "code")]
    #[tokio::test]
    async fn ec2s_refusals_are_told_in_words(
        #[case] code: &'static str,
        #[case] status: OutcomeStatus,
        #[case] word: &str,
    ) {
        let aws = Aws::that(move |_| ec2_error(400, code, "secret words of arn:aws:iam::1:user/joe")).await;
        let books = run(&aws, orders(TargetKind::Instance, &instance_ids(1), Action::Stop)).await;
        let told = books.told();
        let outcome = &told["i-00000001"];
        assert_eq!((outcome.status, outcome.code.as_str()), (status, code));
        assert!(outcome.message.contains(word) && !outcome.message.contains("joe"), "{}", outcome.message);
        assert!(outcome.verify_after.is_zero());
    }

    #[rstest]
    #[case("InsufficientDBInstanceCapacity", OutcomeStatus::Retry)]
    #[case("InvalidVPCNetworkStateFault", OutcomeStatus::Refused)]
    #[case("InvalidSubnet", OutcomeStatus::Refused)]
    #[case("DBSubnetGroupDoesNotCoverEnoughAZs", OutcomeStatus::Refused)]
    #[case("KMSKeyNotAccessibleFault", OutcomeStatus::Refused)]
    #[case("AuthorizationNotFound", OutcomeStatus::Refused)]
    #[case("AccessDenied", OutcomeStatus::Refused)]
    #[case("Throttling", OutcomeStatus::Retry)]
    #[case("DBInstanceNotFound", OutcomeStatus::Retry)]
    #[tokio::test]
    async fn rds_refusals_of_a_start_are_told_in_words(
        #[case] code: &'static str,
        #[case] status: OutcomeStatus,
    ) {
        let aws = Aws::that(move |_| rds_error(400, code, "words")).await;
        let books = run(&aws, orders(TargetKind::DbInstance, &["a".to_owned()], Action::Start)).await;
        let told = books.told();
        assert_eq!((told["a"].status, told["a"].code.as_str()), (status, code));
        assert!(!told["a"].message.contains("its code says why"), "{}", told["a"].message);
    }
}
