//! Signature checks as a receiver makes them, written from the documents and independent of the sender's code.

use super::Received;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn hmac(key: &[u8], signed: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(signed);
    mac.finalize().into_bytes().to_vec()
}

/// Returns the HMAC-SHA256 in hexadecimal. The whole `whsec_…` text is the key, as in the documents' examples.
pub(crate) fn hmac_hex(secret: &str, signed: &[u8]) -> String {
    hex::encode(hmac(secret.as_bytes(), signed))
}

/// Returns the Standard Webhooks signature under one secret; the key is its decoded bytes.
pub(crate) fn standard_signature(secret: &str, received: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    assert_eq!(key.len(), 32);
    let mut signed =
        format!("{}.{}.", received.header("webhook-id"), received.header("webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&received.body);
    format!("v1,{}", STANDARD.encode(hmac(&key, &signed)))
}

/// Returns whether the signature of the delivery's own contract was made with `secret`.
pub(crate) fn is_signed_with(contract: &str, secret: &str, received: &Received) -> bool {
    match contract {
        "native" => received.header("x-signature") == hmac_hex(secret, &received.body),
        "revenueDefenders" => {
            received.header("x-revenuedefenders-signature") == format!("sha256={}", hmac_hex(secret, &received.body))
        }
        "leadRescue" => {
            received.header("x-leadrescue-signature") == format!("sha256={}", hmac_hex(secret, &received.body))
        }
        "vendorPad" => {
            let mut signed = format!("{}.", received.header("x-vendorpad-timestamp")).into_bytes();
            signed.extend_from_slice(&received.body);
            received.header("x-vendorpad-signature") == format!("sha256={}", hmac_hex(secret, &signed))
        }
        other => panic!("no contract {other}"),
    }
}
