//! Bounded text.

/// Checks that `text`, trimmed, has between one and `max_chars` characters and no control characters but line breaks
/// and tabs; returns it trimmed.
pub fn multi_line(text: &str, max_chars: usize) -> Result<String, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if trimmed.chars().count() > max_chars {
        return Err(format!("must be at most {max_chars} characters"));
    }
    if trimmed.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err("must not contain control characters".to_owned());
    }
    Ok(trimmed.to_owned())
}

/// As [`bounded`], on one line: what may stand in a header or a subject.
pub fn single_line(text: &str, max_chars: usize) -> Result<String, String> {
    let text = multi_line(text, max_chars)?;
    if text.chars().any(char::is_control) { Err("must be on one line".to_owned()) } else { Ok(text) }
}

/// Checks for an upper-snake word such as `WEB_FORM`, at most 64 characters.
pub fn upper_snake(text: &str) -> Result<String, String> {
    let mut characters = text.chars();
    let starts = characters.next().is_some_and(|c| c.is_ascii_uppercase());
    let rest = characters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if starts && rest && text.len() <= 64 && !text.ends_with('_') {
        Ok(text.to_owned())
    } else {
        Err("must be a word in upper case such as WEB_FORM, at most 64 characters".to_owned())
    }
}
