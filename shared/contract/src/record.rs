//! Customers, transactions, disputes and evidence on their way in: the native contract and Revenue Defenders spell
//! their fields alike.

use crate::fields::Fields;
use crate::lead::{business_id, phone_text};
use domain::accounts::business::Currency;
use domain::disputes::dispute::DisputeReason;
use domain::disputes::evidence::{DeclaredFile, EvidenceCategory, MAX_FILE_BYTES};
use domain::disputes::money::{MAX_CENTS, Money};
use domain::disputes::transaction::TransactionStatus;
use domain::file::{FileHash, FileType};
use domain::leads::contact::{Email, Name, Phone};
use domain::text::{MultiLine, SingleLine};
use domain::{
    Business, BusinessId, CustomerId, DisputeId, DisputeStatus, FieldErrors, LeadId, NewCustomer, Timestamp,
    TransactionId,
};
use serde_json::{Map, Value};

/// An id of any kind, from a body or a query.
pub fn id<T>(parse: impl Fn(&str) -> Option<T>) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| parse(text).ok_or_else(|| "must be a valid UUID".to_owned())
}

/// What a caller says of a new customer. The business decides how the telephone number is read.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// The lead that became this customer.
    pub lead: Option<LeadId>,
    name: Name,
    email: Option<Email>,
    phone: Option<String>,
}

impl CustomerDraft {
    /// Reads a new customer: at least a name.
    pub fn read(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut fields = Fields::new(body);
        let business = fields.optional("businessId", business_id);
        let lead = fields.optional("leadId", id(LeadId::parse));
        let name = fields.required("name", Name::parse);
        let email = fields.optional("email", Email::parse);
        let phone = fields.optional("phone", phone_text);
        fields.finish()?;
        let name = name.ok_or_else(|| FieldErrors::single("name", "is required"))?;
        Ok(Self { business, lead, name, email, phone })
    }

    /// The customer in `business`.
    pub fn placed_in(self, business: &Business) -> Result<NewCustomer, FieldErrors> {
        let phone = self.phone.map(|text| Phone::parse(&text, &business.country)).transpose();
        let phone = phone.map_err(|reason| FieldErrors::single("phone", reason))?;
        Ok(NewCustomer { business: business.id, lead: self.lead, name: self.name, email: self.email, phone })
    }
}

/// `amountCents`, which is required.
fn amount(fields: &mut Fields<'_>) -> Option<i64> {
    if fields.value("amountCents").is_none() {
        fields.add_error("amountCents", "is required");
    }
    fields.whole("amountCents", 1..=MAX_CENTS)
}

/// An amount in the currency that was said, or in the business's.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyDraft {
    cents: i64,
    currency: Option<Currency>,
}

impl MoneyDraft {
    /// The amount in `business`.
    pub fn placed_in(self, business: &Business) -> Money {
        Money { cents: self.cents, currency: self.currency.unwrap_or_else(|| business.currency.clone()) }
    }
}

/// What a caller says of a new transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct TransactionDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Who paid.
    pub customer: Option<CustomerId>,
    /// How much.
    pub money: MoneyDraft,
    /// Where it stands.
    pub status: TransactionStatus,
    /// What for.
    pub description: Option<MultiLine>,
    /// When it took place.
    pub occurred_at: Option<Timestamp>,
}

impl TransactionDraft {
    /// Reads a new transaction: at least an amount.
    pub fn read(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut fields = Fields::new(body);
        let business = fields.optional("businessId", business_id);
        let customer = fields.optional("customerId", id(CustomerId::parse));
        let cents = amount(&mut fields);
        let currency = fields.optional("currency", Currency::parse);
        let status = fields.one_of("status", &TransactionStatus::ALL, TransactionStatus::name).unwrap_or_default();
        let description = fields.optional("description", MultiLine::parse);
        let occurred_at = fields.time("occurredAt");
        fields.finish()?;
        let cents = cents.ok_or_else(|| FieldErrors::single("amountCents", "is required"))?;
        let money = MoneyDraft { cents, currency };
        Ok(Self { business, customer, money, status, description, occurred_at })
    }
}

/// What a caller says of a new dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// Why.
    pub reason: DisputeReason,
    /// How much.
    pub money: MoneyDraft,
    /// Who disputes.
    pub customer: Option<CustomerId>,
    /// What is disputed.
    pub transaction: Option<TransactionId>,
    /// The lead that it began with.
    pub lead: Option<LeadId>,
    /// What the customer says.
    pub customer_claim: Option<MultiLine>,
    /// Until when evidence is taken.
    pub evidence_due_by: Option<Timestamp>,
}

impl DisputeDraft {
    /// Reads a new dispute: at least a reason and an amount.
    pub fn read(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut fields = Fields::new(body);
        let business = fields.optional("businessId", business_id);
        if fields.value("reason").is_none() {
            fields.add_error("reason", "is required");
        }
        let reason = fields.one_of("reason", &DisputeReason::ALL, DisputeReason::name);
        let cents = amount(&mut fields);
        let currency = fields.optional("currency", Currency::parse);
        let customer = fields.optional("customerId", id(CustomerId::parse));
        let transaction = fields.optional("transactionId", id(TransactionId::parse));
        let lead = fields.optional("leadId", id(LeadId::parse));
        let customer_claim = fields.optional("customerClaim", MultiLine::parse);
        let evidence_due_by = fields.time("evidenceDueBy");
        fields.finish()?;
        let (Some(reason), Some(cents)) = (reason, cents) else {
            return Err(FieldErrors::single("reason", "is required"));
        };
        let money = MoneyDraft { cents, currency };
        Ok(Self { business, reason, money, customer, transaction, lead, customer_claim, evidence_due_by })
    }
}

/// Reads a change of a dispute: its status, which is all that changes.
pub fn read_dispute_change(body: &Map<String, Value>) -> Result<DisputeStatus, FieldErrors> {
    const FIXED: [&str; 9] = [
        "businessId",
        "reason",
        "amountCents",
        "currency",
        "customerId",
        "transactionId",
        "leadId",
        "customerClaim",
        "evidenceDueBy",
    ];
    let mut fields = Fields::new(body);
    for fixed in FIXED {
        if fields.has(fixed) {
            fields.add_error(fixed, "cannot be changed; only status can");
        }
    }
    if fields.value("status").is_none() {
        fields.add_error("status", "is required");
    }
    let status = fields.one_of("status", &DisputeStatus::ALL, DisputeStatus::name);
    fields.finish()?;
    status.ok_or_else(|| FieldErrors::single("status", "is required"))
}

/// What a caller says of new evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceDraft {
    /// The business that the caller named.
    pub business: Option<BusinessId>,
    /// What it is.
    pub category: EvidenceCategory,
    /// What it is evidence in.
    pub dispute: Option<DisputeId>,
    /// The lead that it tells of.
    pub lead: Option<LeadId>,
    /// What to call it.
    pub title: Option<SingleLine>,
    /// What it shows.
    pub description: Option<MultiLine>,
    /// The file that is to come.
    pub file: Option<DeclaredFile>,
}

impl EvidenceDraft {
    /// Reads new evidence: at least a category.
    pub fn read(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut fields = Fields::new(body);
        let business = fields.optional("businessId", business_id);
        if fields.value("category").is_none() {
            fields.add_error("category", "is required");
        }
        let category = fields.one_of("category", &EvidenceCategory::ALL, EvidenceCategory::name);
        let dispute = fields.optional("disputeId", id(DisputeId::parse));
        let lead = fields.optional("leadId", id(LeadId::parse));
        let title = fields.optional("title", SingleLine::parse);
        let description = fields.optional("description", MultiLine::parse);
        let file = fields.object("file", declared_file).flatten();
        for made in ["fileUrl", "uploadUrl", "sha256"] {
            if fields.value(made).is_some() {
                fields
                    .add_error(made, "is the house's to say; declare a file: {\"file\": {\"contentType\", \"size\"}}");
            }
        }
        fields.finish()?;
        let category = category.ok_or_else(|| FieldErrors::single("category", "is required"))?;
        Ok(Self { business, category, dispute, lead, title, description, file })
    }
}

/// `{"contentType", "size", "sha256"?, "name"?}`
fn declared_file(fields: &mut Fields<'_>) -> Option<DeclaredFile> {
    for required in ["contentType", "size"] {
        if fields.value(required).is_none() {
            fields.add_error(required, "is required");
        }
    }
    let content_type = fields.one_of("contentType", FileType::ALL, FileType::name);
    let size = fields.whole("size", 1..=i64::try_from(MAX_FILE_BYTES).unwrap_or(i64::MAX));
    let sha256 = fields.optional("sha256", FileHash::parse);
    let name = fields.optional("name", SingleLine::parse);
    Some(DeclaredFile { content_type: content_type?, size: u64::try_from(size?).ok()?, sha256, name })
}
