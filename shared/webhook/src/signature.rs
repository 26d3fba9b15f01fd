//! Signatures of deliveries: the headers of each contract, and the Standard Webhooks headers beside them.
//!
//! While a rotation's overlap lasts, a subscription has two secrets. The `webhook-signature` header of Standard
//! Webhooks can hold several signatures and carries both, the newer one first. The headers of the contracts hold a
//! single signature, and their receivers know a single secret, so they stay with the older secret until the overlap
//! ends. A receiver can therefore switch to the new secret at any moment of the overlap.

use crate::signing_secret::SigningSecret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{SignedContent, profile};
use domain::Contract;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The `User-Agent` of every delivery.
pub const USER_AGENT: &str = concat!("Leadhouse-Webhooks/", env!("CARGO_PKG_VERSION"));

/// The secrets that sign a delivery.
#[derive(Clone, Debug)]
pub struct SigningSecrets {
    /// The newest secret.
    pub current: SigningSecret,
    /// The secret before it, while the overlap of a rotation lasts.
    pub previous: Option<SigningSecret>,
}

impl SigningSecrets {
    /// Returns the secret for a header that holds one signature: the older one until the overlap ends.
    fn single(&self) -> &SigningSecret {
        self.previous.as_ref().unwrap_or(&self.current)
    }

    /// Returns every secret, the newest first.
    fn all(&self) -> Vec<&SigningSecret> {
        std::iter::once(&self.current).chain(&self.previous).collect()
    }
}

/// Starts an HMAC-SHA256 over the concatenation of `parts`.
fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Returns the HMAC-SHA256 over the concatenation of `parts`, in hexadecimal. The key is the whole `whsec_…` text, as
/// the verification snippets of the contracts' documents use it.
pub fn hex_hmac(secret: &SigningSecret, parts: &[&[u8]]) -> String {
    hex::encode(mac(secret.reveal().as_bytes(), parts).finalize().into_bytes())
}

/// Returns the `webhook-signature` header of Standard Webhooks 1.0: for each secret, `v1,` and the base64 of the
/// HMAC-SHA256 over `id.timestamp.body`, separated by spaces. The key is the decoded 32 bytes.
pub fn standard_webhooks(secrets: &[&SigningSecret], id: &str, unix_seconds: i64, body: &[u8]) -> String {
    let signed = format!("{id}.{unix_seconds}.");
    let signatures = secrets.iter().map(|secret| {
        let signature = mac(secret.bytes(), &[signed.as_bytes(), body]).finalize().into_bytes();
        format!("v1,{}", STANDARD.encode(signature))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

/// Returns every header of one attempt.
///
/// `event` is the event's name in the contract, `delivery_id` the id that is the same for all attempts, `unix_seconds`
/// the time of this attempt, and `body` the exact bytes to be sent.
pub fn headers(
    contract: Contract,
    event: &str,
    delivery_id: &str,
    unix_seconds: i64,
    body: &[u8],
    secrets: &SigningSecrets,
) -> Vec<(&'static str, String)> {
    let timestamp = unix_seconds.to_string();
    let scheme = profile(contract).webhook_headers();
    let (signature, timestamp_header) = match scheme.signed_content {
        SignedContent::Body => (hex_hmac(secrets.single(), &[body]), None),
        SignedContent::TimestampAndBody { timestamp: header } => {
            (hex_hmac(secrets.single(), &[timestamp.as_bytes(), b".", body]), Some((header, timestamp.clone())))
        }
    };
    let mut headers = vec![(scheme.signature, format!("{}{signature}", scheme.signature_prefix))];
    headers.extend(timestamp_header);
    headers.extend([
        (scheme.event, event.to_owned()),
        (scheme.delivery, delivery_id.to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("User-Agent", USER_AGENT.to_owned()),
        ("webhook-id", delivery_id.to_owned()),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", standard_webhooks(&secrets.all(), delivery_id, unix_seconds, body)),
    ]);
    headers
}

/// Verifies that `given`, with or without the prefix `sha256=`, is the HMAC-SHA256 of `body` in hexadecimal under the
/// whole text of `secret`. The comparison takes constant time.
pub fn verify_hex(secret: &str, body: &[u8], given: &str) -> bool {
    let given = given.trim();
    let digits = given.strip_prefix("sha256=").unwrap_or(given);
    let mut signature = [0; 32];
    hex::decode_to_slice(digits, &mut signature).is_ok()
        && mac(secret.as_bytes(), &[body]).verify_slice(&signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected hexadecimal signatures: Python's hmac and hashlib. Expected Standard Webhooks signatures: the
    // `sign` method of PyPI's `standardwebhooks` 1.1.0.
    const BODY: &[u8] = "{\"id\":\"3f2504e0\",\"type\":\"ping\",\"name\":\"Zoë\"}".as_bytes();
    const ID: &str = "3f2504e0-4f89-81d3-9a0c-0305e82c3301";
    const AT: i64 = 1_779_710_400;

    const NEW_TEXT: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const NEW_HEX: &str = "9c3953317a7d7e74a2ddac70985038bf4eb3cdf7eb0857f0f7d00d28bbd0a231";
    const NEW_HEX_TIMED: &str = "8ae7868ed38078d9056f996ad93f350d778056c9e5d08a652f90294f74b4ca7a";
    const NEW_STANDARD: &str = "v1,AkffE6Q7x4gMSQgxto/DFbyC9dpi8DE33YJd+ogNA/I=";

    const OLD_HEX: &str = "4a50cb8ffa5514a98870943bf75f87dfb4ef978c187fd46486438d7728639799";
    const OLD_HEX_TIMED: &str = "555e46588d14756b4dcbf019ebe6bc79c328b04133ab2ab4ccead157477eef48";
    const OLD_STANDARD: &str = "v1,otkSNK+5MDdX8nJ3KkCxLbbO0WHchvgMYRO1LOEPVno=";

    /// Thirty-two bytes that count up from `start`.
    fn secret(start: u8) -> SigningSecret {
        SigningSecret::from_bytes(std::array::from_fn(|place| start + u8::try_from(place).expect("below 32")))
    }

    fn single_secret() -> SigningSecrets {
        SigningSecrets { current: secret(0), previous: None }
    }

    fn rotating() -> SigningSecrets {
        SigningSecrets { current: secret(0), previous: Some(secret(32)) }
    }

    fn value(contract: Contract, signers: &SigningSecrets, name: &str) -> String {
        let headers = headers(contract, "ping", ID, AT, BODY, signers);
        let mut named = headers.into_iter().filter(|(header, _)| *header == name).map(|(_, value)| value);
        let value = named.next().unwrap_or_else(|| panic!("{contract:?} has no {name}"));
        assert_eq!(named.next(), None, "{contract:?} has {name} twice");
        value
    }

    #[test]
    fn contract_hmac_uses_the_whole_text_as_key() {
        assert_eq!(secret(0).reveal(), NEW_TEXT);
        assert_eq!(hex_hmac(&secret(0), &[BODY]), NEW_HEX);
        assert_eq!(hex_hmac(&secret(0), &[b"1779710400", b".", BODY]), NEW_HEX_TIMED);
        assert_eq!(hex_hmac(&secret(32), &[BODY]), OLD_HEX);
    }

    #[test]
    fn standard_webhooks_uses_the_decoded_bytes_as_key() {
        assert_eq!(standard_webhooks(&[&secret(0)], ID, AT, BODY), NEW_STANDARD);
        assert_eq!(
            standard_webhooks(&[&secret(0), &secret(32)], ID, AT, BODY),
            format!("{NEW_STANDARD} {OLD_STANDARD}")
        );
    }

    #[test]
    fn every_contract_has_its_documented_headers() {
        let cases: [(Contract, &[(&str, &str)]); 4] = [
            (Contract::Native, &[("X-Signature", NEW_HEX), ("X-Event", "ping"), ("X-Delivery", ID)]),
            (
                Contract::RevenueDefenders,
                &[
                    ("X-RevenueDefenders-Signature", &format!("sha256={NEW_HEX}")),
                    ("X-RevenueDefenders-Event", "ping"),
                    ("X-RevenueDefenders-Delivery", ID),
                ],
            ),
            (
                Contract::LeadRescue,
                &[
                    ("X-LeadRescue-Signature", &format!("sha256={NEW_HEX}")),
                    ("X-LeadRescue-Event", "ping"),
                    ("X-LeadRescue-Delivery", ID),
                ],
            ),
            (
                Contract::VendorPad,
                &[
                    ("X-VendorPad-Signature", &format!("sha256={NEW_HEX_TIMED}")),
                    ("X-VendorPad-Timestamp", "1779710400"),
                    ("X-VendorPad-Event", "ping"),
                    ("X-VendorPad-Delivery", ID),
                ],
            ),
        ];
        for (contract, expected) in cases {
            for (name, text) in expected {
                assert_eq!(value(contract, &single_secret(), name), *text, "{contract:?} {name}");
            }
            assert_eq!(value(contract, &single_secret(), "webhook-id"), ID);
            assert_eq!(value(contract, &single_secret(), "webhook-timestamp"), "1779710400");
            assert_eq!(value(contract, &single_secret(), "webhook-signature"), NEW_STANDARD);
            assert_eq!(value(contract, &single_secret(), "Content-Type"), "application/json");
            assert_eq!(headers(contract, "ping", ID, AT, BODY, &single_secret()).len(), expected.len() + 5);
        }
    }

    #[test]
    fn an_overlap_signs_with_both_secrets() {
        assert_eq!(value(Contract::Native, &rotating(), "X-Signature"), OLD_HEX);
        let vendor_pad = value(Contract::VendorPad, &rotating(), "X-VendorPad-Signature");
        assert_eq!(vendor_pad, format!("sha256={OLD_HEX_TIMED}"));
        for contract in Contract::ALL {
            let both = value(contract, &rotating(), "webhook-signature");
            assert_eq!(both, format!("{NEW_STANDARD} {OLD_STANDARD}"), "{contract:?}");
        }
    }

    #[test]
    fn verify_hex_accepts_the_prefix_or_none() {
        assert!(verify_hex(NEW_TEXT, BODY, NEW_HEX));
        assert!(verify_hex(NEW_TEXT, BODY, &format!("sha256={NEW_HEX}")));
        assert!(verify_hex(NEW_TEXT, BODY, &NEW_HEX.to_uppercase()));
        let bad = ["", "sha256=", OLD_HEX, &NEW_HEX[..62], &NEW_HEX[..63], "sha256=ö", &format!("sha1={NEW_HEX}")];
        for given in bad {
            assert!(!verify_hex(NEW_TEXT, BODY, given), "{given}");
        }
        assert!(!verify_hex(NEW_TEXT, b"another body", NEW_HEX));
        assert!(!verify_hex("another secret", BODY, NEW_HEX));
    }
}
