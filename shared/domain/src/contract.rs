//! The published HTTP contracts. What distinguishes them is in the crate `contract`.

use serde::{Deserialize, Serialize};

macro_rules! contracts {
    ($($variant:ident $name:literal $doc:literal),+ $(,)?) => {
        /// A published HTTP contract. The path of a request selects one; a webhook subscription and an API key are
        /// created for one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Contract { $(#[doc = $doc] #[serde(rename = $name)] $variant,)+ }

        impl Contract {
            /// Every contract.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Returns the name of the contract in requests, responses and stored items.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }
    };
}

contracts! {
    Native "native" "The contract of Leadhouse itself, `/v2`.",
    RevenueDefenders "revenueDefenders" "Revenue Defenders, `/api/v1`.",
    LeadRescue "leadRescue" "LeadRescue, `/v1`.",
    VendorPad "vendorPad" "VendorPad, `/api/v1/developer`.",
}

impl Contract {
    /// Returns the contract with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contract| contract.name() == name)
    }
}
