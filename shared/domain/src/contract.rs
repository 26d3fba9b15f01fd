//! Which of the published contracts a call or a subscription speaks.

use serde::{Deserialize, Serialize};

/// The published HTTP contracts. The path of a call picks one, a subscription is registered with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Contract {
    /// Leadhouse's own, under `/v2`.
    #[serde(rename = "native")]
    Native,
    /// Revenue Defenders, under `/api/v1`.
    #[serde(rename = "revenueDefenders")]
    RevenueDefenders,
    /// LeadRescue, under `/v1`.
    #[serde(rename = "leadRescue")]
    LeadRescue,
    /// VendorPad, under `/api/v1/developer`.
    #[serde(rename = "vendorPad")]
    VendorPad,
}

impl Contract {
    /// Every contract.
    pub const ALL: [Self; 4] = [Self::Native, Self::RevenueDefenders, Self::LeadRescue, Self::VendorPad];

    /// The name it has on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::RevenueDefenders => "revenueDefenders",
            Self::LeadRescue => "leadRescue",
            Self::VendorPad => "vendorPad",
        }
    }

    /// The contract of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contract| contract.name() == name)
    }

    /// The path that all of its endpoints lie under.
    pub const fn base_path(self) -> &'static str {
        match self {
            Self::Native => "/v2",
            Self::RevenueDefenders => "/api/v1",
            Self::LeadRescue => "/v1",
            Self::VendorPad => "/api/v1/developer",
        }
    }

    /// The contract that answers for `path`: the longest base path that it lies under, native outside all of them.
    pub fn of_path(path: &str) -> Self {
        let under = |contract: &Self| {
            path.strip_prefix(contract.base_path()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        Self::ALL.into_iter().filter(under).max_by_key(|contract| contract.base_path().len()).unwrap_or(Self::Native)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_base_path_picks_the_contract() {
        assert_eq!(Contract::of_path("/api/v1/developer/leads"), Contract::VendorPad);
        assert_eq!(Contract::of_path("/api/v1/developers"), Contract::RevenueDefenders);
        assert_eq!(Contract::of_path("/api/v1"), Contract::RevenueDefenders);
        assert_eq!(Contract::of_path("/v1/leads"), Contract::LeadRescue);
        assert_eq!(Contract::of_path("/v10/leads"), Contract::Native);
        assert_eq!(Contract::of_path("/"), Contract::Native);
    }
}
