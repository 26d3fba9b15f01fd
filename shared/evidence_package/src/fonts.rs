//! The fonts that are part of this crate; `fonts/README.md` has their origin and licences.

/// The weight of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    /// For text.
    Regular,
    /// For headings and names.
    SemiBold,
}

/// An embedded font.
pub(crate) struct EmbeddedFont {
    /// Family, as text styles name it.
    pub(crate) family: &'static str,
    /// Weight.
    pub(crate) weight: Weight,
    /// The font file.
    pub(crate) data: &'static [u8],
}

macro_rules! fonts {
    ($($family:literal $weight:ident $file:literal),* $(,)?) => {
        /// Every embedded font, in the order in which a character is looked up.
        pub(crate) static FONTS: &[EmbeddedFont] = &[$(EmbeddedFont {
            family: $family,
            weight: Weight::$weight,
            data: include_bytes!(concat!("../fonts/", $file)),
        }),*];
    };
}

fonts! {
    "Noto Sans" Regular "NotoSans-Regular.ttf",
    "Noto Sans" SemiBold "NotoSans-SemiBold.ttf",
    "Noto Sans Mono" Regular "NotoSansMono-Regular.ttf",
    "Noto Sans Arabic" Regular "NotoSansArabic-Regular.ttf",
    "Noto Sans Hebrew" Regular "NotoSansHebrew-Regular.ttf",
    "Noto Sans Devanagari" Regular "NotoSansDevanagari-Regular.ttf",
    "Noto Sans Bengali" Regular "NotoSansBengali-Regular.ttf",
    "Noto Sans Gujarati" Regular "NotoSansGujarati-Regular.ttf",
    "Noto Sans Gurmukhi" Regular "NotoSansGurmukhi-Regular.ttf",
    "Noto Sans Tamil" Regular "NotoSansTamil-Regular.ttf",
    "Noto Sans Telugu" Regular "NotoSansTelugu-Regular.ttf",
    "Noto Sans Kannada" Regular "NotoSansKannada-Regular.ttf",
    "Noto Sans Malayalam" Regular "NotoSansMalayalam-Regular.ttf",
    "Noto Sans Sinhala" Regular "NotoSansSinhala-Regular.ttf",
    "Noto Sans Thai" Regular "NotoSansThai-Regular.ttf",
    "Noto Sans Lao" Regular "NotoSansLao-Regular.ttf",
    "Noto Sans Khmer" Regular "NotoSansKhmer-Regular.ttf",
    "Noto Sans Myanmar" Regular "NotoSansMyanmar-Regular.ttf",
    "Noto Sans Georgian" Regular "NotoSansGeorgian-Regular.ttf",
    "Noto Sans Armenian" Regular "NotoSansArmenian-Regular.ttf",
    "Noto Sans Ethiopic" Regular "NotoSansEthiopic-Regular.ttf",
    "Noto Sans JP" Regular "NotoSansJP-Regular.otf",
    "Noto Sans Hans" Regular "NotoSansHans-Regular.otf",
    "Noto Sans KR" Regular "NotoSansKR-Regular.otf",
    "Noto Sans Symbols" Regular "NotoSansSymbols-Regular.ttf",
    "Noto Sans Symbols 2" Regular "NotoSansSymbols2-Regular.ttf",
    "Noto Emoji" Regular "NotoEmoji-Regular.ttf",
}
