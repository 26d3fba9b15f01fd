//! Operations on customers.

use super::leads::lead;
use crate::disputes::customer::{CustomerJson, CustomerListQuery, CustomerRequest, customer_json};
use crate::examples::{self, NOW, random_bytes};
use crate::fields::UnknownFields::Rejected;
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::{Customer, CustomerId, Scope};
use serde_json::json;

const TAG: &str = "Customers";

fn request() -> String {
    let lead = lead().id.to_string();
    json!({ "leadId": lead, "name": "Anna Karlsson", "email": "anna@example.com", "phone": "070-123 45 67" })
        .to_string()
}

/// Returns the customer of the examples.
pub(super) fn customer() -> Customer {
    let request = examples::read(&request(), CustomerRequest::parse);
    let new = request.in_business(&examples::business()).unwrap_or_else(|errors| panic!("{errors}"));
    Customer::new(CustomerId::new(NOW, random_bytes("customer")), new, NOW)
}

/// Returns every operation on customers.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::CustomersRead);
    let customer = customer();
    let example = customer_json(&customer);
    vec![
        Operation::get("/customers", "listCustomers", read)
            .texts(TAG, "List customers", "Lists customers, the newest first, with every filter that is sent.")
            .parameters(|query| {
                CustomerListQuery::read(query);
            })
            .page_of::<CustomerJson<'_>>(PAGE_LIMITS, example.clone())
            .errors(&[404]),
        Operation::post("/customers", "createCustomer", Access::Scope(Scope::CustomersWrite))
            .texts(
                TAG,
                "Create a customer",
                "Creates a customer, to whom transactions and disputes belong. With `leadId`, the customer is erased \
                 with the lead. A number in national form is read as one of the country of the business.",
            )
            .checked_body(Rejected, CustomerRequest::parse, request())
            .json::<CustomerJson<'_>>(201, "The customer.", example.clone())
            .located()
            .errors(&[404, 410]),
        Operation::get("/customers/{id}", "getCustomer", read)
            .texts(TAG, "Retrieve a customer", "Returns the customer.")
            .path_example(customer.id.to_string())
            .json::<CustomerJson<'_>>(200, "The customer.", example),
    ]
}
