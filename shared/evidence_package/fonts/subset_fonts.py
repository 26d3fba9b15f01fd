"""Makes the fonts of this folder from packages of the npm registry.

Run in an empty folder after `pip install fonttools==4.68.0` and, for each package of PACKAGES, `npm pack PACKAGE` and
`tar xzf` into a folder of the package's last name. The first argument is that folder, the second this one.
"""

import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

EXPO = "@expo-google-fonts/"
EMBEDPDF = "@embedpdf/"


def encodable(encoding, first, last):
    for code in range(first, last):
        try:
            chr(code).encode(encoding)
            yield code
        except UnicodeEncodeError:
            pass


HAN = {*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00)}
CJK_SIGNS = {*range(0x2E80, 0x3040), *range(0x3100, 0x3130), *range(0x31A0, 0x3300), *range(0x3300, 0x3400),
             *range(0xFE30, 0xFE50), *range(0xFF00, 0xFFF0)}
KANA = {*range(0x3000, 0x3100), *range(0x31F0, 0x3200), *range(0xFF00, 0xFFF0)}
HANGUL = {*range(0x1100, 0x1200), *range(0x3130, 0x3190), *range(0xA960, 0xA980), *range(0xAC00, 0xD800),
          *range(0xFFA0, 0xFFE0)}
ASCII = set(range(0x20, 0x7F))
# Noto Sans has the Devanagari of another font of this folder.
LATIN = {*range(0x20, 0x900), *range(0x1AB0, 0x1B00), *range(0x1C80, 0x1CC0), *range(0x1D00, 0x2300),
         *range(0x2C60, 0x2C80), *range(0x2DE0, 0x2E60), *range(0xA640, 0xA6A0), *range(0xA700, 0xA7A0),
         *range(0xAB30, 0xAB70), *range(0xFB00, 0xFB07), *range(0xFE20, 0xFE30), 0xFFFC, 0xFFFD, 0x25CC}
SIGNS = {*range(0x2190, 0x2800), *range(0x2900, 0x2C00)}

# Source file within its package, target, characters (None: all that the font has).
PACKAGES = {
    EXPO + "noto-sans@0.4.2": [
        ("400Regular/NotoSans_400Regular.ttf", "NotoSans-Regular.ttf", LATIN),
        ("600SemiBold/NotoSans_600SemiBold.ttf", "NotoSans-SemiBold.ttf", LATIN),
    ],
    EXPO + "noto-sans-mono@0.4.2": [("400Regular/NotoSansMono_400Regular.ttf", "NotoSansMono-Regular.ttf", ASCII)],
    EXPO + "noto-sans-arabic@0.4.3": [("400Regular/NotoSansArabic_400Regular.ttf", "NotoSansArabic-Regular.ttf", None)],
    EXPO + "noto-sans-hebrew@0.4.1": [("400Regular/NotoSansHebrew_400Regular.ttf", "NotoSansHebrew-Regular.ttf", None)],
    EXPO + "noto-sans-devanagari@0.4.1": [
        ("400Regular/NotoSansDevanagari_400Regular.ttf", "NotoSansDevanagari-Regular.ttf", None)],
    EXPO + "noto-sans-bengali@0.4.4": [("400Regular/NotoSansBengali_400Regular.ttf", "NotoSansBengali-Regular.ttf", None)],
    EXPO + "noto-sans-gujarati@0.4.2": [
        ("400Regular/NotoSansGujarati_400Regular.ttf", "NotoSansGujarati-Regular.ttf", None)],
    EXPO + "noto-sans-gurmukhi@0.4.1": [
        ("400Regular/NotoSansGurmukhi_400Regular.ttf", "NotoSansGurmukhi-Regular.ttf", None)],
    EXPO + "noto-sans-tamil@0.4.3": [("400Regular/NotoSansTamil_400Regular.ttf", "NotoSansTamil-Regular.ttf", None)],
    EXPO + "noto-sans-telugu@0.4.2": [("400Regular/NotoSansTelugu_400Regular.ttf", "NotoSansTelugu-Regular.ttf", None)],
    EXPO + "noto-sans-kannada@0.4.3": [("400Regular/NotoSansKannada_400Regular.ttf", "NotoSansKannada-Regular.ttf", None)],
    EXPO + "noto-sans-malayalam@0.4.2": [
        ("400Regular/NotoSansMalayalam_400Regular.ttf", "NotoSansMalayalam-Regular.ttf", None)],
    EXPO + "noto-sans-sinhala@0.4.2": [("400Regular/NotoSansSinhala_400Regular.ttf", "NotoSansSinhala-Regular.ttf", None)],
    EXPO + "noto-sans-thai@0.4.2": [("400Regular/NotoSansThai_400Regular.ttf", "NotoSansThai-Regular.ttf", None)],
    EXPO + "noto-sans-lao@0.4.2": [("400Regular/NotoSansLao_400Regular.ttf", "NotoSansLao-Regular.ttf", None)],
    EXPO + "noto-sans-khmer@0.4.3": [("400Regular/NotoSansKhmer_400Regular.ttf", "NotoSansKhmer-Regular.ttf", None)],
    EXPO + "noto-sans-myanmar@0.4.2": [("400Regular/NotoSansMyanmar_400Regular.ttf", "NotoSansMyanmar-Regular.ttf", None)],
    EXPO + "noto-sans-georgian@0.4.3": [
        ("400Regular/NotoSansGeorgian_400Regular.ttf", "NotoSansGeorgian-Regular.ttf", None)],
    EXPO + "noto-sans-armenian@0.4.2": [
        ("400Regular/NotoSansArmenian_400Regular.ttf", "NotoSansArmenian-Regular.ttf", None)],
    EXPO + "noto-sans-ethiopic@0.4.2": [
        ("400Regular/NotoSansEthiopic_400Regular.ttf", "NotoSansEthiopic-Regular.ttf", None)],
    EXPO + "noto-sans-symbols@0.4.1": [("400Regular/NotoSansSymbols_400Regular.ttf", "NotoSansSymbols-Regular.ttf", SIGNS)],
    EXPO + "noto-sans-symbols-2@0.4.1": [
        ("400Regular/NotoSansSymbols2_400Regular.ttf", "NotoSansSymbols2-Regular.ttf", SIGNS)],
    EXPO + "noto-emoji@0.4.7": [("400Regular/NotoEmoji_400Regular.ttf", "NotoEmoji-Regular.ttf", None)],
    EMBEDPDF + "fonts-sc@1.0.0": [("fonts/NotoSansHans-Regular.otf", "NotoSansHans-Regular.otf", HAN | CJK_SIGNS)],
    EMBEDPDF + "fonts-jp@1.0.0": [
        ("fonts/NotoSansJP-Regular.otf", "NotoSansJP-Regular.otf", KANA | set(encodable("cp932", 0x4E00, 0xA000)))],
    EMBEDPDF + "fonts-kr@1.0.0": [("fonts/NotoSansKR-Regular.otf", "NotoSansKR-Regular.otf", HANGUL)],
}


def main(source, target):
    options = subset.Options()
    # No vertical text, no hints (a PDF is drawn at high resolution), no optional typographic features.
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "STAT", "gasp", "MATH"]
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    for package, fonts in PACKAGES.items():
        folder = source / package.split("/")[1].split("@")[0] / "package"
        for name, result, characters in fonts:
            font = TTFont(folder / name, recalcTimestamp=False)
            subsetter = subset.Subsetter(options)
            subsetter.populate(unicodes=characters or font.getBestCmap().keys())
            subsetter.subset(font)
            font.save(target / result)


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
