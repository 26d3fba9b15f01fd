use super::*;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

fn country(code: &str) -> Country {
    Country::parse(code).expect("a country")
}

/// Returns the E.164 form, or an empty text.
fn read(text: &str, code: &str) -> String {
    Phone::parse(text, &country(code)).expect(text).e164().unwrap_or_default().to_owned()
}

#[test]
fn sample_numbers_of_the_documents_parse() {
    assert_eq!(read("+15551234567", "US"), "+15551234567");
    assert_eq!(read("+15559876543", "SE"), "+15559876543");
    assert_eq!(read("+46701234567", "US"), "+46701234567");
    assert_eq!(read("07700 900000", "GB"), "+447700900000");
}

#[test]
fn national_numbers_keep_their_first_digits() {
    for (text, code, e164) in [
        ("392 345 6789", "IT", "+393923456789"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("48 234 56 78", "PL", "+48482345678"),
        ("(55) 96123-4567", "BR", "+5555961234567"),
        ("47144752", "NO", "+4747144752"),
        ("45 12 34 56", "DK", "+4545123456"),
        ("6512 3456", "SG", "+6565123456"),
        ("8100708939", "BY", "+3758100708939"),
        ("001 800 115 1895", "TH", "+66001800115 1895"),
        ("015112340000", "IL", "+97215112340000"),
    ] {
        assert_eq!(read(text, code), e164.replace(' ', ""), "{text} {code}");
    }
}

#[test]
fn trunk_and_calling_codes_are_removed_once() {
    for (text, code, e164) in [
        ("070-123 45 67", "SE", "+46701234567"),
        ("88005553535", "RU", "+78005553535"),
        ("8 (812) 345-67-89", "RU", "+78123456789"),
        ("39 06 1234 5678", "IT", "+390612345678"),
        ("46 70 123 45 67", "SE", "+46701234567"),
        ("1 (201) 555-0123", "US", "+12015550123"),
        ("011 15-1234-5678", "AR", "+5491112345678"),
    ] {
        assert_eq!(read(text, code), e164, "{text} {code}");
    }
}

#[test]
fn international_numbers_keep_every_digit() {
    for (text, e164) in [
        ("+375 801 123 4567", "+3758011234567"),
        ("+375 8100708939", "+3758100708939"),
        // Possible, and assigned neither with the 8 nor without it. libphonenumber takes the 8 for the trunk prefix of
        // Belarus, which makes another number of it; one in international form has no trunk prefix.
        ("+375 820 123 4567", "+3758201234567"),
        ("00 375 820 123 4567", "+3758201234567"),
        ("+7 8 912 345 67 89", "+79123456789"),
        ("+49 0151 12345678", "+4915112345678"),
        ("+7 812 345-67-89", "+78123456789"),
        ("+7 800 555 35 35", "+78005553535"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+370 808 12345", "+37080812345"),
        ("++46 70 123 45 67", "+46701234567"),
        ("+0046 70 123 45 67", "+46701234567"),
        ("00+46 70 123 45 67", "+46701234567"),
        ("(+46) 70 123 45 67", "+46701234567"),
        ("00 46 70 123 45 67", "+46701234567"),
    ] {
        for code in ["SE", "IT", "BY", "RU", "LT", "US", "HK", "KR", "AU", "AQ"] {
            assert_eq!(read(text, code), e164, "{text} {code}");
        }
    }
    assert_eq!(read("011 46 70 123 45 67", "US"), "+46701234567");
    assert_eq!(read("8~10 46 70 123 45 67", "RU"), "+46701234567");
    assert_eq!(read("0011 46 70 123 45 67", "AU"), "+46701234567");
}

#[test]
fn spellings_of_a_number_are_the_same_number() {
    for text in [
        "+46 (0)70 123 45 67",
        "+46(0) 70-123 45 67",
        "+46 [0] 70 123 45 67",
        "0046 (0)70 123 45 67",
        "(0)70 123 45 67",
        "070.123.45.67",
        "070/123 45 67",
        "070\u{2011}123\u{a0}45\u{2009}67",
        "070\u{2212}123\u{202f}45\u{3000}67",
        "\u{202a}+46 70 123 45 67\u{202c}",
        "\u{200e}070-123 45 67\u{200f}",
        "07\u{ad}0123\u{200b}4567\u{feff}",
        "٠٧٠١٢٣٤٥٦٧",
        "＋４６　７０－１２３　４５　６７",
        "०७०१२३४५६७",
        "𝟬𝟳𝟬𝟭𝟮𝟯𝟰𝟱𝟲𝟳",
        "0\u{fe0f}\u{20e3}7\u{fe0f}\u{20e3}01234567",
        "tel:+46-70-123-45-67",
        "tel:070-1234567;phone-context=+46",
        "Tel.: 070-123 45 67",
        "📞 070 123 45 67",
        "070'123'45'67",
        "070_123_45_67",
        "=\"0701234567\"",
        "+46701234567.0",
        "070-123 45 67 ext. 12",
        "070-123 45 67 x12",
        "070-123 45 67 ankn. 12",
        "+46701234567;ext=12",
        "+46701234567,,12#",
        "070-123 45 67 (mobil)",
        "070-123 45 67, ring efter fem",
        "My number is 070-123 45 67",
        "070-123 45 67 / 08-123 456 78",
        "070/123 45/67 / 08/123 456 78 / 08-111 222 33 / 08-111 222 34 / 08-111 222 35",
        "070-123 45 67 +46 8 123 456 78",
        "070-123 45 67 or 08-123 456 78",
    ] {
        assert_eq!(read(text, "SE"), "+46701234567", "{text:?}");
    }
    assert_eq!(read("1-800-FLOWERS", "US"), "+18003569377");
    assert_eq!(read("0711/123456-78", "DE"), "+4971112345678");
}

#[test]
fn bracketed_zeros_stay_where_numbers_begin_with_zero() {
    for (text, e164) in [
        ("+39 (0)6 1234 5678", "+390612345678"),
        ("+34 (0)912 34 56 78", "+34912345678"),
        ("+351 (0)212 345 678", "+351212345678"),
        ("+56 (0)44 123 4567", "+56441234567"),
        ("+1 (0)201 555 0123", "+12015550123"),
    ] {
        assert_eq!(read(text, "SE"), e164, "{text}");
    }
}

#[test]
fn texts_that_are_no_number_are_kept_as_text() {
    for text in [
        "n/a",
        "-",
        "none",
        "call after 5pm 555-1234",
        "call 123456 after 5pm",
        "call me",
        "12",
        "112",
        "070123 home",
        "0701234567 0701234567 0701234567",
        "4.67012E+10",
        "+999123456789",
        "+0701234567",
        "1234567890123456789012345",
        "<script>alert(1)</script>",
        "@anna",
        "٣",
    ] {
        for code in ["US", "SE"] {
            let phone = Phone::parse(text, &country(code)).expect(text);
            assert_eq!((phone.as_str(), phone.e164()), (text, None), "{code}");
        }
    }
    assert_eq!(read("555-1234", "US"), "", "a local number without its area code");
    assert!(Phone::parse(" ", &country("SE")).is_err());
    assert!(Phone::parse(&"1".repeat(MAX_PHONE_CHARS + 1), &country("SE")).is_err());
}

#[test]
fn parse_e164_accepts_only_e164_form() {
    assert_eq!(Phone::parse_e164("+46701234567").expect("a number").e164(), Some("+46701234567"));
    for bad in [
        "",
        "+",
        "0701234567",
        "46701234567",
        "0046701234567",
        "+46 70 123 45 67",
        "+46-701234567",
        "+46(0)701234567",
        "+4670123456789012",
        "+46",
        "+0701234567",
        "+999701234567",
        "+46７０１２３４５６７",
        "tel:+46701234567",
        "+46701234567;ext=1",
        "+46701234567x1",
    ] {
        assert!(Phone::parse_e164(bad).is_err(), "{bad}");
    }
}

#[test]
fn e164_forms_read_as_themselves() {
    use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};
    let mut regions = 0;
    for region in PHONE_NUMBER_UTIL.get_supported_regions() {
        for kind in [PhoneNumberType::Mobile, PhoneNumberType::FixedLine, PhoneNumberType::TollFree] {
            let Ok(example) = PHONE_NUMBER_UTIL.get_example_number_for_type_and_region(region, kind) else { continue };
            let e164 = PHONE_NUMBER_UTIL.format(&example, PhoneNumberFormat::E164);
            assert_eq!(read(&e164, "SE"), e164, "{region:?}");
            assert_eq!(Phone::parse_e164(&e164).expect(&e164).e164(), Some(&*e164));
        }
        regions += 1;
    }
    assert!(regions > 200, "{regions}");
}

/// A plan is decoded when a number of its country is read first.
#[test]
fn every_numbering_plan_can_be_decoded() {
    let regions: Vec<_> = PHONE_NUMBER_UTIL.get_supported_regions().collect();
    assert!(regions.len() > 240, "{}", regions.len());
    for region in regions {
        assert!(PHONE_NUMBER_UTIL.get_country_code_for_region(region).is_some(), "{region}");
        // Compiles the expressions of the country.
        let number = PHONE_NUMBER_UTIL.get_example_number(region).expect("an example");
        assert!(PHONE_NUMBER_UTIL.is_valid_number(&number), "{region}");
        let national = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National);
        let parsed = PHONE_NUMBER_UTIL.parse(&national, Some(region)).expect("a number");
        assert_eq!((parsed.country_code, parsed.national_number), (number.country_code, number.national_number));
    }
    for calling_code in PHONE_NUMBER_UTIL.get_supported_global_network_calling_codes() {
        let types = PHONE_NUMBER_UTIL.get_supported_types_for_non_geo_entity(calling_code);
        assert!(types.is_some_and(|types| !types.is_empty()), "{calling_code}");
    }
}
