"""Writes spellings of telephone numbers of every region, with how libphonenumber reads them, as lines of JSON.

A line has the region, the spelling, the number that is spelled (libphonenumber's example, in E.164 form), and the number
that libphonenumber reads in the region: null if it reads none, or one of impossible length.
"""

import json
import sys

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ValidationResult

KINDS = [
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.TOLL_FREE,
]


def in_script(zero, text):
    """Returns the text with the digits of the script whose zero this is."""
    return "".join(chr(ord(zero) + int(c)) if c in "0123456789" else c for c in text)


def full_width(text):
    return "".join("\u3000" if c == " " else chr(ord(c) + 0xFEE0) if c in "0123456789+-()" else c for c in text)


def international_prefix(metadata):
    """Returns what people dial before international numbers, or None if the region has several prefixes."""
    prefix = metadata.preferred_international_prefix or metadata.international_prefix or ""
    prefix = prefix.replace("~", "")
    return prefix if prefix.isdigit() else None


def spellings(number, metadata):
    def formatted(form):
        return phonenumbers.format_number(number, form)

    national = formatted(PhoneNumberFormat.NATIONAL)
    international = formatted(PhoneNumberFormat.INTERNATIONAL)
    e164 = formatted(PhoneNumberFormat.E164)
    uri = formatted(PhoneNumberFormat.RFC3966)
    digits = phonenumbers.national_significant_number(number)
    code = str(number.country_code)
    trunk = metadata.national_prefix
    yield from [national, international, e164, uri, digits]
    # Extensions and labels.
    yield from [national + " ext. 12", international + " x12", e164 + "#12", uri + ";ext=12"]
    yield from ["Tel: " + international, "tel:" + national, "Mobil " + national, "(" + international + ")"]
    # Separators.
    for separator in [".", "-", "\u00a0", "\u2009", "\u202f", "\u2011", "\u2013", "\u2212", "  "]:
        yield national.replace(" ", separator).replace("-", separator)
        yield international.replace(" ", separator).replace("-", separator)
    yield " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))
    yield digits[:2] + "/" + digits[2:]
    yield "(" + digits[:3] + ") " + digits[3:]
    yield f"+{code} ({digits[:2]}) {digits[2:]}"
    # Other scripts and invisible characters.
    for zero in "\u0660\u06f0\u0966\u09e6\u0e50":
        yield in_script(zero, national)
        yield in_script(zero, international)
    yield from [full_width(national), full_width(international)]
    yield from ["\u202a" + international + "\u202c", "\u200e" + national, "\ufeff" + e164 + "\u200b"]
    yield "\u00ad".join(e164)
    # Calling code and international prefix.
    yield from [code + digits, code + " " + digits, "(+" + code + ") " + digits, "++" + code + digits]
    yield from ["+ " + code + " " + digits, "+00" + code + digits, "00" + code + digits, "00 " + code + " " + digits]
    prefix = international_prefix(metadata)
    if prefix:
        yield from [prefix + code + digits, f"{prefix} {code} {digits}", f"{prefix}-{code}-{digits}"]
    # Trunk prefix.
    if trunk:
        yield from [trunk + digits, trunk + " " + digits, f"({trunk}) {digits}", f"({trunk}{digits[:2]}) {digits[2:]}"]
        yield from [f"+{code} ({trunk}){digits}", f"+{code} {trunk} {digits}", f"+{code}{trunk}{digits}"]
        yield f"00{code} ({trunk}) {digits}"
    else:
        yield from [f"+{code} (0){digits}", f"+{code}(0) {digits[:2]} {digits[2:]}"]


def read(spelling, region):
    try:
        number = phonenumbers.parse(spelling, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if possible else None


for region in sorted(phonenumbers.SUPPORTED_REGIONS):
    metadata = PhoneMetadata.metadata_for_region(region)
    seen = set()
    for kind in KINDS:
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        meant = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for spelling in spellings(number, metadata):
            if spelling not in seen:
                seen.add(spelling)
                line = {"region": region, "spelling": spelling, "meant": meant, "read": read(spelling, region)}
                sys.stdout.write(json.dumps(line) + "\n")
