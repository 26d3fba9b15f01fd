//! The profiles of all contracts.

use crate::lead_rescue::profile::LeadRescue;
use crate::native::profile::Native;
use crate::operation::ContractDescription;
use crate::profile::ContractProfile;
use crate::revenue_defenders::profile::RevenueDefenders;
use crate::vendor_pad::profile::VendorPad;
use crate::{examples, lead_rescue, native, revenue_defenders, vendor_pad};
use domain::{Contract, Event, EventType, Mode};

/// Returns the profile of `contract`.
pub fn profile(contract: Contract) -> &'static dyn ContractProfile {
    match contract {
        Contract::Native => &Native,
        Contract::RevenueDefenders => &RevenueDefenders,
        Contract::LeadRescue => &LeadRescue,
        Contract::VendorPad => &VendorPad,
    }
}

/// Returns the description of `contract`. Not a method of its profile, so that functions, which have all profiles, do
/// not carry descriptions.
pub fn describe(contract: Contract) -> ContractDescription {
    let mut description = match contract {
        Contract::Native => native::operations::describe(),
        Contract::RevenueDefenders => revenue_defenders::operations::describe(),
        Contract::LeadRescue => lead_rescue::operations::describe(),
        Contract::VendorPad => vendor_pad::operations::describe(),
    };
    for operation in &mut description.operations {
        operation.deprecation = profile(contract).deprecation(operation.method, operation.path);
    }
    description
}

/// Returns an event for examples, about the kind of lead that callers of `contract` create.
pub fn example_event(event: EventType, contract: Contract) -> Event {
    examples::records::event(event, contract, &(describe(contract).example_lead)())
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
    use std::collections::BTreeSet;

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
    fn every_request_has_an_accepted_example() {
        for contract in Contract::ALL {
            // Describing an operation reads its example, and panics if it is not accepted.
            for operation in describe(contract).operations {
                assert_eq!(operation.request.is_some(), operation.takes_body(), "{contract:?} {}", operation.id);
                assert!(!operation.responses.is_empty(), "{contract:?} {}", operation.id);
            }
        }
    }

    #[test]
    fn operations_have_unique_ids_and_paths() {
        for contract in Contract::ALL {
            let operations = describe(contract).operations;
            let ids: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
            let paths: BTreeSet<_> = operations.iter().map(|operation| (operation.method, operation.path)).collect();
            assert_eq!((ids.len(), paths.len()), (operations.len(), operations.len()), "{contract:?}");
            for operation in operations {
                let variables = operation.path.matches('{').count();
                assert_eq!(operation.path_examples.len(), variables, "{contract:?} {}", operation.id);
            }
        }
    }

    #[test]
    fn no_key_prefix_starts_with_another() {
        let prefixes: Vec<_> = key_prefixes().collect();
        assert!(prefixes.len() >= Contract::ALL.len(), "{prefixes:?}");
        for one in &prefixes {
            assert_eq!(prefixes.iter().filter(|other| one.starts_with(**other)).count(), 1, "{one}");
        }
    }

    #[test]
    fn deprecated_operations_exist_and_end_later() {
        for contract in Contract::ALL {
            let operations = describe(contract).operations;
            for deprecation in profile(contract).deprecations() {
                let is_it = |method: &str, path: &str| method == deprecation.method && path == deprecation.path;
                assert!(operations.iter().any(|one| is_it(one.method, one.path)), "{deprecation:?}");
                assert!(deprecation.since < deprecation.sunset, "{deprecation:?}");
            }
        }
    }
}
