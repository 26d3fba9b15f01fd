//! Customers, transactions, disputes, evidence and packages: records of a business, and child records of a lead where they name
//! one.

mod case;
mod package;

use crate::business_record::{BusinessRecord, record_fields};
use crate::table::due_index::DueShard;
use crate::table::key_schema::{DISPUTE_KIND, EVIDENCE_KIND};
use domain::{Customer, Dispute, Evidence, LeadId, Timestamp, Transaction, retention};
use std::borrow::Cow;

/// Implements [`BusinessRecord`] for an entity with the fields `id`, `business`, `created_at` and `lead`.
macro_rules! business_record {
    ($entity:ident, $kind:expr, $description:literal, |$record:ident| $index_value:expr $(, $due:item)?) => {
        impl BusinessRecord for $entity {
            const KIND: &'static str = $kind;
            const DESCRIPTION: &'static str = $description;

            record_fields!();

            fn expires_at(&self) -> Timestamp {
                retention::record_expires_at(self.created_at)
            }

            fn index_value(&self) -> Option<Cow<'_, str>> {
                let $record = self;
                let value: Option<&str> = $index_value;
                value.map(Cow::Borrowed)
            }

            fn lead(&self) -> Option<LeadId> {
                self.lead
            }

            $($due)?
        }
    };
}

business_record!(Customer, "CU", "a customer", |_customer| None);
business_record!(Transaction, "TX", "a transaction", |transaction| Some(transaction.status.name()));
business_record!(Dispute, DISPUTE_KIND, "a dispute", |dispute| Some(dispute.status.name()));
business_record!(
    Evidence,
    EVIDENCE_KIND,
    "a piece of evidence",
    |evidence| Some(evidence.category.name()),
    /// While its file is awaited.
    fn due(&self) -> Option<(DueShard, Timestamp)> {
        Some((DueShard::of_upload(self.id.bytes()), self.first_upload_check()?))
    }
);
