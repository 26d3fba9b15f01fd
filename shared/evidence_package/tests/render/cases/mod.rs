//! Cases that tests and the example render.

use domain::accounts::business::{Channel, Currency};
use domain::disputes::dispute::{DisputeReason, DisputeStatus};
use domain::disputes::evidence::EvidenceCategory;
use domain::disputes::money::Money;
use domain::disputes::transaction::TransactionStatus;
use domain::file::{FileHash, FileType};
use domain::follow_up::message::MessageStatus;
use domain::{DisputeId, EvidenceId, PackageId, Timestamp, TransactionId};
use evidence_package::{
    ChecklistItem, Customer, DisputeFacts, Exhibit, ExhibitFile, MemoryFiles, Merchant, PackageContent, Source,
    TimelineEntry, TransactionFacts,
};
use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use sha2::{Digest, Sha256};

/// A contract of three pages.
pub(crate) const CONTRACT: &[u8] = include_bytes!("../../fixtures/contract.pdf");

/// A case: what is rendered, and the files of its exhibits.
pub(crate) struct Case {
    /// Content.
    pub(crate) content: PackageContent,
    /// Files.
    pub(crate) files: MemoryFiles,
}

/// A name in a script, and the name of the script.
pub(crate) const NAMES: [(&str, &str); 14] = [
    ("Latin", "Zoë Łukasiewicz-Ångström"),
    ("Greek", "Ελένη Παπαδοπούλου"),
    ("Cyrillic", "Надежда Кузнецова"),
    ("Arabic", "محمد عبد الرحمن"),
    ("Hebrew", "שרה כהן"),
    ("Devanagari", "प्रिया शर्मा"),
    ("Chinese", "欧阳明华"),
    ("Traditional Chinese", "陳鴻圖"),
    ("Japanese", "山田さくら"),
    ("Korean", "김민준"),
    ("Thai", "สมชาย ใจดี"),
    ("Tamil", "கவிதா"),
    ("Georgian", "ნინო ბერიძე"),
    ("Armenian", "Անահիտ"),
];

fn at(day: i64, hour: i64) -> Timestamp {
    // 2026-03-01T00:00:00Z.
    Timestamp::from_millis(1_772_323_200_000 + day * 86_400_000 + hour * 3_600_000)
}

fn money(cents: i64) -> Money {
    Money { cents, currency: Currency::parse("EUR").expect("a code") }
}

/// Returns the hash of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> FileHash {
    FileHash::from_bytes(Sha256::digest(bytes).into())
}

/// Returns an entry of a timeline.
pub(crate) fn entry(at: Timestamp, title: &str, text: Option<&str>) -> TimelineEntry {
    TimelineEntry {
        at,
        title: title.to_owned(),
        detail: None,
        text: text.map(str::to_owned),
        channel: None,
        delivery: None,
        exhibit: None,
    }
}

/// Returns an e-mail message in a timeline.
pub(crate) fn message(at: Timestamp, status: MessageStatus, title: &str, text: &str) -> TimelineEntry {
    TimelineEntry { channel: Some(Channel::Email), delivery: Some(status), ..entry(at, title, Some(text)) }
}

/// Returns a case without exhibits.
pub(crate) fn bare() -> Case {
    let content = PackageContent {
        package: PackageId::derived(&[b"package"]),
        merchant: Merchant {
            name: "Bright Kitchens Ltd".to_owned(),
            details: vec!["12 Market Street, Dublin".to_owned()],
        },
        customer: Some(Customer {
            name: "Jane Smith".to_owned(),
            email: Some("jane.smith@example.com".to_owned()),
            phone: Some("+353 1 234 5678".to_owned()),
        }),
        dispute: DisputeFacts {
            id: DisputeId::derived(&[b"dispute"]),
            reason: DisputeReason::NotReceived,
            status: DisputeStatus::Open,
            money: money(248_050),
            network: Some("Mastercard".to_owned()),
            opened_at: at(40, 9),
            respond_by: at(61, 0),
            claim: Some("The kitchen worktop I paid for was never delivered, and nobody answered my calls.".to_owned()),
        },
        transaction: Some(TransactionFacts {
            id: TransactionId::derived(&[b"transaction"]),
            money: money(248_050),
            status: TransactionStatus::Disputed,
            description: Some("Oak worktop, 3.2 m, with installation".to_owned()),
            occurred_at: at(9, 14),
        }),
        rebuttal: "The worktop was delivered on 18 March 2026 and installed on the same day. The delivery note is signed by \
                   the customer, the photos show the installed worktop, and the customer thanked us in writing two days \
                   later.\n\nWe ask the issuer to reverse the chargeback of EUR 2,480.50."
            .to_owned(),
        checklist: Vec::new(),
        timeline: vec![
            TimelineEntry {
                detail: Some("Source: web form".to_owned()),
                ..entry(at(0, 8), "Inquiry of the customer", Some("I need a worktop of oak, 3.2 m."))
            },
            entry(
                at(0, 8),
                "Consent to be contacted by e-mail and telephone",
                Some("I agree that Bright Kitchens contacts me about my inquiry by e-mail and telephone."),
            ),
            message(
                at(1, 10),
                MessageStatus::Sent,
                "Message to the customer: Your offer for an oak worktop",
                "Dear Jane,\n\nthank you for your inquiry. Please find our offer of EUR 2,480.50 attached; it includes \
                 delivery and installation.",
            ),
            message(at(3, 17), MessageStatus::Received, "Message from the customer", "Looks great, let's do it!"),
            entry(at(9, 14), "Payment of EUR 2,480.50 by card", None),
            entry(at(17, 11), "Delivery note signed by the customer", None),
            message(
                at(19, 18),
                MessageStatus::Received,
                "Message from the customer: Thank you",
                "The worktop looks wonderful. Thanks to the two fitters, they were very careful.",
            ),
            entry(at(40, 9), "Dispute opened by the bank of the customer", None),
        ],
        exhibits: Vec::new(),
        sources: vec![
            Source { name: "Dispute record, version 1".to_owned(), sha256: sha256(b"dispute") },
            Source { name: "Transaction record".to_owned(), sha256: sha256(b"transaction") },
            Source { name: "Lead record with consent and messages".to_owned(), sha256: sha256(b"lead") },
        ],
        generated_at: at(45, 12),
    };
    Case { content, files: MemoryFiles::new() }
}

impl Case {
    /// Adds an exhibit without a file. Returns its id.
    pub(crate) fn note(&mut self, category: EvidenceCategory, title: &str, description: &str) -> EvidenceId {
        let number = self.content.exhibits.len();
        let evidence = EvidenceId::derived(&[b"evidence", &number.to_be_bytes()]);
        self.content.exhibits.push(Exhibit {
            evidence,
            priority: u32::try_from(number + 1).expect("a small number"),
            category,
            title: Some(title.to_owned()),
            description: (!description.is_empty()).then(|| description.to_owned()),
            recorded_at: at(17, 11),
            file: None,
        });
        evidence
    }

    /// Adds an exhibit with a file. Returns its id.
    pub(crate) fn file(
        &mut self,
        category: EvidenceCategory,
        title: &str,
        file_type: FileType,
        name: &str,
        bytes: Vec<u8>,
    ) -> EvidenceId {
        let evidence = self.note(category, title, "");
        let exhibit = self.content.exhibits.last_mut().expect("just added");
        exhibit.file = Some(ExhibitFile { name: Some(name.to_owned()), file_type, sha256: sha256(&bytes) });
        self.files.insert(evidence, bytes);
        evidence
    }
}

/// Returns a photo that does not compress to nothing: areas of color with grain.
pub(crate) fn photo(seed: u32, width: u32, height: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let base = [seed * 53 % 200, seed * 97 % 200, seed * 31 % 200].map(|channel| u8::try_from(channel).expect("small"));
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let grain = u8::try_from(state % 14).expect("small");
        let tile = u8::try_from(((x * 8 / width) + (y * 8 / height)) % 5 * 9).expect("small");
        Rgb(base.map(|channel| channel + grain + tile))
    });
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 88).encode_image(&pixels).expect("an image");
    file
}

/// Returns the case that most disputes are like.
pub(crate) fn common() -> Case {
    let mut case = bare();
    let note = case.file(
        EvidenceCategory::Delivery,
        "Delivery note signed by the customer",
        FileType::Jpeg,
        "delivery-note.jpg",
        photo(3, 1_200, 1_600),
    );
    let contract = case.file(
        EvidenceCategory::Contract,
        "Contract with general terms",
        FileType::Pdf,
        "contract.pdf",
        CONTRACT.to_vec(),
    );
    let picture = case.file(
        EvidenceCategory::Photo,
        "The installed worktop",
        FileType::Jpeg,
        "IMG_2041.jpg",
        photo(5, 2_400, 1_600),
    );
    case.content.exhibits[2].description =
        Some("Taken by our fitter on 18 March 2026 after the installation.".to_owned());
    case.note(
        EvidenceCategory::Message,
        "Telephone call with the customer",
        "On 20 March 2026 the customer called to ask for care instructions and confirmed that the worktop is in place.",
    );
    case.file(EvidenceCategory::Other, "Voice message of the customer", FileType::Mp3, "voice.mp3", vec![7; 40_000]);
    let item = |name: &str, explanation: &str, exhibits: Vec<EvidenceId>, in_timeline| ChecklistItem {
        name: name.to_owned(),
        explanation: Some(explanation.to_owned()),
        exhibits,
        in_timeline,
    };
    case.content.checklist = vec![
        item("Proof of delivery", "Signed, dated, with the address of the cardholder.", vec![note], false),
        item("Contract or terms", "As the customer accepted them.", vec![contract], false),
        item("Pictures of the product", "In use or installed.", vec![picture], false),
        item("Communication with the customer", "Messages in both directions.", vec![], true),
        item("Tracking number of the carrier", "With the date of delivery.", vec![], false),
    ];
    case.content.timeline[5].exhibit = Some(note);
    case
}

/// Returns a case with names and texts in many scripts.
pub(crate) fn scripts() -> Case {
    let mut case = common();
    case.content.customer = Some(Customer {
        name: "محمد عبد الرحمن".to_owned(),
        email: Some("mohamed@example.com".to_owned()),
        phone: None,
    });
    case.content.merchant.name = String::from("株式会社さくら家具 · Sakura Furniture");
    case.content.dispute.claim =
        Some("لم أستلم الطلب رقم 4711 من Bright Kitchens، وقد دفعت 2,480.50 EUR بالبطاقة.".to_owned());
    for (script, name) in NAMES {
        let title = format!("{script}: {name}");
        let text = format!("Signed by {name} on 18 March 2026 ✅ 👍🏽 👨‍👩‍👧");
        case.note(EvidenceCategory::Message, &title, &text);
        let entry = message(at(18, 9), MessageStatus::Received, name, &text);
        case.content.timeline.push(entry);
    }
    case.content.timeline.sort_by_key(|entry| entry.at);
    let hebrew = "קיבלתי את המשטח ביום 18.3.2026, תודה רבה! Invoice INV-2026-0042 שולמה במלואה.";
    case.note(EvidenceCategory::Message, "הודעה מהלקוחה", hebrew);
    case.note(
        EvidenceCategory::Message,
        "顧客からのメッセージ",
        "直接お届けいただき、骨董のような天板をありがとうございました。海の近くの家です。",
    );
    case
}

/// Returns a case with as many exhibits as `count`, of all kinds.
pub(crate) fn many(count: usize) -> Case {
    let mut case = bare();
    for number in 0..count {
        let seed = u32::try_from(number).expect("a small number");
        let title = format!("Evidence number {}", number + 1);
        match number % 10 {
            3 => case.file(EvidenceCategory::Contract, &title, FileType::Pdf, "contract.pdf", CONTRACT.to_vec()),
            6 => case.note(EvidenceCategory::Message, &title, "The customer confirmed the delivery by telephone."),
            8 => case.file(EvidenceCategory::Other, &title, FileType::Wav, "call.wav", vec![1; 5_000]),
            even if even % 2 == 0 => {
                case.file(EvidenceCategory::Photo, &title, FileType::Jpeg, "photo.jpg", photo(seed, 960, 720))
            }
            _ => case.file(EvidenceCategory::Receipt, &title, FileType::Jpeg, "scan.jpg", photo(seed, 600, 860)),
        };
    }
    case
}
