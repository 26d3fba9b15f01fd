//! Operations on businesses.

use crate::examples;
use crate::fields::UnknownFields::Rejected;
use crate::native::accounts::business::{BusinessChange, BusinessJson, BusinessRequest, business_json};
use crate::native::profile::PAGE_LIMITS;
use crate::operation::{Access, Operation};
use domain::Scope;

const TAG: &str = "Businesses";

/// Returns every operation on businesses.
pub(super) fn operations() -> Vec<Operation> {
    let read = Access::Scope(Scope::BusinessesRead);
    let write = Access::Scope(Scope::BusinessesWrite);
    let business = examples::business();
    let (id, example) = (business.id.to_string(), business_json(&business));
    vec![
        Operation::get("/businesses", "listBusinesses", read)
            .texts(TAG, "List businesses", "Lists the businesses that the key may see, the newest first.")
            .page_of::<BusinessJson<'_>>(PAGE_LIMITS, example.clone()),
        Operation::post("/businesses", "createBusiness", write)
            .texts(
                TAG,
                "Create a business",
                "Creates a business. `country` decides how national telephone numbers are read; time zone and \
                 currency default to those of the country. Businesses are shared by the live and the test \
                 environment, so that only a live key of the whole tenant creates them (403).",
            )
            .checked_body(Rejected, BusinessRequest::parse, examples::BUSINESS)
            .json::<BusinessJson<'_>>(201, "The business.", example.clone())
            .located(),
        Operation::get("/businesses/{id}", "getBusiness", read)
            .texts(TAG, "Retrieve a business", "Returns the business.")
            .path_example(id.clone())
            .json::<BusinessJson<'_>>(200, "The business.", example.clone()),
        Operation::patch("/businesses/{id}", "updateBusiness", write)
            .texts(
                TAG,
                "Change a business",
                "Changes the fields that are sent; a null `brandId` clears it. A `brandId` that another business has \
                 is a conflict (409). Only a live key changes businesses (403).",
            )
            .path_example(id)
            .checked_body(Rejected, BusinessChange::parse, r#"{ "channels": ["SMS", "EMAIL"] }"#)
            .json::<BusinessJson<'_>>(200, "The changed business.", example),
    ]
}
