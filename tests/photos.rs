//! Photos of LeadRescue's leads: validated within bounds, stored without any metadata, shown through expiring links,
//! and deleted with their leads.

mod limits;

use crate::harness::{ApiResponse, Caller, EFFECT_TIMEOUT, eventually, options, server};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::{Environment, Mode, TenantId};
use http::Method;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};
use local::{LocalServer, ServerOptions};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const MAX_PHOTO_SIZE: usize = 4 * 1024 * 1024;

/// Returns a picture that is red on the left and blue on the right.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 95).encode_image(picture).unwrap();
    file
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    PngEncoder::new(&mut file).write_image(picture, width, height, ExtendedColorType::Rgb8).unwrap();
    file
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = picture.dimensions();
    WebPEncoder::new_lossless(&mut file).encode(picture, width, height, ExtendedColorType::Rgb8).unwrap();
    file
}

/// Returns a JPEG like that of a telephone: rotated by a quarter turn, with the location in its metadata.
fn with_place(file: &[u8]) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_be_bytes()[..], &kind.to_be_bytes(), &count.to_be_bytes(), &value].concat()
    };
    // Orientation 6, a description, and a pointer to the location at offset 50.
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x03".to_vec();
    exif.extend(entry(0x0112, 3, 1, [0, 6, 0, 0]));
    exif.extend(entry(0x010e, 2, 4, *b"Bob\0"));
    exif.extend(entry(0x8825, 4, 1, [0, 0, 0, 50]));
    exif.extend([0; 4]);
    // Latitude: 59 degrees north.
    exif.extend(b"\0\x02");
    exif.extend(entry(1, 2, 2, *b"N\0\0\0"));
    exif.extend(entry(2, 5, 1, [0, 0, 0, 80]));
    exif.extend([0; 4]);
    exif.extend([0, 0, 0, 59, 0, 0, 0, 1]);
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Stockholm</x:xmpmeta>");
    [&file[..2], &segment(0xe1, &exif), &xmp, &segment(0xfe, b"Stockholm"), &file[2..], b"Stockholm"].concat()
}

fn lead_with(photo: impl Into<Value>) -> Value {
    json!({ "customer_name": "Anna Karlsson", "phone": "+46701234567", "license_photo_b64": photo.into() })
}

fn holding(file: &[u8]) -> Value {
    lead_with(STANDARD.encode(file))
}

/// Returns the only named field of a validation error, with its reason.
#[track_caller]
fn only_field(reply: &ApiResponse) -> (String, String) {
    let body = reply.expect(400);
    let fields = body["error"]["fields"].as_object().unwrap();
    assert_eq!(fields.len(), 1, "{body}");
    let (field, reason) = fields.iter().next().unwrap();
    (field.clone(), reason.as_str().unwrap().to_owned())
}

fn url_of(lead: &Value) -> &str {
    lead["license_photo_url"].as_str().unwrap_or_else(|| panic!("no link in {lead}"))
}

fn path_of(lead: &Value) -> String {
    format!("/v1/leads/{}", lead["id"].as_str().unwrap())
}

async fn shown(caller: &Caller, lead: &Value) -> RgbImage {
    let (status, file) = caller.download(url_of(lead)).await;
    assert_eq!(status, 200);
    assert_eq!(image::guess_format(&file).unwrap(), ImageFormat::Jpeg);
    image::load_from_memory(&file).unwrap().into_rgb8()
}

fn is_red(pixel: Rgb<u8>) -> bool {
    pixel.0[0] > 180 && pixel.0[2] < 70
}

/// Returns every file of callers under the data folder of a server.
fn files_in(data: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![data.join("files")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

async fn server_in(folder: &Path) -> LocalServer {
    LocalServer::start(ServerOptions { data: Some(folder.to_owned()), ..options() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_photo_encoding_is_accepted() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let plain = STANDARD.encode(jpeg(&picture(64, 32)));
    let in_lines: Vec<_> = plain.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for text in [
        plain.clone(),
        in_lines.join("\r\n"),
        in_lines.join(" "),
        format!("data:image/jpeg;base64,{plain}"),
        format!("data:image/jpg;name=licence.jpg;base64,{plain}"),
        format!("DATA:IMAGE/JPEG;BASE64,{plain}"),
        format!("data:application/octet-stream;base64,{plain}"),
        // A JPEG whose end marker is missing.
        STANDARD.encode(jpeg(&picture(64, 32)).strip_suffix(&[0xff, 0xd9]).unwrap()),
        // The declared type is ignored.
        format!("data:image/svg+xml;base64,{plain}"),
        plain.trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(webp(&picture(64, 32))),
        STANDARD.encode(png(&picture(64, 32))),
    ] {
        let made = caller.post("/v1/leads", lead_with(text)).await;
        assert!(made.text.len() < 2_000, "never bytes");
        let made = made.expect(201);
        assert!(made.get("license_photo_b64").is_none(), "{made}");
        let read = caller.get(&path_of(&made)).await.expect(200);
        for lead in [&made, &read] {
            let shown = shown(&caller, lead).await;
            assert_eq!(shown.dimensions(), (64, 32));
            assert!(is_red(*shown.get_pixel(4, 16)) && !is_red(*shown.get_pixel(60, 16)));
            for secret_text in ["Anna", "46701234567", &*caller.key] {
                assert!(!url_of(lead).contains(secret_text), "a link contains no personal data");
            }
        }
    }
    for none in [Value::Null, json!(""), json!("  \n")] {
        let made = caller.post("/v1/leads", lead_with(none)).await.expect(201);
        assert_eq!(made["license_photo_url"], Value::Null);
    }
    let without = json!({ "customer_name": "Anna Karlsson", "phone": "+46701234567" });
    assert_eq!(caller.post("/v1/leads", without).await.expect(201)["license_photo_url"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_stored_upright_without_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    let caller = Caller::lead_rescue(&server);
    let file = with_place(&jpeg(&picture(64, 32)));
    let exif = file.windows(4).filter(|four| *four == b"Exif").count();
    assert!(exif == 1 && file.windows(9).filter(|nine| *nine == b"Stockholm").count() == 3);
    let made = caller.post("/v1/leads", holding(&file)).await.expect(201);
    let shown = shown(&caller, &made).await;
    assert_eq!(shown.dimensions(), (32, 64), "a quarter to the right");
    assert!(is_red(*shown.get_pixel(16, 4)) && !is_red(*shown.get_pixel(16, 60)), "what was left is on top");
    let (_, downloaded) = caller.download(url_of(&made)).await;
    let kept = files_in(folder.path());
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(std::fs::read(&kept[0]).unwrap(), downloaded);
    for removed in [&b"Exif"[..], b"Bob", b"Stockholm", b"xmp", b"http"] {
        assert!(!downloaded.windows(removed.len()).any(|part| part == removed), "{}", String::from_utf8_lossy(removed));
    }
    // Of a file that is valid in another format as well, only the picture is kept.
    let polyglot = [jpeg(&picture(8, 8)), b"<script>alert(1)</script>PK\x05\x06".to_vec()].concat();
    let made = caller.post("/v1/leads", holding(&polyglot)).await.expect(201);
    let (_, downloaded) = caller.download(url_of(&made)).await;
    assert!(!String::from_utf8_lossy(&downloaded).contains("script"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_only_its_photo_until_it_expires() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let first = caller.post("/v1/leads", holding(&jpeg(&picture(8, 8)))).await.expect(201);
    let second = caller.post("/v1/leads", holding(&jpeg(&picture(16, 8)))).await.expect(201);
    let url = url_of(&first);
    let (place, query) = url.split_once('?').unwrap();
    let other = url_of(&second).split_once('?').unwrap().0;
    let expires: i64 = query.split('&').find_map(|pair| pair.strip_prefix("expires=")).unwrap().parse().unwrap();
    let now = i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    assert!((60..=15 * 60).contains(&(expires - now)), "for minutes: {}", expires - now);
    for forged in [
        place.to_owned(),
        format!("{other}?{query}"),
        url.replace(&format!("expires={expires}"), &format!("expires={}", expires + 1)),
        url.replace("image%2Fjpeg", "text%2Fhtml"),
        url.replace("/L/", "/T/"),
        format!("{url}0"),
    ] {
        assert_ne!(forged, url);
        let (status, file) = caller.download(&forged).await;
        assert_eq!(status, 403, "{forged}");
        assert_ne!(image::guess_format(&file).ok(), Some(ImageFormat::Jpeg));
    }
    let path = url.strip_prefix(&caller.base_url).unwrap();
    for method in [Method::PUT, Method::DELETE, Method::POST] {
        let reply = caller.send(method.clone(), path, &[("Content-Type", "image/jpeg")], Some(vec![1])).await;
        assert!([403, 405].contains(&reply.status), "{method}: {}", reply.status);
    }
    assert_eq!(caller.download(url).await.0, 200, "and nothing has touched it");
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_are_isolated_between_callers() {
    let server = server().await;
    let caller = Caller::lead_rescue(&server);
    let made = caller.post("/v1/leads", holding(&jpeg(&picture(8, 8)))).await.expect(201);
    for other in [Caller::native(&server), Caller::lead_rescue_test(&server), caller.with_key("")] {
        let reply = other.get(&path_of(&made)).await;
        assert!([401, 404].contains(&reply.status) && !reply.text.contains("/photo/"), "{}", reply.text);
    }
    // Neither other contracts nor events show the photo.
    let id = uuid::Uuid::parse_str(made["id"].as_str().unwrap().strip_prefix("l_").unwrap()).unwrap();
    for path in ["/v2/leads", "/api/v1/leads", "/api/v1/developer/leads"] {
        let shown = caller.get(&format!("{path}/{id}")).await;
        shown.expect(200);
        assert!(!shown.text.contains("photo"), "{}", shown.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_contains_a_fresh_photo_link() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    let caller = Caller::lead_rescue(&server);
    let body = || holding(&jpeg(&picture(64, 32)));
    let first = caller.post_idempotent("/v1/leads", "p-1", body()).await.expect(201);
    let converted = || async {
        let headers = [("X-Idempotency-Key", "s-1")];
        let body = json!({ "status": "converted" }).to_string().into_bytes();
        caller.send(Method::PATCH, &path_of(&first), &headers, Some(body)).await
    };
    let changed = converted().await.expect(200);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for (first, again, status) in
        [(&first, caller.post_idempotent("/v1/leads", "p-1", body()).await, 201), (&changed, converted().await, 200)]
    {
        assert_eq!(again.header("idempotent-replayed"), "true");
        let again = again.expect(status);
        assert_ne!(url_of(&again), url_of(first), "its retention is longer");
        assert_eq!(shown(&caller, &again).await.dimensions(), (64, 32));
        let mut same = again;
        same["license_photo_url"] = first["license_photo_url"].clone();
        assert_eq!(same, *first, "all else is");
    }
    // Another photo with the same idempotency key is a conflict, and leaves the stored photo unchanged.
    caller.post_idempotent("/v1/leads", "p-1", holding(&jpeg(&picture(32, 64)))).await.expect(422);
    let read = caller.get(&path_of(&first)).await.expect(200);
    assert_eq!(shown(&caller, &read).await.dimensions(), (64, 32));
    assert_eq!(files_in(folder.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_calls_keep_the_winners_photo() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    let caller = Caller::lead_rescue(&server);
    let racing = (1..=6_u32).map(|width| {
        let caller = &caller;
        async move {
            let width = if width % 2 == 0 { width * 16 } else { 16 };
            (width, caller.post_idempotent("/v1/leads", "race", holding(&jpeg(&picture(width, 16)))).await)
        }
    });
    let replies = futures_util::future::join_all(racing).await;
    assert!(replies.iter().all(|(_, reply)| [201, 422].contains(&reply.status)), "{replies:?}");
    let won: Vec<_> = replies.iter().filter(|(_, reply)| reply.status == 201).collect();
    assert!(!won.is_empty() && won.iter().all(|(width, _)| *width == won[0].0), "{won:?}");
    for (width, reply) in won {
        assert_eq!(shown(&caller, &reply.json()).await.dimensions(), (*width, 16));
    }
    assert_eq!(files_in(folder.path()).len(), 1, "no file of a rejected call is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_erased_with_its_lead() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    let (live, test) = (Caller::lead_rescue(&server), Caller::lead_rescue_test(&server));
    let mut made = Vec::new();
    for caller in [&live, &live, &test, &test] {
        made.push(caller.post("/v1/leads", holding(&jpeg(&picture(8, 8)))).await.expect(201));
    }
    let left = async |count: usize| {
        eventually(EFFECT_TIMEOUT, &format!("{count} photos are left"), || async {
            (files_in(folder.path()).len() == count).then_some(())
        })
        .await;
    };
    left(4).await;
    let id = |lead: &Value| uuid::Uuid::parse_str(&lead["id"].as_str().unwrap()[2..]).unwrap();
    let erased = live.delete(&format!("/v2/leads/{}", id(&made[0]))).await;
    assert_eq!(erased.status, 204, "{}", erased.text);
    left(3).await;
    assert_eq!(live.download(url_of(&made[0])).await.0, 404);
    live.get(&path_of(&made[0])).await.expect(404);
    assert_eq!(live.download(url_of(&made[1])).await.0, 200, "and no other");

    // Deleted as by a purge of the whole tenant: a removal, as at the end of a lead's retention.
    let environment = Environment { tenant: TenantId::derived(&[b"demo", b"leadRescue"]), mode: Mode::Test };
    server.store.purge(environment, || true).await.unwrap();
    left(1).await;
    assert_eq!(live.download(url_of(&made[1])).await.0, 200);
}
