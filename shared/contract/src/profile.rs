//! What a contract is: how it reads and writes what the house knows.

use crate::error::ErrorKind;
use crate::json::Json;
use crate::lead::LeadDraft;
use crate::native::EvidenceLinks;
use crate::page::PageLimits;
use crate::{lead_rescue, native, revenue_defenders, vendor_pad};
use domain::{Contract, Customer, Dispute, Event, Evidence, FieldErrors, Lead, LeadStatus, Transaction};
use serde_json::{Map, Value};

/// How one contract spells things.
pub trait ContractProfile: Sync {
    /// A refusal in the contract's envelope. One that is the house's own fault says the request id and no more.
    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json;

    /// How long its pages are.
    fn page_limits(&self) -> PageLimits;

    /// A page.
    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json;

    /// The contract's word for a status.
    fn status(&self, status: LeadStatus) -> &'static str;

    /// A lead.
    fn lead(&self, lead: &Lead) -> Json;

    /// What is answered to whoever made `lead`.
    fn made_lead(&self, lead: &Lead) -> Json {
        self.lead(lead)
    }

    /// What is answered to whoever would have made a second lead of the person that `first` is, where the contract
    /// refuses that.
    fn known_lead(&self, first: &Lead) -> Json {
        self.lead(first)
    }

    /// Reads a lead that is to be created.
    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors>;

    /// A customer; as the native contract has it where the contract knows none.
    fn customer(&self, customer: &Customer) -> Json {
        native::customer(customer)
    }

    /// A transaction; as the native contract has it where the contract knows none.
    fn transaction(&self, transaction: &Transaction) -> Json {
        native::transaction(transaction)
    }

    /// A dispute.
    fn dispute(&self, dispute: &Dispute) -> Json;

    /// A piece of evidence; as the native contract has it where the contract knows none.
    fn evidence(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        native::evidence(evidence, links)
    }

    /// The body of a webhook.
    fn event(&self, event: &Event) -> Json;
}

/// How `contract` spells things.
pub fn profile(contract: Contract) -> &'static dyn ContractProfile {
    match contract {
        Contract::Native => &native::Native,
        Contract::RevenueDefenders => &revenue_defenders::RevenueDefenders,
        Contract::LeadRescue => &lead_rescue::LeadRescue,
        Contract::VendorPad => &vendor_pad::VendorPad,
    }
}
