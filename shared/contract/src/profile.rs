//! The contract profile: everything that differs between contracts.

use crate::accounts::KeyRules;
use crate::error::ErrorKind;
use crate::follow_up::{self, SequenceDraft, SequenceFields};
use crate::inbound::{self, InboundFields};
use crate::json::Json;
use crate::kpi;
use crate::lead::LeadDraft;
use crate::list_query::{
    CustomerListQuery, DisputeListQuery, EvidenceListQuery, KpiQuery, LeadListQuery, TransactionListQuery,
    business_parameter,
};
use crate::native::{self, EvidenceLinks};
use crate::page::{PageLimits, Query};
use crate::visitor_event::{self, VisitorEventDraft, VisitorEventFields};
use crate::webhooks::WebhookHeaderScheme;
use crate::{lead_rescue, revenue_defenders, vendor_pad};
use domain::analytics::kpi::{DayRange, KpiReport};
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::transaction::TransactionStatus;
use domain::{
    Contract, Customer, Dispute, DisputeStatus, Event, Evidence, FieldErrors, InboundMessage, Lead, LeadId, LeadStatus,
    Message, Sequence, Timestamp, Transaction, VisitorEvent,
};
use serde_json::{Map, Value};

/// Maximum number of bytes of a request body on routes for which no document says otherwise.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The businesses that a list covers when the request names none and the key is bound to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListScope {
    /// The tenant's first business.
    FirstBusiness,
    /// Every business of the tenant.
    AllBusinesses,
}

/// What the response to a change of a lead shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadView {
    /// The lead.
    Lead,
    /// The lead with its photo link, sequence and messages.
    LeadWithFollowUp,
}

/// Everything that differs between contracts: names, limits, field names, error bodies, webhook headers.
///
/// A method with a default concerns a resource that some contracts do not serve: those inherit the native form.
pub trait ContractProfile: Sync {
    /// Returns the product name for texts that people read.
    fn display_name(&self) -> &'static str;

    /// Returns the path that all of the contract's routes begin with.
    fn base_path(&self) -> &'static str;

    /// Returns the rules for API keys that are issued for the contract.
    fn key_rules(&self) -> KeyRules;

    /// Returns the maximum number of bytes of a request body at `path`, which includes the base path.
    fn max_body_bytes(&self, _path: &str) -> usize {
        MAX_BODY_BYTES
    }

    /// Returns the businesses that a list covers when neither the request nor the key names one.
    fn list_scope(&self) -> ListScope;

    /// A refusal in the contract's envelope. One that is the house's own fault says the request id and no more.
    fn error_body(&self, kind: &ErrorKind, request_id: &str) -> Json;

    /// Returns the error for a path id that is malformed: `field` is its name, `resource` what it identifies.
    fn malformed_id_error(&self, field: &str, resource: &'static str) -> ErrorKind;

    /// Returns the error for a business that is not the tenant's, or that the key is not bound to.
    fn foreign_business_error(&self) -> ErrorKind;

    /// How long its pages are.
    fn page_limits(&self) -> PageLimits;

    /// A page.
    fn page(&self, items: Vec<Json>, next_cursor: Option<String>) -> Json;

    /// The contract's word for a status.
    fn status(&self, status: LeadStatus) -> &'static str;

    /// Returns a lead's id as the contract writes it.
    fn write_lead_id(&self, lead: LeadId) -> String;

    /// Reads a lead's id as the contract writes it.
    ///
    /// # Errors
    ///
    /// Returns the form that is accepted.
    fn parse_lead_id(&self, text: &str) -> Result<LeadId, String>;

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

    /// Returns what the response to a change of a lead shows.
    fn changed_lead_view(&self) -> LeadView {
        LeadView::Lead
    }

    /// Reads a lead that is to be created.
    fn read_lead(&self, body: &Map<String, Value>) -> Result<LeadDraft, FieldErrors>;

    /// Reads the filter of a list of leads. Errors are kept in `query`.
    fn parse_lead_list(&self, query: &mut Query) -> LeadListQuery;

    /// Reads a request that starts a sequence.
    fn parse_sequence_request(&self, body: &Map<String, Value>) -> Result<SequenceDraft, FieldErrors> {
        SequenceFields::CAMEL_CASE.parse(body, |text| self.parse_lead_id(text))
    }

    /// Returns a sequence.
    fn sequence(&self, sequence: &Sequence) -> Json {
        follow_up::camel_case_sequence(sequence)
    }

    /// Returns a message of a lead's history.
    fn message(&self, message: &Message) -> Json;

    /// Reads an inbound event that arrives at `now`.
    fn parse_inbound_event(&self, body: &Map<String, Value>, now: Timestamp) -> Result<InboundMessage, FieldErrors> {
        inbound::parse_inbound_event(&InboundFields::CAMEL_CASE, body, now, |text| self.parse_lead_id(text))
    }

    /// A customer; as the native contract has it where the contract knows none.
    fn customer(&self, customer: &Customer) -> Json {
        native::customer(customer)
    }

    /// Reads the filter of a list of customers. Errors are kept in `query`.
    fn parse_customer_list(&self, query: &mut Query) -> CustomerListQuery {
        let business = business_parameter(query);
        let (created_from, created_to) = query.range("createdFrom", "createdTo");
        CustomerListQuery { business, created_from, created_to }
    }

    /// A transaction; as the native contract has it where the contract knows none.
    fn transaction(&self, transaction: &Transaction) -> Json {
        native::transaction(transaction)
    }

    /// Reads the filter of a list of transactions. Errors are kept in `query`.
    fn parse_transaction_list(&self, query: &mut Query) -> TransactionListQuery {
        let business = business_parameter(query);
        let status = query.one_of("status", &TransactionStatus::ALL, TransactionStatus::name);
        let (created_from, created_to) = query.range("createdFrom", "createdTo");
        TransactionListQuery { business, status, created_from, created_to }
    }

    /// A dispute.
    fn dispute(&self, dispute: &Dispute) -> Json;

    /// Reads the filter of a list of disputes. Errors are kept in `query`.
    fn parse_dispute_list(&self, query: &mut Query) -> DisputeListQuery {
        let business = business_parameter(query);
        let status = query.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
        let (created_from, created_to) = query.range("createdFrom", "createdTo");
        DisputeListQuery { business, status, created_from, created_to }
    }

    /// A piece of evidence; as the native contract has it where the contract knows none.
    fn evidence(&self, evidence: &Evidence, links: EvidenceLinks) -> Json {
        native::evidence(evidence, links)
    }

    /// Reads the filter of a list of evidence. Errors are kept in `query`.
    fn parse_evidence_list(&self, query: &mut Query) -> EvidenceListQuery {
        let business = business_parameter(query);
        let category = query.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
        let dispute = query.optional("disputeId", crate::record::id(domain::DisputeId::parse));
        let lead = query.optional("leadId", crate::record::id(LeadId::parse));
        let (created_from, created_to) = query.range("createdFrom", "createdTo");
        EvidenceListQuery { business, category, dispute, lead, created_from, created_to }
    }

    /// Reads the parameters of a KPI report. Errors are kept in `query`.
    fn parse_kpi_query(&self, query: &mut Query) -> KpiQuery {
        let business = business_parameter(query);
        KpiQuery { business, range: query.optional("range", DayRange::parse).unwrap_or_default() }
    }

    /// Returns a KPI report.
    fn kpis(&self, range: DayRange, figures: &KpiReport) -> Json {
        kpi::camel_case_kpis(range, figures)
    }

    /// Reads a visitor event that is to be recorded.
    fn parse_visitor_event(&self, body: &Map<String, Value>) -> Result<VisitorEventDraft, FieldErrors> {
        visitor_event::parse_visitor_event(&VisitorEventFields::CAMEL_CASE, body)
    }

    /// Returns a recorded visitor event.
    fn visitor_event(&self, event: &VisitorEvent) -> Json {
        visitor_event::camel_case_visitor_event(event)
    }

    /// Returns the headers of webhook deliveries.
    fn webhook_headers(&self) -> WebhookHeaderScheme;

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

/// Returns the contract that serves `path`: the one with the longest base path that `path` lies under, native outside
/// all of them.
pub fn contract_of_path(path: &str) -> Contract {
    let base_path = |contract: &Contract| profile(*contract).base_path();
    let serves = |contract: &Contract| {
        path.strip_prefix(base_path(contract)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let serving = Contract::ALL.into_iter().filter(serves);
    serving.max_by_key(|contract| base_path(contract).len()).unwrap_or(Contract::Native)
}

/// Returns the prefixes of every contract's API keys.
pub fn key_prefixes() -> impl Iterator<Item = &'static str> {
    let prefixes = |contract: Contract| {
        let rules = profile(contract).key_rules();
        [domain::Mode::Live, domain::Mode::Test].into_iter().filter_map(move |mode| rules.prefix(mode))
    };
    Contract::ALL.into_iter().flat_map(prefixes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_base_path_picks_the_contract() {
        assert_eq!(contract_of_path("/api/v1/developer/leads"), Contract::VendorPad);
        assert_eq!(contract_of_path("/api/v1/developers"), Contract::RevenueDefenders);
        assert_eq!(contract_of_path("/api/v1"), Contract::RevenueDefenders);
        assert_eq!(contract_of_path("/v1/leads"), Contract::LeadRescue);
        assert_eq!(contract_of_path("/v10/leads"), Contract::Native);
        assert_eq!(contract_of_path("/"), Contract::Native);
    }

    #[test]
    fn no_key_prefix_begins_with_another() {
        let prefixes: Vec<_> = key_prefixes().collect();
        assert_eq!(prefixes.len(), 7);
        for one in &prefixes {
            assert_eq!(prefixes.iter().filter(|other| one.starts_with(**other)).count(), 1, "{one}");
        }
    }
}
