//! A dispute with everything that answers it: the customer, the transaction, the lead with its messages, the evidence.

use crate::accounts::business::Business;
use crate::disputes::checklist::{ChecklistItem, ChecklistStatus};
use crate::disputes::customer::Customer;
use crate::disputes::dispute::Dispute;
use crate::disputes::evidence::{Evidence, EvidenceCategory, FileStatus};
use crate::disputes::package::MAX_EXHIBITS;
use crate::disputes::package::network_profile::NetworkProfile;
use crate::disputes::transaction::Transaction;
use crate::follow_up::message::{Direction, Message};
use crate::id::{EvidenceId, LeadId, digest};
use crate::leads::Lead;
use crate::retention;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Version of the document's form. A package that an older form was made in is made anew when it is asked for again.
const DOCUMENT_FORM: &[u8] = b"3";

/// A dispute with everything that answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeCase {
    /// The dispute.
    pub dispute: Dispute,
    /// Business that the dispute is with.
    pub business: Option<Business>,
    /// Customer who disputes.
    pub customer: Option<Customer>,
    /// Disputed transaction.
    pub transaction: Option<Transaction>,
    /// Lead of the dispute.
    pub lead: Option<Lead>,
    /// Messages to and from the lead, oldest first.
    pub messages: Vec<Message>,
    /// Evidence for the dispute, oldest first.
    pub evidence: Vec<Evidence>,
    /// Leads that some of these name and that have expired. Nothing can erase them any more.
    pub expired_leads: BTreeSet<LeadId>,
}

impl Evidence {
    /// Returns whether the evidence says something already: it has its file, or has none.
    pub fn is_usable(&self) -> bool {
        matches!(self.file_status(), FileStatus::Ready | FileStatus::None)
    }
}

/// Returns what the reason of `dispute` asks for, and whether `evidence`, and the lead's history if it is known, have it.
pub fn checklist(dispute: &Dispute, evidence: &[Evidence], history: &[EvidenceCategory]) -> Vec<ChecklistItem> {
    let item = |wanted: &'static super::checklist::WantedEvidence| {
        let of_kind = || evidence.iter().filter(|one| wanted.categories.contains(&one.category));
        let usable: Vec<EvidenceId> = of_kind().filter(|one| one.is_usable()).map(|one| one.id).collect();
        let in_timeline = history.iter().any(|category| wanted.categories.contains(category));
        let awaited = of_kind().any(|one| one.file_status() == FileStatus::AwaitingUpload);
        let status = match (usable.is_empty() && !in_timeline, awaited) {
            (false, _) => ChecklistStatus::Present,
            (true, true) => ChecklistStatus::AwaitingUpload,
            (true, false) => ChecklistStatus::Missing,
        };
        ChecklistItem { wanted, status, evidence: usable, in_timeline }
    };
    dispute.reason.wanted_evidence().iter().map(item).collect()
}

/// Returns the kinds of evidence that the history of a lead is by itself: what the person wrote with the request, and
/// messages both ways, are communication. Consent to be contacted is none: it neither authorizes a payment nor accepts the
/// terms of one.
pub fn history_of_lead(lead: &Lead, messages: &[Message]) -> &'static [EvidenceCategory] {
    let is_exchanged =
        |message: &Message| message.is_sent() || (message.direction == Direction::Inbound && !message.body.is_empty());
    if lead.message.is_some() || messages.iter().any(is_exchanged) { &[EvidenceCategory::Message] } else { &[] }
}

impl DisputeCase {
    /// Returns what the reason of the dispute asks for, and whether it is there.
    pub fn checklist(&self) -> Vec<ChecklistItem> {
        let history = self.lead.as_ref().map_or(&[][..], |lead| history_of_lead(lead, &self.messages));
        checklist(&self.dispute, &self.evidence, history)
    }

    /// Returns the evidence that a package shows, in the order that the reason of the dispute asks for, the oldest of a kind
    /// first: at most [`MAX_EXHIBITS`].
    pub fn exhibits(&self) -> Vec<&Evidence> {
        let mut exhibits: Vec<_> = self.evidence.iter().filter(|evidence| evidence.is_usable()).collect();
        exhibits.sort_by_key(|evidence| {
            (self.dispute.reason.priority(evidence.category), evidence.created_at, evidence.id)
        });
        exhibits.truncate(MAX_EXHIBITS);
        exhibits
    }

    /// Returns the leads whose data the case holds. Erasing one of them erases what was made from the case.
    pub fn leads(&self) -> BTreeSet<LeadId> {
        let own = [
            self.dispute.lead,
            self.customer.as_ref().and_then(|customer| customer.lead),
            self.transaction.as_ref().and_then(|transaction| transaction.lead),
            self.lead.as_ref().map(|lead| lead.id),
        ];
        let of_exhibits = self.exhibits().into_iter().filter_map(|evidence| evidence.lead);
        own.into_iter().flatten().chain(of_exhibits).filter(|lead| !self.expired_leads.contains(lead)).collect()
    }

    /// Removes what belongs to leads that were erased: it is being deleted.
    pub fn remove_erased(&mut self, erased: &BTreeSet<LeadId>) {
        let is_erased = |lead: Option<LeadId>| lead.is_some_and(|lead| erased.contains(&lead));
        self.customer.take_if(|customer| is_erased(customer.lead));
        self.transaction.take_if(|transaction| is_erased(transaction.lead));
        self.evidence.retain(|evidence| !is_erased(evidence.lead));
    }

    /// Returns the lead of the dispute, unless it has expired.
    pub fn lead_of_dispute(&self) -> Option<LeadId> {
        self.dispute.lead.filter(|lead| !self.expired_leads.contains(lead))
    }

    /// Returns the time at which the first of what the case holds expires.
    pub fn expires_at(&self) -> Timestamp {
        let record = |created_at| retention::record_expires_at(created_at);
        let own = [
            Some(record(self.dispute.created_at)),
            self.customer.as_ref().map(|customer| record(customer.created_at)),
            self.transaction.as_ref().map(|transaction| record(transaction.created_at)),
            self.lead.as_ref().map(Lead::expires_at),
        ];
        let exhibits = self.exhibits().into_iter().map(|evidence| record(evidence.created_at)).min();
        own.into_iter().flatten().chain(exhibits).min().unwrap_or(Timestamp::EPOCH)
    }

    /// Returns a text that is the same as long as a package of the case within the limits of `profile` would be.
    pub fn fingerprint(&self, profile: NetworkProfile) -> String {
        let mut parts: Vec<Vec<u8>> = vec![DOCUMENT_FORM.to_vec(), profile.name().as_bytes().to_vec()];
        let mut add = |bytes: &[u8]| parts.push(bytes.to_vec());
        add(self.dispute.id.bytes());
        add(&self.dispute.version.to_be_bytes());
        add(&self.business.as_ref().map_or(0, |business| business.version).to_be_bytes());
        add(self.customer.as_ref().map_or(&[], |customer| &customer.id.bytes()[..]));
        add(self.transaction.as_ref().map_or(&[], |transaction| &transaction.id.bytes()[..]));
        add(self.lead.as_ref().map_or(&[], |lead| &lead.id.bytes()[..]));
        add(&self.lead.as_ref().map_or(0, |lead| lead.version).to_be_bytes());
        for evidence in self.exhibits() {
            add(evidence.id.bytes());
            add(&evidence.version.to_be_bytes());
        }
        for message in &self.messages {
            add(message.id.bytes());
            add(message.status.name().as_bytes());
        }
        let parts: Vec<_> = parts.iter().map(Vec::as_slice).collect();
        digest(&parts)
    }
}

#[cfg(test)]
mod tests;
