//! Evidence packages: work in the due index until they are finished, and child records of every lead whose data they show.
//!
//! A package is generated in three steps, each of which may be the last of its process:
//!
//! 1. **Claim** ([`Store::replace_package`]): the attempt is counted, and the check time is the end of the claim.
//! 2. **Bind** ([`Store::bind_package`]): before anything is made of a lead's data, a reference to the package is put into
//!    the lead's partition, if the lead still exists. Erasing any of these leads then finds the package and deletes it,
//!    and its file follows the deleted item.
//! 3. **Finish** ([`Store::finish_package`]): one transaction makes the package ready, if it is as it was claimed and all
//!    that it shows still exists. What was erased while the document was made is therefore never shown.

use crate::business_record::{BusinessRecord, RecordFilter, record_fields, record_item};
use crate::table::Store;
use crate::table::due_index::DueShard;
use crate::table::error::StoreError;
use crate::table::key_schema::{self as keys, EVIDENCE_KIND, Key, PACKAGE_KIND};
use crate::table::pagination::PageRequest;
use crate::table::write::{Table, Write};
use domain::disputes::case::DisputeCase;
use domain::{BusinessId, Customer, DisputeId, Environment, LeadId, Package, Timestamp, Transaction};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

/// Maximum number of packages that a dispute shows, the newest.
const MAX_SHOWN_PACKAGES: usize = 20;

/// Maximum number of leads that one transaction binds: two writes each, of the hundred that a transaction may have.
const MAX_LEADS_PER_TRANSACTION: usize = 40;

/// Maximum number of writes of a transaction, set by DynamoDB.
const MAX_TRANSACTION_WRITES: usize = 100;

impl BusinessRecord for Package {
    const KIND: &'static str = PACKAGE_KIND;
    const DESCRIPTION: &'static str = "an evidence package";

    record_fields!();

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The packages of a dispute are found by it.
    fn index_value(&self) -> Option<Cow<'_, str>> {
        Some(self.dispute.simple().into())
    }

    fn lead(&self) -> Option<LeadId> {
        self.lead
    }
}

impl Store {
    /// Returns the writes of a new package, to be checked by the sweeper at `check_at`. They fail with
    /// [`Condition::Absent`](crate::Condition::Absent) if there is one with its id, and with [`Condition::LeadExists`](crate::Condition::LeadExists) if its lead was erased.
    pub fn put_package(
        &self,
        environment: Environment,
        package: &Package,
        check_at: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        let mut item = record_item(environment, package)?;
        item.extend(DueShard::of_package(package.id.bytes()).attributes(check_at));
        let mut writes = vec![Write::put(Table::Main, item).require_absent()];
        writes.extend(package.lead.into_iter().flat_map(|lead| self.bind(environment, package, lead)));
        Ok(writes)
    }

    /// Returns the write that replaces the package with the version `before`, to be checked by the sweeper at `check_at`;
    /// without, it leaves the due index. It fails with [`Condition::Unchanged`](crate::Condition::Unchanged) if the package is another or was erased.
    pub fn replace_package(
        &self,
        environment: Environment,
        package: &Package,
        before: u64,
        check_at: Option<Timestamp>,
    ) -> Result<Write, StoreError> {
        let mut item = record_item(environment, package)?;
        if let Some(check_at) = check_at {
            item.extend(DueShard::of_package(package.id.bytes()).attributes(check_at));
        }
        Ok(Write::put(Table::Main, item).require_version(before))
    }

    /// Returns the reference to a package in a lead's partition, and the check that the lead exists.
    fn bind(&self, environment: Environment, package: &Package, lead: LeadId) -> [Write; 2] {
        let reference = keys::child_record(environment, lead, PACKAGE_KIND, &package.id.simple());
        let reference = Write::put(Table::Main, reference.expiring_at(package.expires_at));
        [reference, self.check_lead_exists(environment, lead)]
    }

    /// Makes a package a child record of `leads`, whose data it will show, in addition to the lead of its dispute. Returns
    /// `false` if one of them was erased, or the package itself.
    pub async fn bind_package(
        &self,
        environment: Environment,
        package: &Package,
        leads: &BTreeSet<LeadId>,
    ) -> Result<bool, StoreError> {
        let others: Vec<_> = leads.iter().copied().filter(|lead| Some(*lead) != package.lead).collect();
        for leads in others.chunks(MAX_LEADS_PER_TRANSACTION) {
            let key = keys::record(PACKAGE_KIND, environment, &package.id.simple());
            let mut writes = vec![Write::check(&key).require_version(package.version)];
            writes.extend(leads.iter().flat_map(|lead| self.bind(environment, package, *lead)));
            if !self.commit_if(writes).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the writes that finish a package which shows `case`. They fail with [`Condition::Unchanged`](crate::Condition::Unchanged) if the package
    /// is not the one with the version `before` any more, and with [`Condition::LeadExists`](crate::Condition::LeadExists) or
    /// [`Condition::Exists`](crate::Condition::Exists) if
    /// something that it shows was erased.
    ///
    /// What exceeds the size of a transaction is left to [`Store::has_whole_case`], which must have been asked right before:
    /// evidence goes with its lead, and every lead is checked here or finds the package by its reference.
    pub fn finish_package(
        &self,
        environment: Environment,
        ready: &Package,
        before: u64,
        case: &DisputeCase,
    ) -> Result<Vec<Write>, StoreError> {
        let finish = self.replace_package(environment, ready, before, None)?;
        let leads = case.leads().into_iter().map(|lead| self.check_lead_exists(environment, lead));
        let records = keys_of_case(environment, case).into_iter().map(|key| Write::check(&key).require_exists());
        Ok(std::iter::once(finish).chain(leads).chain(records).take(MAX_TRANSACTION_WRITES).collect())
    }

    /// Returns whether all records of `case` still exist, read strongly consistently.
    pub async fn has_whole_case(&self, environment: Environment, case: &DisputeCase) -> Result<bool, StoreError> {
        let keys = keys_of_case(environment, case);
        let found: HashSet<Key> = self.items(keys.iter().cloned()).await?.into_keys().collect();
        Ok(keys.iter().all(|key| found.contains(key)))
    }

    /// Reads the packages of a dispute, newest first: at most twenty. One query for each of `businesses`, of which one is
    /// the dispute's.
    pub async fn packages_of_dispute(
        &self,
        environment: Environment,
        businesses: &[BusinessId],
        dispute: DisputeId,
        now: Timestamp,
    ) -> Result<Vec<Package>, StoreError> {
        let dispute = dispute.simple();
        let filter = RecordFilter { index_value: Some(&dispute), ..RecordFilter::default() };
        let newest = PageRequest { limit: MAX_SHOWN_PACKAGES, after: None };
        Ok(self.records::<Package>(environment, businesses, &filter, &newest, now).await?.items)
    }
}

/// Returns the keys of the records that a package of `case` shows, but for leads and messages: the most important first.
fn keys_of_case(environment: Environment, case: &DisputeCase) -> Vec<Key> {
    let record = |kind, id: String| keys::record(kind, environment, &id);
    let own = [
        Some(record(keys::DISPUTE_KIND, case.dispute.id.simple())),
        case.customer.as_ref().map(|customer| record(Customer::KIND, customer.id.simple())),
        case.transaction.as_ref().map(|transaction| record(Transaction::KIND, transaction.id.simple())),
    ];
    let exhibits = case.exhibits().into_iter().map(|evidence| record(EVIDENCE_KIND, evidence.id.simple()));
    own.into_iter().flatten().chain(exhibits).collect()
}
