//! Verification of a link: the role lets Tuner in with its external ID, and nobody without it.
//!
//! It never uses cached credentials: a trust policy may have changed a second ago.

use super::{
    assume::{Entry, Purpose, RoleLink},
    error::SessionError,
    parts::Part,
    session::{Sessions, caller_account, with_credentials},
};
use crate::domain::account::{StepOutcome, Verification, VerificationStep};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};

impl Sessions {
    /// Runs the steps in their order. Where the first fails the others say nothing and are not tried.
    pub async fn verify(&self, link: &RoleLink) -> Verification {
        let entered = match self.check_link(link) {
            Ok(()) => self.entrance.assume(&Entry::of_link(link, Purpose::Collect(Part::FIRST))).await,
            Err(error) => Err(error),
        };
        let (steps, conclusive) = match entered {
            Ok(credentials) => self.steps_after_entering(link, credentials).await,
            Err(error) => (steps_without_entering(&error), says_something(&error)),
        };
        Verification { passed: steps.iter().all(|step| step.passed), conclusive, steps }
    }

    /// Whether the role accepts this external ID: during a rotation, whether the new one may be used.
    pub async fn probe_external_id(&self, link: &RoleLink) -> Result<bool, SessionError> {
        self.check_link(link)?;
        match self.entrance.assume(&Entry::of_link(link, Purpose::Collect(Part::FIRST))).await {
            Ok(_) => Ok(true),
            Err(SessionError::AssumeRoleDenied { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn steps_after_entering(
        &self,
        link: &RoleLink,
        credentials: Credentials,
    ) -> (Vec<StepOutcome>, bool) {
        let without = Entry { external_id: None, ..Entry::of_link(link, Purpose::Collect(Part::FIRST)) };
        // One of ours, well formed and just made: no trust policy can know it.
        let unknown = self.external_ids.issue(link.account, &link.organization);
        let wrong = Entry { external_id: Some(unknown.expose().to_owned()), ..without.clone() };
        let (without, wrong) = (self.entrance.assume(&without).await, self.entrance.assume(&wrong).await);
        let conclusive =
            [&without, &wrong].into_iter().all(|entered| entered.as_ref().err().is_none_or(says_something));
        let steps = vec![
            outcome(
                VerificationStep::AssumeWithExternalId,
                Ok("AWS let Tuner in with the external ID".into()),
            ),
            outcome(
                VerificationStep::RefuseWithoutExternalId,
                must_be_refused(without, "without the external ID"),
            ),
            outcome(
                VerificationStep::RefuseWrongExternalId,
                must_be_refused(wrong, "with a wrong external ID"),
            ),
            outcome(VerificationStep::AccountMatches, self.same_account(link, credentials).await),
        ];
        (steps, conclusive)
    }

    async fn same_account(&self, link: &RoleLink, credentials: Credentials) -> Result<String, String> {
        let config = with_credentials(&self.connector.base, SharedCredentialsProvider::new(credentials));
        let seen = caller_account(&config)
            .await
            .map_err(|error| format!("the role's own account could not be asked for: {error}"))?;
        if seen == link.account {
            Ok(format!("the role is in account {seen}"))
        } else {
            Err(format!(
                "the role is in account {seen}, not in {}; give the role of that account",
                link.account
            ))
        }
    }
}

/// Whether an error is about the role or the link, and not about reaching AWS.
fn says_something(error: &SessionError) -> bool {
    matches!(
        error,
        SessionError::AssumeRoleDenied { .. }
            | SessionError::ForeignExternalId(_)
            | SessionError::OtherAccount { .. }
    )
}

fn must_be_refused(entered: Result<Credentials, SessionError>, how: &str) -> Result<String, String> {
    match entered {
        Err(SessionError::AssumeRoleDenied { .. }) => Ok(format!("AWS refused to assume the role {how}")),
        Err(error) => Err(format!("it could not be seen whether the role can be assumed {how}: {error}")),
        Ok(_) => Err(format!(
            "the role can be assumed {how}: add the condition StringEquals sts:ExternalId to its trust policy, with \
             exactly the external ID of this account"
        )),
    }
}

fn steps_without_entering(error: &SessionError) -> Vec<StepOutcome> {
    VerificationStep::ALL
        .iter()
        .map(|step| match step {
            VerificationStep::AssumeWithExternalId => outcome(*step, Err(error.to_string())),
            _ => outcome(*step, Err("not tried: the role could not be assumed with the external ID".into())),
        })
        .collect()
}

fn outcome(step: VerificationStep, seen: Result<String, String>) -> StepOutcome {
    let passed = seen.is_ok();
    let (Ok(detail) | Err(detail)) = seen;
    StepOutcome { step, passed, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_refusal_passes_as_refused() {
        let denied = SessionError::AssumeRoleDenied { code: "AccessDenied".into() };
        assert!(must_be_refused(Err(denied), "x").is_ok());
        let slow = SessionError::Throttled { code: "Throttling".into() };
        assert!(must_be_refused(Err(slow), "x").is_err());
        let open = must_be_refused(
            Ok(Credentials::new("AKIAMADEUP", "made-up", None, None, "test")),
            "without the external ID",
        );
        assert!(open.unwrap_err().contains("add the condition"));
    }

    #[test]
    fn a_role_that_cannot_be_entered_passes_no_step() {
        let steps = steps_without_entering(&SessionError::NoCredentials);
        assert_eq!(steps.len(), VerificationStep::ALL.len());
        assert!(steps.iter().all(|step| !step.passed && !step.detail.is_empty()));
    }
}
