//! Customers, transactions, disputes and evidence: what belongs to a business beside its leads.

use crate::business_record::BusinessRecord;
use crate::keys::{DISPUTE_KIND, EVIDENCE_KIND};
use domain::{BusinessId, Customer, Dispute, Evidence, LeadId, Timestamp, Transaction, retention};

macro_rules! belonging {
    ($of:ident, $kind:expr, $what:literal, |$one:ident| $word:expr) => {
        impl BusinessRecord for $of {
            const KIND: &'static str = $kind;
            const DESCRIPTION: &'static str = $what;

            fn id(&self) -> String {
                self.id.simple()
            }

            fn business(&self) -> BusinessId {
                self.business
            }

            fn created_at(&self) -> Timestamp {
                self.created_at
            }

            fn expires_at(&self) -> Timestamp {
                retention::record_expires_at(self.created_at)
            }

            fn index_value(&self) -> Option<&str> {
                let $one = self;
                $word
            }

            fn lead(&self) -> Option<LeadId> {
                self.lead
            }
        }
    };
}

belonging!(Customer, "CU", "a customer", |_customer| None);
belonging!(Transaction, "TX", "a transaction", |transaction| Some(transaction.status.name()));
belonging!(Dispute, DISPUTE_KIND, "a dispute", |dispute| Some(dispute.status.name()));
belonging!(Evidence, EVIDENCE_KIND, "a piece of evidence", |evidence| Some(evidence.category.name()));
