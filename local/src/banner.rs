//! What a new user sees at the start: a line for each contract that works when pasted.

use crate::credentials::Credentials;

/// How to call each contract, and how to be told.
pub(crate) fn banner(credentials: &Credentials) -> String {
    let Credentials { base_url, native, revenue_defenders, lead_rescue, vendor_pad } = credentials;
    let lead = r#"{"name": "Jane Smith", "email": "jane@example.com", "message": "I need a roof repair estimate"}"#;
    let test_drive =
        r#"{"customer_name": "Eva Lind", "phone": "+46701740605", "car_model": "Volvo EX30", "consent": true}"#;
    let wedding = r#"{"first_name": "Sam", "email": "sam@example.com", "event_type": "Wedding", "brand_id": 1}"#;
    let webhook = r#"{"url": "http://127.0.0.1:9000/hook", "events": ["*"]}"#;
    let call = |key: &str, path: &str, body: &str| {
        format!(
            "  curl -s {base_url}{path} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'\n"
        )
    };
    format!(
        "Leadhouse is ready at {base_url}\n\n\
         A lead through the native contract:\n{}\n\
         A lead through Revenue Defenders:\n{}\n\
         A lead through LeadRescue, which takes a photo of the licence, too:\n{}\n\
         A lead through VendorPad, which takes each e-mail address once:\n{}\n\
         Be told of every event at a receiver of your own:\n{}\n\
         Ctrl-C stops it.\n",
        call(&native.api_key, "/v2/leads", lead),
        call(&revenue_defenders.api_key, "/api/v1/leads", lead),
        call(&lead_rescue.api_key, "/v1/leads", test_drive),
        call(&vendor_pad.api_key, "/api/v1/developer/leads", wedding),
        call(&native.api_key, "/v2/webhooks", webhook),
    )
}
