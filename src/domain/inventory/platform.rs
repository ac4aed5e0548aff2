//! The operating system of an instance, with the software that comes with it, as prices know both.

use serde::{Deserialize, Serialize};

/// Each system with its name in keys and records, AWS's `PlatformDetails`, and the Pricing API's `operatingSystem`
/// and `preInstalledSw`.
macro_rules! platforms {
    ($($platform:ident $text:literal $details:literal $system:literal $software:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Platform {
            $(#[serde(rename = $text)] $platform,)*
            /// RHEL with high availability, Ubuntu Pro, …: no plain price.
            #[serde(rename = "Other")]
            Other,
        }

        impl Platform {
            /// Those that have a price.
            pub const PRICED: &'static [Self] = &[$(Self::$platform),*];

            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$platform => $text,)* Self::Other => "other" }
            }

            fn of_details(details: &str) -> Self {
                match details { $($details => Self::$platform,)* _ => Self::Other }
            }

            /// The Pricing API's `operatingSystem`; none where the price depends on more.
            #[must_use]
            pub const fn pricing_name(self) -> Option<&'static str> {
                match self { $(Self::$platform => Some($system),)* Self::Other => None }
            }

            /// The Pricing API's `preInstalledSw`.
            #[must_use]
            pub const fn software(self) -> &'static str {
                match self { $(Self::$platform => $software,)* Self::Other => "NA" }
            }
        }
    };
}

platforms! {
    Linux "Linux" "Linux/UNIX" "Linux" "NA";
    Rhel "RHEL" "Red Hat Enterprise Linux" "RHEL" "NA";
    Suse "SUSE" "SUSE Linux" "SUSE" "NA";
    Windows "Windows" "Windows" "Windows" "NA";
    WindowsSqlWeb "Windows-SQL-Web" "Windows with SQL Server Web" "Windows" "SQL Web";
    WindowsSqlStandard "Windows-SQL-Standard" "Windows with SQL Server Standard" "Windows" "SQL Std";
    WindowsSqlEnterprise "Windows-SQL-Enterprise" "Windows with SQL Server Enterprise" "Windows" "SQL Ent";
    LinuxSqlWeb "Linux-SQL-Web" "Linux with SQL Server Web" "Linux" "SQL Web";
    LinuxSqlStandard "Linux-SQL-Standard" "Linux with SQL Server Standard" "Linux" "SQL Std";
    LinuxSqlEnterprise "Linux-SQL-Enterprise" "Linux with SQL Server Enterprise" "Linux" "SQL Ent";
}

/// The edition of SQL Server that is billed with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlEdition {
    Web,
    Standard,
    Enterprise,
}

impl Platform {
    /// `PlatformDetails` says what is billed; old replies have only `Platform`, which knows Windows alone.
    #[must_use]
    pub fn of(details: Option<&str>, windows: bool) -> Self {
        match details.unwrap_or_default() {
            "" if windows => Self::Windows,
            "" => Self::Linux,
            details => Self::of_details(details),
        }
    }

    /// Of what the Pricing API says of a product; without a word of software there is none.
    #[must_use]
    pub fn of_product(system: &str, software: &str) -> Option<Self> {
        let software = if software.is_empty() { "NA" } else { software };
        Self::PRICED.iter().copied().find(|p| p.pricing_name() == Some(system) && p.software() == software)
    }

    #[must_use]
    pub const fn sql_edition(self) -> Option<SqlEdition> {
        match self {
            Self::WindowsSqlWeb | Self::LinuxSqlWeb => Some(SqlEdition::Web),
            Self::WindowsSqlStandard | Self::LinuxSqlStandard => Some(SqlEdition::Standard),
            Self::WindowsSqlEnterprise | Self::LinuxSqlEnterprise => Some(SqlEdition::Enterprise),
            _ => None,
        }
    }

    /// The same system without a licence of SQL Server.
    #[must_use]
    pub const fn without_sql(self) -> Self {
        match self {
            Self::WindowsSqlWeb | Self::WindowsSqlStandard | Self::WindowsSqlEnterprise => Self::Windows,
            Self::LinuxSqlWeb | Self::LinuxSqlStandard | Self::LinuxSqlEnterprise => Self::Linux,
            other => other,
        }
    }

    /// Windows and SQL Server are made for x86 alone.
    #[must_use]
    pub fn runs_on_arm(self) -> bool {
        self.sql_edition().is_none() && self != Self::Windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_details_name_the_same_platforms() {
        for platform in Platform::PRICED.iter().copied() {
            let system = platform.pricing_name().unwrap();
            assert_eq!(Platform::of_product(system, platform.software()), Some(platform));
        }
        assert_eq!(Platform::of_product("Linux", ""), Some(Platform::Linux));
        assert_eq!(Platform::of_product("Windows", "SQL 2005"), None);
        assert_eq!(Platform::of(Some("Ubuntu Pro"), false), Platform::Other);
    }

    #[test]
    fn sql_server_is_an_edition_on_a_system() {
        let platform = Platform::of(Some("Windows with SQL Server Standard"), true);
        assert_eq!(platform.sql_edition(), Some(SqlEdition::Standard));
        assert_eq!(platform.without_sql(), Platform::Windows);
        assert!(!Platform::LinuxSqlWeb.runs_on_arm() && Platform::Rhel.runs_on_arm());
    }
}
