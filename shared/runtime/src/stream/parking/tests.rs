use super::*;
use store::{Change, change_from_images};

const TENANT: &str = "00000000000000000000000000000001";
const ID: &str = "000000000000000000000000000000aa";

fn image(kind: &str, extra: &Value) -> Value {
    let mut image = json!({ "pk": { "S": format!("{kind}#{TENANT}#L#{ID}") }, "sk": { "S": kind } });
    for (name, value) in extra.as_object().expect("attributes") {
        image[name] = value.clone();
    }
    image
}

fn record(old: &Value, new: Option<&Value>) -> Value {
    let mut record = json!({
        "eventID": "event-1",
        "eventName": "MODIFY",
        "awsRegion": "eu-north-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_780_306_200,
            "Keys": { "pk": old["pk"], "sk": old["sk"] },
            "OldImage": old,
            "SequenceNumber": "1001",
            "SizeBytes": 1,
        },
    });
    if let Some(new) = new {
        record["dynamodb"]["NewImage"] = new.clone();
    }
    record
}

fn change(record: &Value) -> Option<Change> {
    let change = EventRecord::deserialize(record).expect("a record").change;
    change_from_images(change.old_image, change.new_image).expect("readable")
}

/// Returns a lead with a photo, in so far as the stream reads one that is removed.
fn lead_with_photo() -> Value {
    let id = domain::PhotoId::derived(&[b"photo"]);
    let photo = json!({ "M": { "id": { "S": id }, "contentType": { "S": "image/png" } } });
    image("L", &json!({ "name": { "S": "Jane Smith" }, "email": { "S": "jane@example.com" }, "photo": photo }))
}

fn erased(record: &Value) -> Value {
    let environment = Environment { tenant: TenantId::derived(&[b"t"]), mode: Mode::Live };
    match content_for_lead(record, environment, LeadId::derived(&[b"l"]), None).expect("content") {
        ParkedContent::Plain { record } => record,
        encrypted @ ParkedContent::Encrypted { .. } => panic!("{encrypted:?}"),
    }
}

fn name(record: &Value) -> ParkedName {
    let reason = String::new();
    RecordToPark { consumer: "c", reason, event_id: "e", sequence_number: "1001", request_id: "r", record }.name()
}

#[test]
fn an_erased_leads_file_is_still_deleted() {
    let evidence = image(
        "EV",
        &json!({
            "lead": { "S": ID },
            "title": { "S": "Jane's roof" },
            "file": { "M": { "name": { "S": "jane.png" } } },
        }),
    );
    let tombstone = image("L", &json!({ "erasedAt": { "N": "1" } }));
    for whole in
        [record(&lead_with_photo(), Some(&tombstone)), record(&lead_with_photo(), None), record(&evidence, None)]
    {
        let parked = erased(&whole);
        assert!(matches!(change(&whole), Some(Change::PhotoRemoved { .. } | Change::EvidenceRemoved { .. })));
        assert_eq!(change(&parked), change(&whole), "the same file");
        assert_eq!(name(&parked), name(&whole), "parked again, it is stored once");
        assert!(!is_emptied(&parked) && parked["eventID"] == "event-1");
        let text = parked.to_string().to_lowercase();
        assert!(!text.contains("jane") && !text.contains("erasedat"), "{text}");
    }
}

#[test]
fn an_erased_leads_other_records_are_emptied() {
    let lead = lead_with_photo();
    let mut unreadable = lead.clone();
    unreadable["photo"] = json!({ "N": "7" });
    for whole in [record(&lead, Some(&lead)), record(&unreadable, None)] {
        let parked = erased(&whole);
        assert!(is_emptied(&parked) && !parked.to_string().to_lowercase().contains("jane"), "{parked}");
    }
}

#[test]
fn stored_records_without_a_file_are_read() {
    let environment =
        json!({ "tenant": TenantId::derived(&[b"t"]), "mode": Mode::Live, "lead": LeadId::derived(&[b"l"]) });
    let mut json = json!({ "consumer": "dispatch", "reason": "r", "requestId": "r", "parkedAt": 1 });
    for (name, value) in environment.as_object().expect("an object") {
        json[name] = value.clone();
    }
    json["encryptedRecord"] = json!("AAAA");
    let parked = ParkedRecord::parse(json.to_string().as_bytes()).expect("a record of the release before");
    assert!(matches!(parked.content, ParkedContent::Encrypted { file_removal: None, .. }), "{parked:?}");
}
