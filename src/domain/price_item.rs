//! What AWS's price list calls the things that are priced by nothing but region and, for some, a name.
//!
//! One line an item: its text in a price key, its unit, where the price list has it. Instances, volumes and RDS,
//! whose prices depend on more, have keys of their own.

use super::price::PriceUnit;

/// How an item is found in the price list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The service's code: `AWSELB`.
    pub service: &'static str,
    /// The usage type behind the region's prefix; for a named item what comes before the name.
    pub usage: &'static str,
    /// What else tells it apart: attributes of the product, `productFamily` among them.
    pub only: &'static [(&'static str, &'static str)],
    /// The attributes whose values, with a slash between, are the item's name; none for what has only one price.
    pub named_by: &'static [&'static str],
}

macro_rules! items {
    ($($item:ident $text:literal $unit:ident: $service:literal $usage:literal $only:expr, $named_by:expr;)*) => {
        /// Something with one price in a region, or one for each name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Item { $($item),* }

        impl Item {
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// `alb-hour`, as in a price key.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $text),* }
            }

            #[must_use]
            pub const fn unit(self) -> PriceUnit {
                match self { $(Self::$item => PriceUnit::$unit),* }
            }

            #[must_use]
            pub const fn listing(self) -> Listing {
                match self { $(
                    Self::$item => Listing { service: $service, usage: $usage, only: $only, named_by: $named_by }
                ),* }
            }
        }
    };
}

const LINUX_CREDITS: &[(&str, &str)] = &[("productFamily", "CPU Credits"), ("operatingSystem", "Linux")];
const WINDOWS_CREDITS: &[(&str, &str)] = &[("productFamily", "CPU Credits"), ("operatingSystem", "Windows")];

items! {
    AlbHour "alb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer-Application")], &[];
    ClbHour "clb-hour" Hour: "AWSELB" "LoadBalancerUsage" &[("productFamily", "Load Balancer")], &[];
    MetricMonth "metric-month" UnitMonth: "AmazonCloudWatch" "CW:MetricMonitorUsage" &[], &[];
    CpuCreditsT2Linux "cpu-credits/t2/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t2" LINUX_CREDITS, &[];
    CpuCreditsT2Windows "cpu-credits/t2/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t2" WINDOWS_CREDITS, &[];
    CpuCreditsT3Linux "cpu-credits/t3/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t3" LINUX_CREDITS, &[];
    CpuCreditsT3Windows "cpu-credits/t3/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t3" WINDOWS_CREDITS, &[];
    CpuCreditsT3aLinux "cpu-credits/t3a/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t3a" LINUX_CREDITS, &[];
    CpuCreditsT3aWindows "cpu-credits/t3a/Windows" VcpuHour: "AmazonEC2" "CPUCredits:t3a" WINDOWS_CREDITS, &[];
    CpuCreditsT4gLinux "cpu-credits/t4g/Linux" VcpuHour: "AmazonEC2" "CPUCredits:t4g" LINUX_CREDITS, &[];
    LogStorage "log-storage" GbMonth: "AmazonCloudWatch" "TimedStorage-ByteHrs" &[], &[];
    CacheNode "cache-node" Hour: "AmazonElastiCache" "NodeUsage:" &[], &["instanceType", "cacheEngine"];
}
