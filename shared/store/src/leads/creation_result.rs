//! The results of creating a lead.

use domain::Lead;

/// The result of creating a lead.
#[derive(Clone, Debug, PartialEq)]
pub enum CreatedLead {
    /// The lead was created.
    New,
    /// The same request was made before; this is the lead as the first response showed it.
    Replayed(Box<Lead>),
    /// Another body was sent under the idempotency key.
    Mismatch,
    /// The lead that was created under the idempotency key has been erased or has expired.
    Gone,
}

/// The result of creating a lead unless its e-mail address is in use.
#[derive(Clone, Debug, PartialEq)]
pub enum UniqueLead {
    /// No other lead of the business has the address: the result of creating this one.
    Created(CreatedLead),
    /// Another lead of the business has the address; nothing was created.
    Duplicate {
        /// The first lead with the address.
        existing: Box<Lead>,
        /// True if the same request had this result before.
        replayed: bool,
    },
}
