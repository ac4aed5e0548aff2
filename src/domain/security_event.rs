//! Security events: what an alarm may be set on. The names are stable: metrics, log lines and the audit use them.

use super::finding::text_enum;

text_enum! {
    SecurityEvent {
        /// An external ID that was not made by this server for this account and organisation.
        ExternalIdRefused = "externalId.refused",
        /// An encrypted value that does not open where it stands: somebody wrote to the database.
        SealedValueRefused = "sealedValue.refused",
        /// A linked role does not pass its verification any more.
        RoleDrifted = "role.drifted",
        /// A linked role lets the scheduler in no more: nothing is started or stopped there until it does.
        SchedulerAccountStopped = "scheduler.accountStopped",
        /// A single failed sign-in: wrong password, wrong code, unknown name, key or session.
        SignInFailed = "signIn.failed",
        /// Repeated failures: the sign-in is locked for a while.
        SignInLocked = "signIn.locked",
        /// AWS denied an action that a scan asked for.
        AwsActionDenied = "aws.actionDenied",
        /// An operation that no collector declares was stopped before it reached the network.
        AwsOperationBlocked = "aws.operationBlocked",
        /// A token that we did not sign, or that was tampered with.
        TokenForged = "token.forged",
        /// The audit log does not verify.
        AuditChainBroken = "audit.chainBroken",
        /// The audit log cannot be written: effects are refused.
        AuditUnavailable = "audit.unavailable",
        /// A request of a browser that another site made it send.
        CrossSiteRefused = "crossSite.refused",
        /// A caller went over a limit.
        RateLimited = "rate.limited",
    }
}

#[cfg(test)]
mod tests {
    use super::SecurityEvent;

    #[test]
    fn operators_read_about_every_event() {
        let page = include_str!("../../docs/monitoring.md");
        for event in SecurityEvent::ALL {
            assert!(page.contains(&format!("| `{event}` |")), "docs/monitoring.md does not explain {event}");
        }
    }
}
