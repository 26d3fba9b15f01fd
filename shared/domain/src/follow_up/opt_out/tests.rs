use super::{is_email_opt_out, is_opt_in, is_opt_out};
use crate::follow_up::message::MAX_REPLY_CHARS;

fn assert_opt_outs(texts: &str) {
    for text in texts.split(" | ") {
        assert!(is_opt_out(text), "{text:?} is an opt-out");
    }
}

fn assert_no_opt_outs(texts: &str) {
    for text in texts.split(" | ") {
        assert!(!is_opt_out(text), "{text:?} is no opt-out");
    }
}

#[test]
fn english_opt_outs_are_recognized() {
    assert_opt_outs(
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
    assert_no_opt_outs(
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
fn swedish_opt_outs_are_recognized() {
    assert_opt_outs(
        "STOPP | stopp! | Sluta | SLUTA NU | Avsluta | avregistrera | Avregistrera mig tack | sluta skicka | \
         Sluta skicka sms! | Snälla sluta skicka meddelanden | sluta sms:a mig | Avanmäl | AVANMÄL MIG, tack | \
         inga fler sms | Inga fler meddelanden tack! | skicka inte fler sms | Kontakta mig inte igen | \
         ta bort mitt nummer | Lämna mig ifred | lamna mig ifred | Hej, sluta tack",
    );
    assert!(is_opt_out("avanma\u{308}l mig"), "with accents apart");
    assert_no_opt_outs(
        "Stopp i motorn | Det blev stopp i trafiken, jag kommer senare | När slutar ni? | Slut? | Fin! | \
         fin bil | Kan jag avsluta köpet i morgon? | Jag kan inte sluta tänka på bilen | Sluta inte skriva | \
         Tack! | tack nu | Hej | Inga fler frågor | Nej tack | Ta bort mig från måndagens tid | \
         stoppar ni vid stationen?",
    );
}

#[test]
fn spanish_opt_outs_are_recognized() {
    assert_opt_outs(
        "PARAR | parar | ¡Para! | ¡Para ya! | BAJA | Baja por favor | alto | ¡ALTO! | Cancelar | \
         CANCELAR, gracias | no más mensajes | No mas mensajes | NO MÁS MENSAJES POR FAVOR | \
         Por favor no más mensajes | Basta | dar de baja | Quiero darme de baja | no me escriban más | \
         Deja de escribirme | déjenme en paz | no quiero recibir más mensajes | \
         Hola, no me contacten más, gracias",
    );
    assert!(is_opt_out("No me envi\u{301}en ma\u{301}s mensajes"), "with accents apart");
    assert_no_opt_outs(
        "Para mañana | ¿Para cuándo? | es para mi hijo | ¿Puedo parar en la tienda? | \
         La baja velocidad me preocupa | planta baja | ¿Baja el precio? | Es muy alto | \
         No más de 20.000 euros | ¿Puedo cancelar la cita? | Gracias | por favor | Hola | no | \
         Necesito cancelar la cita del lunes | No me escribas antes de las 9",
    );
}

#[test]
fn german_opt_outs_are_recognized() {
    assert_opt_outs(
        "STOPP | Stop bitte | ABMELDEN | abmelden! | Bitte abmelden | ABBESTELLEN | Bitte abbestellen, danke | \
         Ende | aufhören | AUFHOREN | Keine Nachrichten mehr | keine nachrichten mehr bitte | \
         Bitte keine Nachrichten mehr! | Keine SMS mehr | keine E-Mails mehr | Keine Emails mehr | \
         Schreiben Sie mir nicht mehr | Lassen Sie mich in Ruhe | Hören Sie auf, mir zu schreiben | \
         Kontaktieren Sie mich bitte nicht mehr",
    );
    assert_no_opt_outs(
        "Ende der Woche passt mir | Ende Mai? | Wochenende | Kann ich mich vom Termin abmelden? | \
         Ich muss den Termin abmelden | Keine Nachrichten mehr erhalten, was ist los? | Keine Fragen mehr | \
         Danke | Bitte | nein | Nein danke | Hallo | Halten Sie am Bahnhof? | Haben Sie den Motor gestoppt | \
         Hört sich gut an | Schreiben Sie mir nicht vor 9 Uhr",
    );
}

#[test]
fn french_opt_outs_are_recognized() {
    assert_opt_outs(
        "ARRET | ARRÊT | Arrêtez | ARRETEZ | arrêtez svp | STOP SVP | Arrêtez, s'il vous plaît ! | \
         s’il vous plaît stop | DÉSABONNER | desabonner | Désabonnez-moi | DÉSINSCRIRE | désinscription | \
         Merci de me désinscrire | plus de messages | Plus de messages merci | Ne m'écrivez plus | \
         ne m’écrivez plus ! | Arrêtez de m'envoyer des messages | laissez-moi tranquille | \
         Je ne veux plus recevoir de messages",
    );
    assert!(is_opt_out("arre\u{302}tez"), "with accents apart");
    assert_no_opt_outs(
        "L'arrêt de bus est loin ? | Arrêtez-vous à la gare ? | Je n'arrête pas d'y penser | \
         Plus de messages demain ? | plus de photos | Vous avez plus de détails ? | \
         Puis-je annuler le rendez-vous ? | Merci | svp | Bonjour | non | Fin du mois | fin | \
         Ne m'écrivez plus avant 9 h | désabonné par erreur",
    );
}

#[test]
fn long_messages_are_no_opt_outs() {
    assert!(!is_opt_out(&"stop ".repeat(100)));
    assert!(!is_opt_out(&"please ".repeat(5)));
}
/// Returns the messages of a file of samples.
fn samples(file: &str) -> Vec<String> {
    let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.replace("\\n", "\n")).collect()
}

#[test]
fn sampled_opt_outs_are_recognized() {
    let texts = samples(include_str!("samples/opt_outs.txt"));
    let missed: Vec<_> = texts.iter().filter(|text| !is_opt_out(text) || !is_email_opt_out(text)).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn other_samples_are_no_opt_outs() {
    let texts = samples(include_str!("samples/others.txt"));
    let wrong: Vec<_> = texts.iter().filter(|text| is_opt_out(text)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    // By e-mail, the first paragraph decides.
    let wrong: Vec<_> = texts.iter().filter(|text| !text.contains("\n\n") && is_email_opt_out(text)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Texts of e-mails that say nothing but STOP, between the person's own words and what programs add.
const HISTORIES: &[&str] = &[
    "",
    "\n\nOn Mon, Nov 23, 2026 at 10:00 AM Bilar AB <info@example.com> wrote:\n> Hi Anna\n> Do you still want it?",
    "\nOn Mon, Nov 23, 2026 at 10:00 AM Bilar AB <info@example.com> wrote:\nHi Anna\nDo you still want it?",
    "\nOn Mon, Nov 23, 2026 at 10:00 AM\nBilar AB and Sons <info@example.com>\nwrote:\n\n> Hi Anna",
    "\nDen mån 23 nov. 2026 kl 10:00 skrev Bilar AB <info@example.com>:\n> Hej Anna",
    "\nEl lun, 23 nov 2026 a las 10:00, Coches (<info@example.com>) escribió:\nHola Ana, ¿sigue interesada?",
    "\nAm Mo., 23. Nov. 2026 um 10:00 Uhr schrieb Autos GmbH <info@example.com>:\n> Hallo Anna",
    "\nAm 23.11.2026 um 10:00 schrieb Autos GmbH:\nHallo Anna, haben Sie noch Interesse?",
    "\nLe lun. 23 nov. 2026 à 10:00, Autos SA <info@example.com> a écrit :\n> Bonjour Anne",
    "\n2026-11-23 10:00 GMT+01:00 Bilar AB <info@example.com>:\nHej Anna",
    "\n____\nFrom: CRM <crm@example.com>\nSent: Monday\nHi Anna",
    "\n________________________________\nFrom: CRM <crm@example.com>\nTo: Anna\nSubject: Your car\n\nHi Anna",
    "\nFrom: CRM\nHi Anna",
    "\n*From:* CRM <crm@example.com>\n*Sent:* Monday\nHi Anna",
    "\nVon: CRM\nGesendet: Montag\nAn: Anna\nBetreff: Ihr Auto\nHallo Anna",
    "\nDe : CRM\nEnvoyé : lundi\nÀ : Anne\nObjet : Votre voiture\nBonjour Anne",
    "\nDe: CRM\nEnviado el: lunes\nPara: Ana\nAsunto: Su coche\nHola Ana",
    "\nFrån: CRM\nSkickat: måndag\nTill: Anna\nÄmne: Din bil\nHej Anna",
    "\nDate: Mon, 23 Nov 2026\nSubject: Your car\nHi Anna",
    "\n-----Original Message-----\nFrom: CRM\nHi Anna",
    "\n-----Ursprüngliche Nachricht-----\nHallo Anna",
    "\n-----Ursprungligt meddelande-----\nHej Anna",
    "\n-----Mensaje original-----\nHola Ana",
    "\n-----Message d'origine-----\nBonjour Anne",
    "\n-------- Original message --------\nHi Anna",
    "\nBegin forwarded message:\nHi Anna",
    "\n> Hi Anna\n> Do you still want it?\n> Reply STOP to opt out",
    "\r\n\r\n> Hi Anna",
];

const SIGNATURES: &[&str] = &[
    "",
    "\nAnna",
    "\n\nAnna Svensson\nBilar AB\n+46 70 123 45 67",
    "\n--\nAnna Svensson\nChief Everything Officer",
    "\n-- \nAnna",
    "\nBest regards\nAnna Svensson\nSales is great",
    "\nMed vänlig hälsning,\nAnna",
    "\nMvh Anna",
    "\nMit freundlichen Grüßen\nAnna Müller",
    "\nSaludos,\nAna",
    "\nCordialement,\nAnne",
    "\nSent from my iPhone",
    "\n\nSent from my Galaxy S24",
    "\nGet Outlook for iOS",
    "\nSkickat från min iPhone",
    "\nSkickat från Outlook för Android",
    "\nEnviado desde mi iPhone",
    "\nVon meinem iPhone gesendet",
    "\nGesendet mit der GMX Mail App",
    "\nEnvoyé de mon iPhone",
    "\nEnvoyé à partir de Outlook pour iOS",
];

const GREETINGS: &[&str] = &["", "Hi,\n\n", "Hej Anna!\n", "Hallo Herr Meier,\n\n", "Bonjour,\n", "Hola,\n\n"];

const KEYWORDS: &[&str] = &[
    "STOP",
    "Stop.",
    "stop please",
    "Unsubscribe",
    "please unsubscribe me.",
    "STOPP",
    "Avregistrera mig",
    "BAJA",
    "Abmelden",
    "Bitte keine Nachrichten mehr",
    "Se désabonner",
    "Do not EVER contact me again",
    "Stop promotions",
];

/// Ways in which programs write text as HTML.
fn marked_up(text: &str, kind: usize) -> String {
    let escaped = || text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("\r\n", "\n");
    match kind {
        0 => text.to_owned(),
        1 => format!("<div>{}</div>", escaped().replace('\n', "</div><div>").replace("<div></div>", "<div><br></div>")),
        2 => format!(
            "<html><head><style>p {{ margin: 0 }}</style></head><body><p>{}</p></body></html>",
            escaped().replace('\n', "<br/>\n")
        ),
        3 => format!(
            "<div dir=\"ltr\"><b>{}</b></div>",
            escaped().replace('\n', "<br>").replace("ö", "&ouml;").replace("é", "&#233;")
        ),
        _ => format!(
            "<p class=MsoNormal><span>&nbsp;{}</span></p>",
            escaped().replace('\n', "</span></p><p class=MsoNormal><span>&#8203;")
        ),
    }
}

#[test]
fn opt_outs_survive_what_mail_programs_add() {
    // A linear congruential generator (Knuth's constants) selects combinations, the same in every run.
    let mut state = 1_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % limit
    };
    for _ in 0..700 {
        let [greeting, keyword, signature, history] =
            [GREETINGS, KEYWORDS, SIGNATURES, HISTORIES].map(|all| all[below(all.len())]);
        let text = marked_up(&format!("{greeting}{keyword}{signature}{history}"), below(5));
        assert!(is_email_opt_out(&text), "{text}");
        let other = marked_up(&format!("{greeting}Thanks, see you tomorrow{signature}{history}"), below(5));
        assert!(!is_email_opt_out(&other), "{other}");
    }
}

#[test]
fn opt_outs_in_html_emails_are_recognized() {
    for text in [
        "basta",
        "Bästa Anna,\n\nstopp",
        "<div>STOP</div>",
        "<p>STOP</p><blockquote type=\"cite\"><p>Hi Anna</p><blockquote>older</blockquote>still quoted</blockquote>",
        "<div dir=\"ltr\">Stop</div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Mon wrote:<br></div>Hi</div>",
        "<div>STOP</div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> CRM</div><div>Hi Anna</div>",
        "<html><body>STOP&nbsp;<br><br>Sent from my iPhone</body></html>",
        "<!-- comment --><style>.a{}</style><DIV>stop<BR></DIV>",
        "<p>Por favor, no me env&iacute;en m&aacute;s mensajes</p>",
        "<p>Bitte h&#246;ren Sie auf, mir zu schreiben</p>",
        "STOP<br>From: CRM &lt;a@example.com&gt;<br>Hi",
    ] {
        assert!(is_email_opt_out(text), "{text}");
    }
    for text in [
        "<div>Thanks</div><blockquote>STOP</blockquote>",
        "<p>See you</p><div class=\"gmail_quote\">Stop texting me</div>",
        "<style>STOP</style><p>Hello</p>",
        "<p>please don&#39;t stop calling me</p>",
        "I <3 it",
        "<",
        "<div",
    ] {
        assert!(!is_email_opt_out(text), "{text}");
    }
}

#[test]
fn opt_outs_below_marked_quotes_are_recognized() {
    assert!(is_email_opt_out("On Mon, 23 Nov 2026 Bilar wrote:\n> Hi Anna\n> Still there?\n\nSTOP"));
    assert!(is_email_opt_out("STOP On Mon, 23 Nov 2026 at 10:00 Bilar <a@example.com> wrote: Hi Anna"));
    assert!(is_email_opt_out("STOP Sent from my iPhone"));
    assert!(!is_email_opt_out("> STOP\nI like it"));
    assert!(!is_email_opt_out("Thanks\nOn Mon, 23 Nov 2026 Bilar wrote:\nReply STOP to opt out.\n\nSTOP"));
}

#[test]
fn opt_ins_are_keywords_alone() {
    for text in ["START", "start", "Unstop", "Start please", "STARTA", "Empezar", "Starten", "Démarrer", "START - Anna"]
    {
        assert!(is_opt_in(text), "{text}");
    }
    for text in ["When can we start?", "start?", "Start on Monday", "yes", "STOP", "don't start", "Starten Sie morgen?"]
    {
        assert!(!is_opt_in(text), "{text}");
    }
}

#[test]
fn hostile_text_is_read_in_linear_time() {
    for part in ["<a ", "<!--", "> ", "on 1 ", "stop, ", "please ", "hi ", "&", "&#", "\n", "STOP. ", "me me ", "on: "]
    {
        let text = part.repeat(MAX_REPLY_CHARS / part.len());
        let started = std::time::Instant::now();
        is_email_opt_out(&text);
        assert!(started.elapsed().as_secs() < 20, "{part:?} took {:?}", started.elapsed());
    }
}
