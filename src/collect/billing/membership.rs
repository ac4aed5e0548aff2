//! Whether the account belongs to an organisation of AWS Organizations, and to whose.

use super::{Collector, Incomplete, Scope};
use crate::domain::billing::Membership;
use aws_sdk_organizations::types as sdk;

const ACTION: &str = "organizations:DescribeOrganization";
const STANDS_ALONE: &str = "AWSOrganizationsNotInUseException";

pub(in crate::collect) const COLLECTOR: Collector =
    Collector { name: "organization", actions: &[ACTION], listing: None };

pub(super) async fn fetch(scope: &Scope<'_>) -> Result<Membership, Incomplete> {
    let call = Box::pin(scope.session.organizations().describe_organization().send());
    match scope.call(ACTION, call).await {
        Ok(reply) => Ok(membership(reply.organization.as_ref())),
        Err(failure) if failure.code == STANDS_ALONE => Ok(Membership::Standalone),
        Err(failure) => Err(scope.missing(ACTION, failure)),
    }
}

fn membership(organization: Option<&sdk::Organization>) -> Membership {
    let payer = organization.and_then(|organization| organization.master_account_id.as_deref());
    Membership::Member {
        management_account: payer.unwrap_or_default().into(),
        all_features: organization.and_then(|organization| organization.feature_set.as_ref())
            == Some(&sdk::OrganizationFeatureSet::All),
    }
}
