//! The start-up banner: for each contract, a `curl` command that works as it is printed.
//!
//! What is printed on a terminal stays there. Anything else that standard output leads to, such as the journal of a
//! process manager, is kept and read by others, so keys are not printed there: the commands read them from files.

use crate::permissions::{KEYS_FOLDER, create_private_folder};
use crate::{DemoCredentials, StartError, write_private};
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the banner of a server that listens at `local_url`, with the API keys in its commands.
pub(crate) fn banner(credentials: &DemoCredentials, local_url: &str) -> String {
    format(credentials, local_url, |_, key| format!("'Authorization: Bearer {key}'"))
}

/// Returns the banner whose commands read the API keys from files in `data_folder` (mode 0600), and writes these.
pub(crate) fn banner_with_key_files(
    credentials: &DemoCredentials,
    local_url: &str,
    data_folder: &Path,
) -> Result<String, StartError> {
    let unusable = |path: &Path| {
        let path = path.to_owned();
        move |error| StartError::DataFolder { path, error }
    };
    // Absolute, so that the commands work in any folder.
    let data_folder = fs::canonicalize(data_folder).map_err(unusable(data_folder))?;
    let folder = data_folder.join(KEYS_FOLDER);
    create_private_folder(&folder).map_err(unusable(&folder))?;
    for (name, key) in keys(credentials) {
        let file = folder.join(name);
        write_private(&file, key).map_err(unusable(&file))?;
    }
    Ok(format(credentials, local_url, |name, _| {
        let file: PathBuf = folder.join(name);
        let quoted = file.to_string_lossy().replace('\'', r"'\''");
        format!("\"Authorization: Bearer $(cat '{quoted}')\"")
    }))
}

/// Returns the API keys of the banner, each with the name of its file.
fn keys(credentials: &DemoCredentials) -> [(&'static str, &str); 4] {
    [
        ("native", &credentials.native.api_key),
        ("revenue-defenders", &credentials.revenue_defenders.api_key),
        ("lead-rescue", &credentials.lead_rescue.api_key),
        ("vendor-pad", &credentials.vendor_pad.api_key),
    ]
}

/// Returns the banner; `authorization` formats the header of a contract's file name and key as an argument of a shell.
/// Its commands work on this machine whatever the public URL is, under which the server may not be reachable from here.
fn format(credentials: &DemoCredentials, local_url: &str, authorization: impl Fn(&str, &str) -> String) -> String {
    let public_url = &credentials.base_url;
    let [native, revenue_defenders, lead_rescue, vendor_pad] = keys(credentials);
    let lead = r#"{"name": "Jane Smith", "email": "jane@example.com", "message": "I need a roof repair estimate"}"#;
    let test_drive =
        r#"{"customer_name": "Eva Lind", "phone": "+46701740605", "car_model": "Volvo EX30", "consent": true}"#;
    let wedding = r#"{"first_name": "Sam", "email": "sam@example.com", "event_type": "Wedding", "brand_id": 1}"#;
    let webhook = r#"{"url": "http://127.0.0.1:9000/hook", "events": ["*"]}"#;
    let links =
        if public_url == local_url { String::new() } else { format!("\nLinks in responses begin with {public_url}") };
    let curl = |(name, key): (&str, &str), path: &str, body: &str| {
        let authorization = authorization(name, key);
        format!("  curl -s {local_url}{path} -H {authorization} -H 'Content-Type: application/json' -d '{body}'\n")
    };
    format!(
        "Leadhouse is ready at {local_url}{links}\n\n\
         The APIs and their documentation: {local_url}/\n\n\
         Create a lead (native contract):\n{}\n\
         Create a lead (Revenue Defenders):\n{}\n\
         Create a lead (LeadRescue; a photo of the driving licence is optional):\n{}\n\
         Create a lead (VendorPad; accepts each e-mail address once):\n{}\n\
         Subscribe your own webhook receiver to all events:\n{}\n\
         Press Ctrl-C to stop.\n",
        curl(native, "/v2/leads", lead),
        curl(revenue_defenders, "/api/v1/leads", lead),
        curl(lead_rescue, "/v1/leads", test_drive),
        curl(vendor_pad, "/api/v1/developer/leads", wedding),
        curl(native, "/v2/webhooks", webhook),
    )
}
