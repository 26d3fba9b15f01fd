//! Whether a reply means "write to me no more".
//!
//! A whole message counts, never a word within one: "Stop by at 5?" is a customer on the way. English follows what
//! the United States' rule of consent names as a clear revocation (47 CFR 64.1200(a)(10): stop, quit, end, revoke,
//! opt out, cancel, unsubscribe) and what carriers add; the other languages have the same in their own words. What
//! can as well be an answer to a question is left out: "no", "fin" (Swedish: nice), "slut" (Swedish: sold out?).

use std::collections::HashSet;
use std::sync::LazyLock;

/// Characters beyond which a message is more than a stop word.
const MAX_CHARS: usize = 200;

/// What means it, in five languages.
const PHRASES: &str = include_str!("opt_out/phrases.txt");

/// What adds nothing to it.
const COURTESIES: &str = include_str!("opt_out/courtesies.txt");

/// What may stand in the middle of a phrase as well and changes nothing.
const FILLER_WORDS: &[&str] = &["please", "pls", "plz", "bitte", "snalla"];

/// Whether `text`, as a whole, asks to be written to no more, in English, Swedish, Spanish, German or French.
///
/// Case, accents, punctuation and emoji make no difference, nor does a please or a thank you, nor saying it twice.
pub fn is_opt_out(text: &str) -> bool {
    if text.chars().count() > MAX_CHARS {
        return false;
    }
    let folded = folded(text);
    let words: Vec<_> = folded.split_whitespace().filter(|word| !FILLER_WORDS.contains(word)).collect();
    // What the message holds up to each word: unreadable, courtesies alone, or a stop as well.
    let mut read = vec![None; words.len() + 1];
    read[0] = Some(Holds::NoStop);
    for from in 0..words.len() {
        let Some(before) = read[from] else { continue };
        let mut stretch = String::new();
        for (to, word) in words.iter().enumerate().skip(from) {
            stretch.push_str(word);
            let found = if KNOWN.phrases.contains(&stretch) {
                Holds::Stop
            } else if KNOWN.courtesies.contains(&stretch) {
                before
            } else {
                continue;
            };
            read[to + 1] = read[to + 1].max(Some(found));
        }
    }
    read[words.len()] == Some(Holds::Stop)
}

/// What was read of a message so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    NoStop,
    Stop,
}

/// Phrases and courtesies as they are compared: folded and without spaces.
struct Known {
    phrases: HashSet<String>,
    courtesies: HashSet<String>,
}

static KNOWN: LazyLock<Known> =
    LazyLock::new(|| Known { phrases: phrases_of(PHRASES), courtesies: phrases_of(COURTESIES) });

/// The phrases of a file: between commas or line ends, without the lines that begin with `#`.
fn phrases_of(file: &str) -> HashSet<String> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let phrases = lines.flat_map(|line| line.split(',')).map(|phrase| folded(phrase).replace(' ', ""));
    phrases.filter(|phrase| !phrase.is_empty()).collect()
}

/// Lower case without accents; whatever is neither letter nor digit is a space.
fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => plain.push('a'),
            'è'..='ë' | 'ē' | 'ę' | 'ě' => plain.push('e'),
            'ì'..='ï' | 'ī' | 'ı' => plain.push('i'),
            'ò'..='ö' | 'ø' | 'ō' | 'ő' => plain.push('o'),
            'ù'..='ü' | 'ū' | 'ů' | 'ű' => plain.push('u'),
            'ý' | 'ÿ' => plain.push('y'),
            'ç' | 'ć' | 'č' => plain.push('c'),
            'ñ' | 'ń' => plain.push('n'),
            'š' | 'ś' => plain.push('s'),
            'ž' | 'ź' | 'ż' => plain.push('z'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            // Letters of full width, as some keyboards have them.
            'ａ'..='ｚ' => plain.extend(char::from_u32(u32::from(c) - 0xFEE0)),
            // Accents that follow their letter, and what joins or breaks without being seen.
            '\u{300}'..='\u{36F}'
            | '\u{AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2060}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' => {}
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::is_opt_out;

    fn stops(texts: &str) {
        for text in texts.split(" | ") {
            assert!(is_opt_out(text), "{text:?} asks to stop");
        }
    }

    fn goes_on(texts: &str) {
        for text in texts.split(" | ") {
            assert!(!is_opt_out(text), "{text:?} is no request to stop");
        }
    }

    #[test]
    fn english_is_understood() {
        stops(
            "STOP | stop | STOP!!! | 'stop' | STOPALL | stop all | UNSUBSCRIBE | Cancel | END | Quit | revoke | \
             OPT OUT | opt-out | OptOut | Stop texting me | please stop | Stop, please! | \
             Please stop texting me. Thanks | stop messaging me | Don't text me | dont text me again | \
             Don’t contact me anymore | do not contact me | Remove me | take me off your list | no more messages | \
             leave me alone! | s.t.o.p | S T O P | stop stop stop | STOP. Unsubscribe. | \
             hi, please stop now, thank you | STOP 🛑 | 🛑 stop ✋🏽 | ＳＴＯＰ",
        );
        for text in [" Stop. ", "\"STOP\"", "stop\n", "\u{feff}stop\u{200b}"] {
            assert!(is_opt_out(text), "{text:?}");
        }
        goes_on(
            "Stop by at 5? | I cannot stop thinking of that car | Can I stop by tomorrow | Don't stop! | \
             non-stop flight? | Is there a bus stop nearby? | The end of the month suits me | \
             Can we do it at the end of May? | weekend | Please cancel my appointment on Friday, Monday is better | \
             Can I cancel later? | How do I unsubscribe? | I quit my job, so I need a cheaper one | no | \
             No thanks | not interested | yes | ok | please | thanks | Stop? Why would I | stopped by today | \
             stops | stop-start system? | unstoppable | !!! | 🛑 | 👍 | Do not text me before noon | \
             don't call me, text me | You can remove me from the waiting list, I bought it",
        );
        for text in ["", "   "] {
            assert!(!is_opt_out(text), "{text:?}");
        }
    }

    #[test]
    fn swedish_is_understood() {
        stops(
            "STOPP | stopp! | Sluta | SLUTA NU | Avsluta | avregistrera | Avregistrera mig tack | sluta skicka | \
             Sluta skicka sms! | Snälla sluta skicka meddelanden | sluta sms:a mig | Avanmäl | AVANMÄL MIG, tack | \
             inga fler sms | Inga fler meddelanden tack! | skicka inte fler sms | Kontakta mig inte igen | \
             ta bort mitt nummer | Lämna mig ifred | lamna mig ifred | Hej, sluta tack",
        );
        assert!(is_opt_out("avanma\u{308}l mig"), "with accents apart");
        goes_on(
            "Stopp i motorn | Det blev stopp i trafiken, jag kommer senare | När slutar ni? | Slut? | Fin! | \
             fin bil | Kan jag avsluta köpet i morgon? | Jag kan inte sluta tänka på bilen | Sluta inte skriva | \
             Tack! | tack nu | Hej | Inga fler frågor | Nej tack | Ta bort mig från måndagens tid | \
             stoppar ni vid stationen?",
        );
    }

    #[test]
    fn spanish_is_understood() {
        stops(
            "PARAR | parar | ¡Para! | ¡Para ya! | BAJA | Baja por favor | alto | ¡ALTO! | Cancelar | \
             CANCELAR, gracias | no más mensajes | No mas mensajes | NO MÁS MENSAJES POR FAVOR | \
             Por favor no más mensajes | Basta | dar de baja | Quiero darme de baja | no me escriban más | \
             Deja de escribirme | déjenme en paz | no quiero recibir más mensajes | \
             Hola, no me contacten más, gracias",
        );
        assert!(is_opt_out("No me envi\u{301}en ma\u{301}s mensajes"), "with accents apart");
        goes_on(
            "Para mañana | ¿Para cuándo? | es para mi hijo | ¿Puedo parar en la tienda? | \
             La baja velocidad me preocupa | planta baja | ¿Baja el precio? | Es muy alto | \
             No más de 20.000 euros | ¿Puedo cancelar la cita? | Gracias | por favor | Hola | no | \
             Necesito cancelar la cita del lunes | No me escribas antes de las 9",
        );
    }

    #[test]
    fn german_is_understood() {
        stops(
            "STOPP | Stop bitte | ABMELDEN | abmelden! | Bitte abmelden | ABBESTELLEN | Bitte abbestellen, danke | \
             Ende | aufhören | AUFHOREN | Keine Nachrichten mehr | keine nachrichten mehr bitte | \
             Bitte keine Nachrichten mehr! | Keine SMS mehr | keine E-Mails mehr | Keine Emails mehr | \
             Schreiben Sie mir nicht mehr | Lassen Sie mich in Ruhe | Hören Sie auf, mir zu schreiben | \
             Kontaktieren Sie mich bitte nicht mehr",
        );
        goes_on(
            "Ende der Woche passt mir | Ende Mai? | Wochenende | Kann ich mich vom Termin abmelden? | \
             Ich muss den Termin abmelden | Keine Nachrichten mehr erhalten, was ist los? | Keine Fragen mehr | \
             Danke | Bitte | nein | Nein danke | Hallo | Halten Sie am Bahnhof? | Haben Sie den Motor gestoppt | \
             Hört sich gut an | Schreiben Sie mir nicht vor 9 Uhr",
        );
    }

    #[test]
    fn french_is_understood() {
        stops(
            "ARRET | ARRÊT | Arrêtez | ARRETEZ | arrêtez svp | STOP SVP | Arrêtez, s'il vous plaît ! | \
             s’il vous plaît stop | DÉSABONNER | desabonner | Désabonnez-moi | DÉSINSCRIRE | désinscription | \
             Merci de me désinscrire | plus de messages | Plus de messages merci | Ne m'écrivez plus | \
             ne m’écrivez plus ! | Arrêtez de m'envoyer des messages | laissez-moi tranquille | \
             Je ne veux plus recevoir de messages",
        );
        assert!(is_opt_out("arre\u{302}tez"), "with accents apart");
        goes_on(
            "L'arrêt de bus est loin ? | Arrêtez-vous à la gare ? | Je n'arrête pas d'y penser | \
             Plus de messages demain ? | plus de photos | Vous avez plus de détails ? | \
             Puis-je annuler le rendez-vous ? | Merci | svp | Bonjour | non | Fin du mois | fin | \
             Ne m'écrivez plus avant 9 h | désabonné par erreur",
        );
    }

    #[test]
    fn a_long_message_is_more_than_a_stop_word() {
        assert!(!is_opt_out(&"stop ".repeat(100)));
        assert!(!is_opt_out(&"please ".repeat(5)));
    }
}
