//! Who may do what: the four roles and the permissions they hold, from one table.

use super::finding::text_enum;

text_enum! {
    /// Ordered: a later role holds all that an earlier one holds.
    Role {
        Viewer = "TUNER_VIEWER",
        User = "TUNER_USER",
        Admin = "TUNER_ADMIN",
        OrganizationAdmin = "ORGANIZATION_ADMIN",
    }
}

text_enum! {
    Permission {
        ViewSavings = "savings:view",
        DecideRecommendations = "recommendations:decide",
        ImplementRecommendations = "recommendations:implement",
        ManageScheduler = "scheduler:manage",
        RunScheduler = "scheduler:run",
        ManageAccounts = "accounts:manage",
        IssueApiKeys = "api-keys:issue",
        ReadAudit = "audit:read",
        ManageUsers = "users:manage",
        DeleteAccounts = "accounts:delete",
        /// Own password, sessions and sign-out. Held by people only: no scope of an API key has it.
        ManageOwnProfile = "profile:manage",
    }
}

text_enum! {
    /// What an API key is for: the part of its role's permissions that it may use.
    Scope {
        RecommendationsRead = "recommendations:read",
        RecommendationsDecide = "recommendations:decide",
        RecommendationsImplement = "recommendations:implement",
        SchedulerRun = "scheduler:run",
        SchedulerManage = "scheduler:manage",
        AccountsManage = "accounts:manage",
        AccountsDelete = "accounts:delete",
        ApiKeysIssue = "api-keys:issue",
        AuditRead = "audit:read",
        UsersManage = "users:manage",
    }
}

impl Scope {
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::RecommendationsRead => &[P::ViewSavings],
            Self::RecommendationsDecide => &[P::DecideRecommendations],
            Self::RecommendationsImplement => &[P::ImplementRecommendations],
            Self::SchedulerRun => &[P::RunScheduler],
            Self::SchedulerManage => &[P::ManageScheduler, P::RunScheduler],
            Self::AccountsManage => &[P::ManageAccounts],
            Self::AccountsDelete => &[P::DeleteAccounts],
            Self::ApiKeysIssue => &[P::IssueApiKeys],
            Self::AuditRead => &[P::ReadAudit],
            Self::UsersManage => &[P::ManageUsers],
        }
    }
}

/// The least role that holds each permission.
const LEAST_ROLE: &[(Permission, Role)] = &[
    (Permission::ViewSavings, Role::Viewer),
    (Permission::DecideRecommendations, Role::User),
    (Permission::ImplementRecommendations, Role::User),
    (Permission::ManageScheduler, Role::Admin),
    (Permission::RunScheduler, Role::Admin),
    (Permission::ManageAccounts, Role::Admin),
    (Permission::IssueApiKeys, Role::Admin),
    (Permission::ReadAudit, Role::Admin),
    (Permission::ManageUsers, Role::OrganizationAdmin),
    (Permission::DeleteAccounts, Role::OrganizationAdmin),
    (Permission::ManageOwnProfile, Role::Viewer),
];

impl Role {
    /// A permission that stands in no row is held by nobody.
    #[must_use]
    pub fn holds(self, permission: Permission) -> bool {
        LEAST_ROLE.iter().any(|(p, least)| *p == permission && self >= *least)
    }

    /// Every role but the organisation's own sees only the accounts granted to it.
    #[must_use]
    pub fn sees_all_accounts(self) -> bool {
        self == Self::OrganizationAdmin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_is_that_of_the_product_page() {
        let matrix: Vec<String> = Permission::ALL
            .iter()
            .map(|p| {
                let roles: String = Role::ALL.iter().map(|r| if r.holds(*p) { 'y' } else { '-' }).collect();
                format!("{p} {roles}")
            })
            .collect();
        assert_eq!(
            matrix,
            [
                "savings:view yyyy",
                "recommendations:decide -yyy",
                "recommendations:implement -yyy",
                "scheduler:manage --yy",
                "scheduler:run --yy",
                "accounts:manage --yy",
                "api-keys:issue --yy",
                "audit:read --yy",
                "users:manage ---y",
                "accounts:delete ---y",
                "profile:manage yyyy",
            ]
        );
    }

    #[test]
    fn every_permission_but_ones_own_profile_has_a_scope() {
        let scoped: Vec<Permission> =
            Scope::ALL.iter().flat_map(|scope| scope.permissions()).copied().collect();
        let without: Vec<&Permission> = Permission::ALL.iter().filter(|p| !scoped.contains(p)).collect();
        assert_eq!(without, [&Permission::ManageOwnProfile]);
    }
}
