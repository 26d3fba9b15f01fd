//! Names of fields and attributes whose values are never stored.

/// Words in the names of fields that hold a secret or the token of a form. Such a value is of no use in a lead, and is
/// never stored.
const SECRET_WORDS: [&str; 15] = [
    "captcha",
    "turnstile",
    "csrf",
    "xsrf",
    "authenticitytoken",
    "verificationtoken",
    "antiforgery",
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "kennwort",
    "motdepasse",
    "contraseña",
    "lösenord",
];

/// Ends of such names.
const SECRET_ENDINGS: [&str; 5] = ["token", "pwd", "nonce", "secret", "contrasena"];

/// Such names.
const SECRET_NAMES: [&str; 4] = ["pass", "pw", "pin", "losenord"];

/// Returns whether the name of a field says that it holds a password or the token of a captcha or of a form.
pub(super) fn is_secret_name(field: &str) -> bool {
    let plain: String = field.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    SECRET_WORDS.iter().any(|word| plain.contains(word))
        || SECRET_ENDINGS.iter().any(|ending| plain.ends_with(ending))
        || SECRET_NAMES.contains(&plain.as_str())
}
