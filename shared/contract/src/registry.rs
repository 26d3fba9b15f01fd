//! The profiles of all contracts.

use crate::lead_rescue::profile::LeadRescue;
use crate::native::profile::Native;
use crate::profile::ContractProfile;
use crate::revenue_defenders::profile::RevenueDefenders;
use crate::vendor_pad::profile::VendorPad;
use domain::{Contract, Mode};

/// Returns the profile of `contract`.
pub fn profile(contract: Contract) -> &'static dyn ContractProfile {
    match contract {
        Contract::Native => &Native,
        Contract::RevenueDefenders => &RevenueDefenders,
        Contract::LeadRescue => &LeadRescue,
        Contract::VendorPad => &VendorPad,
    }
}

/// Returns the contract that serves `path`: the one with the longest base path that contains it, native outside all of
/// them.
pub fn contract_of_path(path: &str) -> Contract {
    let base_path = |contract: &Contract| profile(*contract).base_path();
    let serves = |contract: &Contract| {
        path.strip_prefix(base_path(contract)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let serving = Contract::ALL.into_iter().filter(serves);
    serving.max_by_key(|contract| base_path(contract).len()).unwrap_or(Contract::Native)
}

/// Returns the prefixes of all contracts' API keys.
pub fn key_prefixes() -> impl Iterator<Item = &'static str> {
    let prefixes = |contract: Contract| {
        let rules = profile(contract).key_rules();
        [Mode::Live, Mode::Test].into_iter().filter_map(move |mode| rules.prefix(mode))
    };
    Contract::ALL.into_iter().flat_map(prefixes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_base_path_selects_the_contract() {
        assert_eq!(contract_of_path("/api/v1/developer/leads"), Contract::VendorPad);
        assert_eq!(contract_of_path("/api/v1/developers"), Contract::RevenueDefenders);
        assert_eq!(contract_of_path("/api/v1"), Contract::RevenueDefenders);
        assert_eq!(contract_of_path("/v1/leads"), Contract::LeadRescue);
        assert_eq!(contract_of_path("/v10/leads"), Contract::Native);
        assert_eq!(contract_of_path("/"), Contract::Native);
    }

    #[test]
    fn no_key_prefix_starts_with_another() {
        let prefixes: Vec<_> = key_prefixes().collect();
        assert!(prefixes.len() >= Contract::ALL.len(), "{prefixes:?}");
        for one in &prefixes {
            assert_eq!(prefixes.iter().filter(|other| one.starts_with(**other)).count(), 1, "{one}");
        }
    }
}
