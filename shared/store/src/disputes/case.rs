//! A dispute with everything that answers it, read for its checklist, its packages and its evidence as structured data.

use crate::leads::LeadState;
use crate::leads::stored_lead::is_lead;
use crate::table::Store;
use crate::table::batch::join_bounded;
use crate::table::error::StoreError;
use crate::table::item::{from_item, is_expired, text};
use crate::table::key_schema::{self as keys, EVIDENCE_KIND};
use crate::table::pagination::PageRequest;
use crate::table::query::Source;
use domain::disputes::case::{DisputeCase, history_of_lead};
use domain::disputes::evidence::EvidenceCategory;
use domain::{Business, BusinessId, Dispute, DisputeId, Environment, Evidence, LeadId, Message, Timestamp};
use std::collections::BTreeSet;

/// Maximum number of messages of a case, the newest: many times what a case has. More would be no help to anybody.
const MAX_MESSAGES: usize = 1_000;

/// Number of messages, the newest, among which one that was exchanged is looked for. More only if all of these failed.
const MAX_MESSAGES_OF_CHECKLIST: usize = 20;

/// Maximum number of pages (1 MB each) of a business's evidence that are read for one dispute: some ten thousand pieces
/// since the dispute was opened.
const MAX_EVIDENCE_PAGES: usize = 10;

/// Tolerance of the clocks of two processes: evidence is never older than its dispute but by this.
const MAX_CLOCK_SKEW: std::time::Duration = std::time::Duration::from_mins(1);

impl Store {
    /// Reads the evidence of a dispute that was opened at `opened_at`, oldest first: one query for each of `businesses`, of
    /// which one is the dispute's.
    pub async fn evidence_of_dispute(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        (dispute, opened_at): (DisputeId, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        let from = opened_at.before(MAX_CLOCK_SKEW).max(Timestamp::EPOCH);
        let queries =
            businesses.iter().map(|business| self.evidence_of_business(environment, *business, (dispute, from), now));
        let found = join_bounded(queries).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn evidence_of_business(
        &self,
        environment: Environment,
        business: BusinessId,
        (dispute, from): (DisputeId, Timestamp),
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        let partition = keys::business_records(EVIDENCE_KIND, environment, business);
        // `~` sorts after every position.
        let mut pages = self
            .query(Source::BusinessIndex, partition)
            .sort_key_between(format!("{:013}", from.millis()), "~")
            .filter("dispute = :dispute", [(":dispute", text(dispute.to_string()))])
            .pages();
        let mut evidence = Vec::new();
        for _ in 0..MAX_EVIDENCE_PAGES {
            let Some(items) = pages.next().await? else { return Ok(evidence) };
            for item in items.into_iter().filter(|item| !is_expired(item, now)) {
                evidence.push(from_item(item, "a piece of evidence")?);
            }
        }
        if !pages.is_at_end() {
            tracing::warn!(%dispute, "the business has more evidence since the dispute was opened than is read");
        }
        Ok(evidence)
    }

    /// Reads everything that answers `dispute`, concurrently; `None` if its lead was erased, and the dispute with it.
    ///
    /// What belongs to erased leads is left out: an index may still show it.
    pub async fn dispute_case(
        &self,
        environment: Environment,
        dispute: Dispute,
        now: Timestamp,
    ) -> Result<Option<DisputeCase>, StoreError> {
        let businesses = [dispute.business];
        let evidence = self.evidence_of_dispute(environment, &businesses, (dispute.id, dispute.created_at), now);
        let customer = async {
            match dispute.customer {
                Some(id) => self.record(environment, &id.simple(), now).await,
                None => Ok(None),
            }
        };
        let transaction = async {
            match dispute.transaction {
                Some(id) => self.record(environment, &id.simple(), now).await,
                None => Ok(None),
            }
        };
        let lead = async {
            match dispute.lead {
                Some(id) => self.lead_state(environment, id, now).await,
                None => Ok(None),
            }
        };
        let messages = async {
            match dispute.lead {
                Some(id) => self.newest_messages(environment, id, now).await,
                None => Ok(Vec::new()),
            }
        };
        let business = keys::business(environment.tenant, dispute.business);
        let (business, evidence, customer, transaction, lead, messages) = tokio::join!(
            self.entity::<Business>(&business, "a business"),
            evidence,
            customer,
            transaction,
            lead,
            messages
        );
        let (lead, messages) = match lead? {
            Some(LeadState::Erased(_)) => return Ok(None),
            Some(LeadState::Stored(stored)) => (Some(stored.lead), messages?),
            None => (None, Vec::new()),
        };
        let mut case = DisputeCase {
            business: business?,
            evidence: evidence?,
            customer: customer?,
            transaction: transaction?,
            lead,
            messages,
            dispute,
            expired_leads: BTreeSet::new(),
        };
        self.sort_out_leads(environment, &mut case, now).await?;
        Ok(Some(case))
    }

    /// Reads the kinds of evidence that the history of a lead is by itself; none if the lead was erased or has expired.
    pub async fn history_of_lead(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<&'static [EvidenceCategory], StoreError> {
        let newest = PageRequest { limit: MAX_MESSAGES_OF_CHECKLIST, after: None };
        let (lead, messages) =
            tokio::join!(self.lead_state(environment, lead, now), self.messages(environment, lead, &newest, now));
        Ok(match lead? {
            Some(LeadState::Stored(stored)) => history_of_lead(&stored.lead, &messages?.items),
            Some(LeadState::Erased(_)) | None => &[],
        })
    }

    /// Removes what belongs to erased leads from `case`, and notes which leads have expired.
    async fn sort_out_leads(
        &self,
        environment: Environment,
        case: &mut DisputeCase,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let known = case.lead.as_ref().map(|lead| lead.id);
        let unknown: Vec<_> = case.leads().into_iter().filter(|lead| Some(*lead) != known).collect();
        let found = self.items(unknown.iter().map(|lead| keys::lead(environment, *lead))).await?;
        let item = |lead: &LeadId| found.get(&keys::lead(environment, *lead)).filter(|item| !is_expired(item, now));
        case.expired_leads = unknown.iter().copied().filter(|lead| item(lead).is_none()).collect();
        let is_erased = |lead: &LeadId| item(lead).is_some_and(|item| !is_lead(item));
        case.remove_erased(&unknown.iter().copied().filter(is_erased).collect());
        Ok(())
    }

    /// Reads the newest messages of a lead, oldest first.
    async fn newest_messages(
        &self,
        environment: Environment,
        lead: LeadId,
        now: Timestamp,
    ) -> Result<Vec<Message>, StoreError> {
        let mut request = PageRequest { limit: MAX_MESSAGES, after: None };
        let mut messages = Vec::new();
        loop {
            let page = self.messages(environment, lead, &request, now).await?;
            messages.extend(page.items);
            match page.next {
                Some(next) if messages.len() < MAX_MESSAGES => {
                    request = PageRequest { limit: MAX_MESSAGES - messages.len(), after: Some(next) };
                }
                _ => break,
            }
        }
        messages.reverse();
        Ok(messages)
    }
}
