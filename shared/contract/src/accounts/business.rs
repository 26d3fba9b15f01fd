//! The naming of a business in requests: `businessId`, or `brand_id`, the number that the tenant gave it.

use crate::fields::{Fields, ParseText, TextFormat, text_format};
use crate::query::Query;
use domain::BusinessId;

/// Reads the field `businessId`.
pub(crate) fn read_business_id(fields: &mut Fields<'_>) -> Option<BusinessId> {
    fields.optional("businessId", text_format::id(BusinessId::parse))
}

/// Reads the field `brand_id`.
pub(crate) fn read_brand_id(fields: &mut Fields<'_>) -> Option<u32> {
    fields.integer("brand_id", 1..=i64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok())
}

/// Reads the query parameter `businessId`.
pub(crate) fn business_id_parameter(query: &mut Query) -> Option<BusinessId> {
    query.optional("businessId", text_format::id(BusinessId::parse))
}

/// Reads the query parameter `brand_id`.
pub(crate) fn brand_id_parameter(query: &mut Query) -> Option<u32> {
    let parse: ParseText<_> = |text| {
        let number = text.trim().parse().ok().filter(|number| *number > 0);
        number.ok_or_else(|| format!("must be an integer from 1 to {}", u32::MAX))
    };
    query.optional("brand_id", TextFormat::of(parse).whole_number(1..=u32::MAX.into()))
}
