//! Sizes of files as people read them.

/// Returns a size such as "1.4 MB".
pub(crate) fn file_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_for_people() {
        assert_eq!([999, 20_500, 1_450_000].map(file_size), ["999 bytes", "20 kB", "1.4 MB"]);
    }
}
