//! The start-up banner: for each contract, a `curl` command that works as it is printed.

use crate::DemoCredentials;

/// Returns the banner of a server that listens at `local_url`. Its commands work on this machine whatever the public URL
/// is, under which the server may not be reachable from here.
pub(crate) fn banner(credentials: &DemoCredentials, local_url: &str) -> String {
    let DemoCredentials { base_url: public_url, native, revenue_defenders, lead_rescue, vendor_pad } = credentials;
    let lead = r#"{"name": "Jane Smith", "email": "jane@example.com", "message": "I need a roof repair estimate"}"#;
    let test_drive =
        r#"{"customer_name": "Eva Lind", "phone": "+46701740605", "car_model": "Volvo EX30", "consent": true}"#;
    let wedding = r#"{"first_name": "Sam", "email": "sam@example.com", "event_type": "Wedding", "brand_id": 1}"#;
    let webhook = r#"{"url": "http://127.0.0.1:9000/hook", "events": ["*"]}"#;
    let links =
        if public_url == local_url { String::new() } else { format!("\nLinks in responses begin with {public_url}") };
    let curl = |key: &str, path: &str, body: &str| {
        format!(
            "  curl -s {local_url}{path} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{body}'\n"
        )
    };
    format!(
        "Leadhouse is ready at {local_url}{links}\n\n\
         Create a lead (native contract):\n{}\n\
         Create a lead (Revenue Defenders):\n{}\n\
         Create a lead (LeadRescue; a photo of the driving licence is optional):\n{}\n\
         Create a lead (VendorPad; accepts each e-mail address once):\n{}\n\
         Subscribe your own webhook receiver to all events:\n{}\n\
         Press Ctrl-C to stop.\n",
        curl(&native.api_key, "/v2/leads", lead),
        curl(&revenue_defenders.api_key, "/api/v1/leads", lead),
        curl(&lead_rescue.api_key, "/v1/leads", test_drive),
        curl(&vendor_pad.api_key, "/api/v1/developer/leads", wedding),
        curl(&native.api_key, "/v2/webhooks", webhook),
    )
}
