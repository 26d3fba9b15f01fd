use super::is_opt_out;

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
