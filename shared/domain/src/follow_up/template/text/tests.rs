use super::*;

const ANNA: TemplateValues<'_> =
    TemplateValues { name: "Anna Karlsson", business: "Bilar", car_model: None, service_interest: None };

fn render(text: &str, values: &TemplateValues<'_>) -> String {
    TemplateText::parse(text).unwrap().render(values)
}

#[test]
fn placeholders_are_replaced_by_values() {
    let known = TemplateValues { car_model: Some("E-Class"), ..ANNA };
    assert_eq!(render("Hi {{first_name}}, how was {{ car_model }}?", &known), "Hi Anna, how was E-Class?");
    assert_eq!(render("How was {{car_model}}?", &ANNA), "How was the car?");
    assert_eq!(render("How was {{car_model | your drive}}? {{business}}", &ANNA), "How was your drive? Bilar");
    assert_eq!(render("{ braces } stay", &ANNA), "{ braces } stay");
}

#[test]
fn values_are_neither_parsed_nor_break_lines() {
    let typed = TemplateValues { name: "{{business}}\nVisit  evil", ..ANNA };
    assert_eq!(render("Hi {{name}}!", &typed), "Hi {{business}} Visit evil!");
    let long = "x".repeat(500);
    assert_eq!(render("{{name}}", &TemplateValues { name: &long, ..ANNA }).len(), MAX_VALUE_CHARS);
}

#[test]
fn invalid_placeholders_are_rejected() {
    for (bad, named) in [
        ("Hi {{phone}}", "{{phone}}"),
        ("Hi {{}}", "{{}}"),
        ("Hi {{first_name", "close"),
        ("Hi first_name}}", "open"),
        ("{{first_name}} {{secret|x}}", "{{secret}}"),
        ("{{car_model|}}", "{{car_model|}}"),
        ("{{car_model|a|b}}", "single fallback"),
    ] {
        let reason = TemplateText::parse(bad).unwrap_err();
        assert!(reason.contains(named), "{bad}: {reason}");
    }
}

/// Returns what a message shows for a name that the lead has.
fn shown(name: &str) -> String {
    render("{{name}}", &TemplateValues { name, ..ANNA })
}

#[test]
fn names_stay_as_they_are() {
    for name in [
        "Anna J.R. Smith",
        "O'Brien",
        "Audi A4 2.0 TDI",
        "Golf 1.4TSI",
        "BMW 320d, 10:30",
        "Smith, Inc.",
        "1.500.000",
        "24.12.",
        "3:1",
        "e.V.",
        ".NET developer",
        "C#/C++ & Co.",
        "Zoë Åkesson-Łuk",
        "أحمد",
        "王小明",
    ] {
        assert_eq!(shown(name), name);
    }
}

#[test]
fn links_of_values_are_broken_and_readable() {
    for (name, broken) in [
        ("http://evil.example/win", "http: //evil. example/win"),
        ("HTTPS://evil.com", "HTTPS: //evil. com"),
        ("www.evil", "www. evil"),
        ("bit.ly/x", "bit. ly/x"),
        ("evil.com.", "evil. com."),
        ("(evil.com)", "(evil. com)"),
        ("a.b.co.uk", "a.b. co. uk"),
        ("mailto:a@evil.com", "mailto: a@ evil. com"),
        ("tel:+46900123456", "tel: +46900123456"),
        ("javascript:alert(1)", "javascript: alert(1)"),
        ("localhost:8080", "localhost: 8080"),
        ("1.2.3.4/x", "1. 2.3.4/x"),
        ("\\\\evil\\share", "\\ \\evil\\share"),
        ("例子.公司", "例子. 公司"),
        ("evil。com", "evil。 com"),
        ("evil．com", "evil． com"),
        ("ｅｖｉｌ．ｃｏｍ", "ｅｖｉｌ． ｃｏｍ"),
        ("http：//evil", "http： //evil"),
        ("evil.xn--p1ai", "evil. xn--p1ai"),
        ("ev\u{200b}il.\u{2060}com", "evil. com"),
        ("\u{202e}moc.live\u{202c}", "moc. live"),
        ("evil\u{ad}.com\nwin.example", "evil. com win. example"),
        ("Dr.Müller", "Dr. Müller"),
        ("St.Pierre", "St. Pierre"),
        ("Node.js", "Node. js"),
    ] {
        assert_eq!(shown(name), broken, "{name:?}");
    }
}

#[test]
fn values_make_no_link_with_their_neighbours() {
    let values = TemplateValues { name: "evil", car_model: Some("com/win"), service_interest: Some("mailto"), ..ANNA };
    assert_eq!(render("{{name}}.{{car_model}}", &values), "evil. com/win");
    assert_eq!(render("{{name}}.com", &values), "evil. com");
    assert_eq!(render("www.{{car_model}}", &values), "www. com/win");
    assert_eq!(render("{{service_interest}}:{{name}}@example", &values), "mailto: evil@ example");
    assert_eq!(render("Dear {{name}}. Thank you: {{car_model}}.", &values), "Dear evil. Thank you: com/win.");
}

#[test]
fn links_of_the_operator_stay() {
    let text = "Book at https://bilar.example/book?a=1.2, or write to anna@bilar.example. {{business}} {{name}}";
    let values = TemplateValues { name: "evil.com", business: "Bilar.se", ..ANNA };
    let expected = "Book at https://bilar.example/book?a=1.2, or write to anna@bilar.example. Bilar.se evil. com";
    assert_eq!(render(text, &values), expected);
}

#[test]
fn subjects_have_one_line() {
    let values =
        TemplateValues { name: "Anna\r\nBcc: x@example.com\u{2028}\u{85}z", business: "Bil\nar\u{200f}", ..ANNA };
    let subject = TemplateText::parse_subject("Hi {{name}}").unwrap().render(&values);
    assert_eq!(subject, "Hi Anna Bcc: x@ example. com z");
    assert_eq!(values.default_subject(), "Bil ar");
}

#[test]
fn long_messages_shorten_the_values() {
    let long = "x.y".repeat(100);
    let text = format!("{} Reply STOP", "{{name}}{{car_model}} ".repeat(44));
    let filled = render(&text, &TemplateValues { name: &long, car_model: Some(&long), ..ANNA });
    assert!(filled.ends_with(" Reply STOP"), "the operator's text is kept");
    assert!(filled.chars().count() <= MAX_FILLED_CHARS && filled.contains('x'), "{}", filled.chars().count());
    let short = render("{{name}} Reply STOP", &TemplateValues { name: &long, ..ANNA });
    assert!(short.chars().count() <= 2 * MAX_VALUE_CHARS + " Reply STOP".len());
}

/// Returns whether a text has something that a mail program or messenger may make a link of. More than one of them
/// does: linkify has the rules of URLs and addresses, and the second rule those of domains without a scheme.
fn has_link(text: &str) -> bool {
    let mut finder = linkify::LinkFinder::new();
    finder.url_must_have_scheme(false);
    let is_dot = |c: char| matches!(c, '.' | '。' | '．' | '｡' | '․' | '﹒');
    let is_domain = |token: &str| {
        let labels: Vec<_> = token.split(is_dot).collect();
        labels.windows(2).any(|pair| {
            let top: String = pair[1].chars().take_while(|c| c.is_alphanumeric()).collect();
            !pair[0].is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
        })
    };
    let has_scheme = |token: &str| {
        token.split_once([':', '：']).is_some_and(|(scheme, rest)| {
            !rest.is_empty() && scheme.chars().next_back().is_some_and(char::is_alphabetic)
        })
    };
    let has_hidden = text.chars().any(|c| crate::text::is_invisible(c) || (c.is_whitespace() && c != ' '));
    finder.links(text).next().is_some()
        || text.split(' ').any(|token| is_domain(token) || has_scheme(token))
        || has_hidden
}

#[test]
fn no_filled_text_has_a_link() {
    const PIECES: [&str; 48] = [
        "http",
        "https",
        "mailto",
        "tel",
        "javascript",
        "ftp",
        "://",
        ":",
        "//",
        "@",
        ".",
        "。",
        "．",
        "｡",
        "․",
        "com",
        "ly",
        "www",
        "evil",
        "example",
        "win",
        "公司",
        "рф",
        "xn--p1ai",
        "а",
        "A",
        "J",
        "4",
        "2",
        "10",
        "127.0.0.1",
        " ",
        "\n",
        "\u{2028}",
        "\u{200b}",
        "\u{202e}",
        "\u{ad}",
        "\u{feff}",
        "-",
        "_",
        "/",
        "?",
        "(",
        "：",
        "＠",
        "é",
        "🎉",
        "\\",
    ];
    const TEMPLATES: [&str; 6] = [
        "{{name}}",
        "Hi {{first_name}}, {{car_model}}.",
        "{{name}}{{car_model}}{{service_interest}}",
        "{{name}}.{{car_model}}:{{service_interest}}",
        "({{first_name}}@{{car_model}})",
        "{{service_interest}}/{{name}} www.{{car_model}} {{name}}.se",
    ];
    assert!(["evil.com", "http://x.example", "a@b.com", "公司.公司", "x:y", "\u{200b}"].into_iter().all(has_link));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut pick = |count: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(count).unwrap()).unwrap()
    };
    for _ in 0..20_000 {
        let mut value = || (0..=pick(9)).map(|_| PIECES[pick(PIECES.len())]).collect::<String>();
        let (name, car_model, service_interest) = (value(), value(), value());
        if [&name, &car_model, &service_interest].into_iter().any(|value| on_one_line(value, 1).is_empty()) {
            // The template's fallback is text of the operator.
            continue;
        }
        let values = TemplateValues {
            name: &name,
            business: "Bilar",
            car_model: Some(&car_model),
            service_interest: Some(&service_interest),
        };
        let filled = render(TEMPLATES[pick(TEMPLATES.len())], &values);
        assert!(!has_link(&filled), "{filled:?} of {name:?} {car_model:?} {service_interest:?}");
        assert!(filled.chars().count() <= MAX_FILLED_CHARS);
    }
}
