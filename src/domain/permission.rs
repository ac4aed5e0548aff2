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
        ManageAccounts = "accounts:manage",
        IssueApiKeys = "api-keys:issue",
        ReadAudit = "audit:read",
        ManageUsers = "users:manage",
        DeleteAccounts = "accounts:delete",
    }
}

/// The least role that holds each permission.
const LEAST_ROLE: &[(Permission, Role)] = &[
    (Permission::ViewSavings, Role::Viewer),
    (Permission::DecideRecommendations, Role::User),
    (Permission::ImplementRecommendations, Role::User),
    (Permission::ManageScheduler, Role::Admin),
    (Permission::ManageAccounts, Role::Admin),
    (Permission::IssueApiKeys, Role::Admin),
    (Permission::ReadAudit, Role::Admin),
    (Permission::ManageUsers, Role::OrganizationAdmin),
    (Permission::DeleteAccounts, Role::OrganizationAdmin),
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
                "accounts:manage --yy",
                "api-keys:issue --yy",
                "audit:read --yy",
                "users:manage ---y",
                "accounts:delete ---y",
            ]
        );
    }
}
